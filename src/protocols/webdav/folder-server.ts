import type { Disposable } from "../../shared/lifecycle/disposable.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { ByteSource } from "./byte-source.ts";
import { serveConnection } from "./http-connection.ts";
import type { SharedFolder } from "./shared-folder.ts";
import { encodeFrame, FrameSplitter, MAX_FRAME_DATA_BYTES } from "./stream-multiplexer.ts";
import { WebdavServer } from "./webdav-server.ts";

/** Of one guest at a time. */
export const MAX_CONNECTIONS = 64;
/** Above this the guest is read no further until its requests have been dealt with. */
export const HIGH_WATER_BYTES = 1024 * 1024;
/** The longest piece that `receive` takes: as much as one message of a port may become. */
export const MAX_RECEIVE_BYTES = 16 * 1024 * 1024;

export interface FolderServerOptions {
  readonly folder: SharedFolder;
  readonly now: () => number;
  /** Frames for the guest. Resolves when there is room for more. */
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  /** A bug of ours. */
  readonly handleFailure: (error: unknown) => void;
}

interface Room {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function createRoom(): Room {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Serves a folder to the programs of a guest, whose connections come multiplexed through one port. */
export class FolderServer implements Disposable {
  readonly #options: FolderServerOptions;
  readonly #server: WebdavServer;
  readonly #splitter = new FrameSplitter({ maxBytes: MAX_RECEIVE_BYTES });
  readonly #sourceByClientId = new Map<bigint, ByteSource>();
  #room: Room | undefined;
  #isDisposed = false;

  constructor(options: FolderServerOptions) {
    this.#options = options;
    this.#server = new WebdavServer(options);
  }

  get connectionCount(): number {
    return this.#sourceByClientId.size;
  }

  /** Bytes of the port, cut anywhere; they must not be written to afterwards. A promise: read no further before it settles. Throws ProtocolError "limit". */
  receive(chunk: Uint8Array): Promise<void> | undefined {
    for (const { clientId, data } of this.#splitter.receive(chunk)) this.#handleFrame(clientId, data);
    if (this.#isRoomy) return undefined;
    this.#room ??= createRoom();
    return this.#room.promise;
  }

  /** Ends what goes on; the guest may connect again. */
  closeConnections(): void {
    for (const [clientId, source] of [...this.#sourceByClientId]) this.#close(clientId, source);
  }

  /** All connections end at once; nothing more is sent. */
  dispose(): void {
    this.#isDisposed = true;
    for (const source of this.#sourceByClientId.values()) source.end();
    this.#sourceByClientId.clear();
    this.#handleTaken();
  }

  get #isRoomy(): boolean {
    let total = 0;
    for (const { waitingBytes } of this.#sourceByClientId.values()) total += waitingBytes;
    return total <= HIGH_WATER_BYTES;
  }

  #handleFrame(clientId: bigint, data: Uint8Array): void {
    if (this.#isDisposed) return;
    const source = this.#sourceByClientId.get(clientId);
    if (data.length === 0) {
      source?.end();
      this.#sourceByClientId.delete(clientId);
    } else if (source === undefined) this.#open(clientId, data);
    else {
      try {
        source.push(data);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.#close(clientId, source);
      }
    }
  }

  #open(clientId: bigint, data: Uint8Array): void {
    const source = new ByteSource(() => this.#handleTaken());
    if (this.#sourceByClientId.size >= MAX_CONNECTIONS) {
      this.#sendFrame(clientId, new Uint8Array(0)).catch(this.#options.handleFailure);
      return;
    }
    this.#sourceByClientId.set(clientId, source);
    source.push(data);
    const { folder } = this.#options;
    const send = (bytes: Uint8Array): Promise<void> => this.#send(clientId, source, bytes);
    serveConnection({ source, server: this.#server, folder, send })
      .catch((error: unknown) => {
        if (!(error instanceof ClientGone)) this.#options.handleFailure(error);
      })
      .finally(() => this.#close(clientId, source));
  }

  /** Our side wants no more, or has been told already. */
  #close(clientId: bigint, source: ByteSource): void {
    source.end();
    if (this.#sourceByClientId.get(clientId) !== source) return;
    this.#sourceByClientId.delete(clientId);
    this.#handleTaken();
    this.#sendFrame(clientId, new Uint8Array(0)).catch(this.#options.handleFailure);
  }

  async #send(clientId: bigint, source: ByteSource, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += MAX_FRAME_DATA_BYTES) {
      if (this.#sourceByClientId.get(clientId) !== source) throw new ClientGone();
      await this.#sendFrame(clientId, bytes.subarray(at, at + MAX_FRAME_DATA_BYTES));
    }
  }

  async #sendFrame(clientId: bigint, data: Uint8Array): Promise<void> {
    if (!this.#isDisposed) await this.#options.send(encodeFrame({ clientId, data }));
  }

  #handleTaken(): void {
    if (this.#room === undefined || !this.#isRoomy) return;
    this.#room.resolve();
    this.#room = undefined;
  }
}

/** The program in the guest has closed its connection. */
class ClientGone extends Error {}
