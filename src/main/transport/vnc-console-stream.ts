import { Duplex } from "node:stream";
import { RfbServerHandshake } from "../../protocols/rfb/server-handshake.ts";
import { RfbServerInitReader } from "../../protocols/rfb/server-init.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { lostStreamError } from "./connect-error.ts";
import { protocolAppError } from "./protocol-app-error.ts";

/** Wider or higher than any real screen or wall of screens. */
export const MAX_FRAMEBUFFER_SIDE_PX = 16_384;
/** 8192 x 8192: at 4 bytes a pixel 256 MiB in the page, more is refused before the page sees it. */
export const MAX_FRAMEBUFFER_PIXELS = 67_108_864;

export interface VncConsoleStreamOptions {
  readonly address: string;
  readonly isTight: boolean;
  /** What the real server sent after its handshake. */
  readonly rest: Uint8Array;
}

/**
 * A VNC console as the page sees it: RFB 3.8 with security type None, then the real server's stream from ClientInit on,
 * untouched but for ServerInit, which is read to refuse a framebuffer that is too large. Stops reading from the server
 * while the page is behind, and from the page while the server is.
 */
export class VncConsoleStream extends Duplex {
  readonly #server: Duplex;
  readonly #address: string;
  readonly #handshake = new RfbServerHandshake();
  readonly #serverInit: RfbServerInitReader;
  #hasHandshake = false;
  #hasServerInit = false;
  /** The page's write that waits for the server's buffer to empty. */
  #waitingWrite: (() => void) | undefined;

  constructor(server: Duplex, options: VncConsoleStreamOptions) {
    super({ allowHalfOpen: false });
    this.#server = server;
    this.#address = options.address;
    this.#serverInit = new RfbServerInitReader({ isTight: options.isTight });
    // A stream without an error listener would end the process; an owner that wants the AppError listens, too.
    this.on("error", () => undefined);
    this.push(this.#handshake.start());
    server.on("drain", () => this.#continueWrite());
    server.on("error", (error) => this.destroy(lostStreamError(error, options.address)));
    server.on("end", () => this.push(null));
    server.on("close", () => {
      // After a proper end the page still reads what is buffered here.
      if (!server.readableEnded) this.destroy(lostStreamError(undefined, options.address));
    });
    server.on("data", (chunk: Buffer) => this.#receive(chunk));
    server.pause();
    if (options.rest.length > 0) this.#receive(Buffer.from(options.rest));
    if (server.destroyed) this.destroy(lostStreamError(undefined, options.address));
  }

  override _read(): void {
    this.#server.resume();
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    try {
      this.#send(this.#hasHandshake ? chunk : this.#takeHandshake(chunk), callback);
    } catch (error) {
      callback(protocolAppError(error, { address: "the viewer", protocol: "VNC" }));
    }
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#server.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#server.destroy();
    this.#continueWrite();
    callback(error);
  }

  /** Returns what is for the server. */
  #takeHandshake(chunk: Buffer): Uint8Array {
    let rest: Uint8Array = new Uint8Array(0);
    for (const output of this.#handshake.receive(chunk)) {
      if (output.kind === "send") this.push(output.bytes);
      else {
        this.#hasHandshake = true;
        rest = output.rest;
      }
    }
    return rest;
  }

  #send(bytes: Uint8Array, callback: () => void): void {
    if (bytes.length === 0 || this.#server.write(bytes)) callback();
    else this.#waitingWrite = callback;
  }

  #continueWrite(): void {
    const callback = this.#waitingWrite;
    this.#waitingWrite = undefined;
    callback?.();
  }

  #receive(chunk: Buffer): void {
    if (this.#hasServerInit) {
      if (!this.push(chunk)) this.#server.pause();
      return;
    }
    try {
      const serverInit = this.#serverInit.receive(chunk);
      if (serverInit === undefined) return;
      this.#hasServerInit = true;
      const { width, height, bytes } = serverInit;
      if (Math.max(width, height) > MAX_FRAMEBUFFER_SIDE_PX || width * height > MAX_FRAMEBUFFER_PIXELS) {
        const detail = { address: this.#address, width, height };
        throw new AppError("FRAMEBUFFER_TOO_LARGE", "framebuffer is too large", detail);
      }
      if (!this.push(bytes)) this.#server.pause();
    } catch (error) {
      this.destroy(protocolAppError(error, { address: this.#address, protocol: "VNC" }));
    }
  }
}
