import { FolderServer } from "../../../../protocols/webdav/folder-server.ts";
import { FolderError, type SharedFolder } from "../../../../protocols/webdav/shared-folder.ts";
import { PortChannel, type PortChannelEvent } from "../../../../protocols/spice/port/port-channel.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { delay } from "../../../../shared/lifecycle/timer.ts";
import type { FolderFacts, FromWorker } from "../worker-messages.ts";
import type { ChannelEngine, ChannelWire } from "./channel-set.ts";

/** Bytes that the page's socket has not sent yet, above which no more of a file is read. */
export const HIGH_WATER_BYTES = 2 * 1024 * 1024;
/** How soon a socket that was full is asked again. */
const ROOM_POLL_MS = 10;

export interface FolderShareOptions {
  readonly post: (message: FromWorker) => void;
  readonly handleFailure: (error: unknown) => void;
}

/** What is shared; `isWritable` may change while it is. */
export type ShareableFolder = SharedFolder & { readonly name: string; isWritable: boolean };

/** The guest's webdav port, and the folder that the user lets it use. */
export class FolderShare implements Disposable {
  readonly #options: FolderShareOptions;
  #port: { readonly engine: PortChannel; readonly wire: ChannelWire } | undefined;
  #folder: ShareableFolder | undefined;
  #server: FolderServer | undefined;
  /** What the server sees: the folder that is shared now, or none. */
  readonly #gate: SharedFolder;

  constructor(options: FolderShareOptions) {
    this.#options = options;
    const isWritable = (): boolean => this.#folder?.isWritable === true;
    this.#gate = {
      get isWritable() {
        return isWritable();
      },
      stat: async (path) => this.#shared.stat(path),
      list: async (path) => this.#shared.list(path),
      read: async (path, startByte, lengthBytes) => this.#shared.read(path, startByte, lengthBytes),
      write: async (path) => this.#shared.write(path),
      createFolder: async (path) => this.#shared.createFolder(path),
      remove: async (path) => this.#shared.remove(path),
    };
  }

  /** The channel is there. */
  add(wire: ChannelWire): ChannelEngine {
    let incoming: Promise<void> | undefined;
    const engine = new PortChannel({
      kind: "webdav",
      sendMessage: wire.sendMessage,
      handleEvent: (event) => {
        incoming = this.#handle(event) ?? incoming;
      },
    });
    this.#port = { engine, wire };
    return {
      handleMessage: (message) => {
        incoming = undefined;
        engine.handleMessage(message);
        return incoming;
      },
      handleEnd: () => {
        if (this.#port?.engine !== engine) return;
        this.#port = undefined;
        this.#stopServer();
        this.#tell();
      },
    };
  }

  /** Undefined: no more. */
  share(folder: ShareableFolder | undefined): void {
    this.#folder = folder;
    // The server stays: only it knows where in the guest's stream a frame begins.
    this.#server?.closeConnections();
    this.#port?.engine.sendEvent(folder === undefined ? "closed" : "opened");
    this.#tell();
  }

  setWritable(isWritable: boolean): void {
    if (this.#folder !== undefined) this.#folder.isWritable = isWritable;
    this.#tell();
  }

  dispose(): void {
    this.#port = undefined;
    this.#stopServer();
  }

  #handle(event: PortChannelEvent): Promise<void> | undefined {
    switch (event.kind) {
      case "data":
        return this.#server?.receive(event.bytes.slice());
      case "init":
        if (this.#folder !== undefined) this.#port?.engine.sendEvent("opened");
        break;
      case "closed":
        this.#stopServer();
        break;
      default:
        break;
    }
    this.#startServer();
    this.#tell();
    return undefined;
  }

  /** Throws FolderError. */
  get #shared(): SharedFolder {
    if (this.#folder === undefined) throw new FolderError("refused", "no folder is shared");
    return this.#folder;
  }

  /** One for each time that the guest's end is opened: what it was in the midst of is gone with it. */
  #startServer(): void {
    const port = this.#port;
    if (this.#server !== undefined || port?.engine.isOpen !== true) return;
    const server = new FolderServer({
      folder: this.#gate,
      now: () => Date.now(),
      send: async (bytes) => {
        port.engine.write(bytes);
        while (port.wire.unsentBytes() > HIGH_WATER_BYTES && this.#server === server) await delay(ROOM_POLL_MS);
      },
      handleFailure: this.#options.handleFailure,
    });
    this.#server = server;
  }

  #stopServer(): void {
    this.#server?.dispose();
    this.#server = undefined;
  }

  #tell(): void {
    const folder: FolderFacts | undefined =
      this.#port?.engine.name === undefined
        ? undefined
        : {
            isGuestReady: this.#port.engine.isOpen,
            name: this.#folder?.name,
            isWritable: this.#folder?.isWritable === true,
          };
    this.#options.post({ kind: "folder", folder });
  }
}
