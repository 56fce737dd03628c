import { type NovncRawChannel } from "@novnc/novnc";
import { type StreamPace } from "../../../shared/contracts/api.ts";
import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { CLIENT_MESSAGE, ClientMessageSplitter, withEncodings } from "./client-messages.ts";
import { isFramebufferAccepted } from "./framebuffer-limit.ts";
import { ServerHandshakeWatch } from "./server-handshake.ts";
import { UpdatePacer } from "./update-pacer.ts";

/** Pseudo-encoding by which QEMU tells whether its pointer is absolute (rfbproto, "QEMU Pointer Motion Change"). */
export const ENCODING_POINTER_MOTION_CHANGE = -257;

export interface VncChannelOptions {
  readonly stream: WebSocket;
  /** For error texts. */
  readonly address: string;
  readonly now: () => number;
  /** The far side broke a rule or a limit; the stream is closed already. */
  readonly onFailure: (error: AppError) => void;
}

function listen<K extends keyof WebSocketEventMap>(
  target: WebSocket,
  type: K,
  listener: (event: WebSocketEventMap[K]) => void,
): Disposable {
  target.addEventListener(type, listener);
  return {
    dispose: () => {
      target.removeEventListener(type, listener);
    },
  };
}

/**
 * Stands between a stream and noVNC, which takes it for a WebSocket. It refuses a picture that is too large before noVNC
 * makes room for it, paces the requests of a hidden console, asks for the pointer's kind, and counts bytes.
 */
export class VncChannel implements NovncRawChannel, Disposable {
  // What noVNC's Websock sets and reads (1.7.0, rawChannelProps).
  binaryType = "arraybuffer";
  readonly protocol = "";
  onopen: NovncRawChannel["onopen"] = null;
  onmessage: NovncRawChannel["onmessage"] = null;
  onclose: NovncRawChannel["onclose"] = null;
  onerror: NovncRawChannel["onerror"] = null;

  readonly #options: VncChannelOptions;
  readonly #owned = new DisposableStore();
  readonly #handshake = new ServerHandshakeWatch();
  readonly #clientMessages = new ClientMessageSplitter();
  readonly #pacer: UpdatePacer;
  #receivedBytes = 0;
  #sentBytes = 0;
  #isPaced = false;
  #toldPace: StreamPace = "at-once";

  constructor(options: VncChannelOptions) {
    this.#options = options;
    const { stream } = options;
    stream.binaryType = "arraybuffer";
    this.#pacer = this.#owned.add(
      new UpdatePacer({
        now: options.now,
        send: (request) => {
          this.#write(request);
        },
      }),
    );
    this.#owned.add(
      listen(stream, "open", () => {
        this.#tellPace();
        this.onopen?.();
      }),
    );
    this.#owned.add(listen(stream, "error", (event) => this.onerror?.(event)));
    this.#owned.add(
      listen(stream, "message", (event) => {
        this.#handleMessage(event.data);
      }),
    );
    this.#owned.add(
      listen(stream, "close", (event) => {
        this.#handleClose({ code: event.code, reason: event.reason });
      }),
    );
  }

  get readyState(): number {
    return this.#options.stream.readyState;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Called by noVNC. */
  send(data: Uint8Array<ArrayBuffer>): void {
    if (!this.#handshake.isDone) {
      this.#write(data);
      return;
    }
    for (const { type, bytes } of this.#clientMessages.push(data)) {
      if (type === CLIENT_MESSAGE.setEncodings) this.#write(withEncodings(bytes, [ENCODING_POINTER_MOTION_CHANGE]));
      else if (type === CLIENT_MESSAGE.framebufferUpdateRequest && bytes[1] === 1) this.#pacer.push(bytes);
      else this.#write(bytes);
    }
  }

  /** One whole message that noVNC has no call for. */
  sendMessage(message: Uint8Array<ArrayBuffer>): void {
    this.send(message);
  }

  /** Paced: about one picture a second, each in as few messages as it takes. */
  setPaced(isPaced: boolean): void {
    this.#isPaced = isPaced;
    // Before the request that may leave now, so that its answer is not gathered.
    this.#tellPace();
    this.#pacer.setPaced(isPaced);
  }

  #tellPace(): void {
    const { stream } = this.#options;
    const pace: StreamPace = this.#isPaced ? "gather" : "at-once";
    if (stream.readyState !== stream.OPEN || pace === this.#toldPace) return;
    this.#toldPace = pace;
    stream.send(pace);
  }

  /** Called by noVNC, which then waits for `onclose`: it gets that in its next microtask, not after the closing handshake. */
  close(): void {
    this.#owned.dispose();
    this.#options.stream.close();
    queueMicrotask(() => {
      this.#handleClose({});
    });
  }

  dispose(): void {
    this.close();
  }

  #handleMessage(data: unknown): void {
    try {
      if (!(data instanceof ArrayBuffer)) throw new ProtocolError("malformed", "a text message on a byte stream");
      this.#receivedBytes += data.byteLength;
      const init = this.#handshake.push(new Uint8Array(data));
      if (init !== undefined && !isFramebufferAccepted(init.widthPx, init.heightPx)) {
        throw this.tooLarge(init.widthPx, init.heightPx);
      }
      this.onmessage?.({ data });
    } catch (error) {
      this.#fail(this.#failureOf(error));
    }
  }

  tooLarge(width: number, height: number): AppError {
    const { address } = this.#options;
    return new AppError("FRAMEBUFFER_TOO_LARGE", "framebuffer is larger than accepted", { address, width, height });
  }

  #failureOf(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const { address } = this.#options;
    const reason = error instanceof Error ? error.message : "unknown";
    const detail = { address, protocol: "VNC", reason };
    if (error instanceof ProtocolError && error.reason === "mismatch") {
      return new AppError("PROTOCOL_MISMATCH", reason, detail, { cause: error });
    }
    if (error instanceof ProtocolError && error.reason === "limit") {
      return new AppError("PROTOCOL_LIMIT", reason, detail, { cause: error });
    }
    // noVNC 1.7.0 throws plain errors from its message handler: a full receive queue, a broken zlib stream.
    return new AppError("PROTOCOL_ERROR", reason, detail, { cause: error });
  }

  #fail(error: AppError): void {
    this.close();
    this.#options.onFailure(error);
  }

  #handleClose(event: { code?: number; reason?: string }): void {
    const handler = this.onclose;
    this.onclose = null;
    this.#owned.dispose();
    handler?.(event);
  }

  #write(bytes: Uint8Array<ArrayBuffer>): void {
    const { stream } = this.#options;
    if (stream.readyState !== stream.OPEN) return;
    this.#sentBytes += bytes.length;
    stream.send(bytes);
  }
}
