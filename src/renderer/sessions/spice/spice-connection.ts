import { reportOf, type ErrorReport } from "../../../shared/contracts/error-report.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../../shared/lifecycle/event.ts";
import { type ConsoleStreams } from "../console-opener.ts";
import { browserSound } from "./sound/browser-sound.ts";
import { PageSound, type SoundDevices, type SoundFacts } from "./sound/page-sound.ts";
import { PageUsb } from "./usb/page-usb.ts";
import { browserUsb, type WebUsb } from "./usb/web-usb-types.ts";
import { type FromWorker, type ToWorker } from "./worker-messages.ts";

/** What is used of a Worker; tests bring their own. */
export interface WorkerPort {
  postMessage(message: ToWorker, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

/** Starts the worker that holds a connection's channels. */
export function startSpiceWorker(): WorkerPort {
  return new Worker(new URL("./spice-worker.ts", import.meta.url), { type: "module", name: "spice" });
}

export interface SpiceConnectionOptions {
  readonly streams: ConsoleStreams;
  /** For error texts: the guest's name. */
  readonly address: string;
  readonly startWorker: () => WorkerPort;
  /** Tests put a fake here. */
  readonly soundDevices?: SoundDevices;
  /** Tests put a fake here. */
  readonly webUsb?: WebUsb;
}

/**
 * One SPICE connection: the page's end of its worker. Tabs that show screens of the same console share one, and it ends with
 * the last of them. Gets the worker its streams; everything else is between the sessions and the worker.
 */
export class SpiceConnection implements Disposable {
  readonly #options: SpiceConnectionOptions;
  readonly #owned = new DisposableStore();
  readonly #message = this.#owned.add(new Emitter<FromWorker>());
  readonly #ended = this.#owned.add(new Emitter<ErrorReport>());
  /** All that the worker says, `ended` excepted. */
  readonly onMessage = this.#message.event;
  readonly onEnded = this.#ended.event;
  readonly #soundChange = this.#owned.add(new Emitter<SoundFacts>());
  readonly onSoundChange = this.#soundChange.event;
  /** The guest's sound is one, however many of its screens have a tab. */
  readonly sound: PageSound;
  readonly #usbChange = this.#owned.add(new Emitter<void>());
  readonly onUsbChange = this.#usbChange.event;
  readonly usb: PageUsb;
  readonly #worker: WorkerPort;
  readonly #abort = new AbortController();
  /** The last message about each thing that a tab which comes later must know of as well. */
  readonly #lastByName = new Map<string, FromWorker>();
  #end: ErrorReport | undefined;
  #lastViewId = 0;
  #lastFileId = 0;

  constructor(options: SpiceConnectionOptions) {
    this.#options = options;
    this.sound = this.#owned.add(
      new PageSound({
        devices: options.soundDevices ?? browserSound,
        post: (message, transfer) => {
          this.post(message, transfer);
        },
        handleChange: (facts) => this.#soundChange.fire(facts),
      }),
    );
    this.usb = this.#owned.add(
      new PageUsb({
        usb: options.webUsb ?? browserUsb(),
        post: (message) => {
          this.post(message);
        },
        handleChange: () => this.#usbChange.fire(),
        handleRemark: (text) => this.#message.fire({ kind: "remark", tone: "error", text }),
      }),
    );
    const worker = options.startWorker();
    this.#worker = worker;
    worker.onmessage = (event) => {
      this.#handle(event.data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#finish(reportOf(new AppError("BUG", `SPICE worker: ${event.message}`)));
    };
    this.#owned.defer(() => {
      this.#abort.abort();
      worker.onmessage = null;
      worker.onerror = null;
      worker.terminate();
    });
    this.post({ kind: "start", pass: options.streams.firstPass, address: options.address });
  }

  /** What the guest was last given; one for all tabs of the console. */
  sharedFolder: FileSystemDirectoryHandle | undefined;

  /** Why it is over; undefined while it lives. */
  get end(): ErrorReport | undefined {
    return this.#end;
  }

  createViewId(): number {
    this.#lastViewId += 1;
    return this.#lastViewId;
  }

  createFileId(): number {
    this.#lastFileId += 1;
    return this.#lastFileId;
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    if (this.#end === undefined && !this.#owned.isDisposed) this.#worker.postMessage(message, transfer);
  }

  /** What was said before: about each thing that has a state, the newest. */
  replay(handle: (message: FromWorker) => void): void {
    for (const message of [...this.#lastByName.values()]) handle(message);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #handle(message: FromWorker): void {
    if (this.#end !== undefined) return;
    switch (message.kind) {
      case "needStream":
        this.#requestStream(message.requestId, message.channel);
        return;
      case "ended":
        this.#finish(message.error);
        return;
      case "soundStarted":
      case "soundStopped":
      case "soundVolume":
      case "soundMuted":
      case "microphoneWanted":
      case "microphoneFree":
        this.sound.handle(message);
        return;
      case "usbOpened":
      case "usbClosed":
      case "usbData":
        this.usb.handle(message);
        return;
      case "presented":
      case "screenshot":
      case "remark":
      case "portData":
      case "clipboardFetched":
      case "fileProgress":
      case "fileEnded":
        break;
      case "cursorShape":
      case "cursorPlace":
        this.#lastByName.set(`${message.kind} ${message.channelId}`, message);
        break;
      default:
        this.#lastByName.set(message.kind, message);
    }
    this.#message.fire(message);
  }

  #requestStream(requestId: number, channel: Parameters<ConsoleStreams["request"]>[0]): void {
    this.#options.streams.request(channel, { signal: this.#abort.signal }).then(
      (pass) => {
        this.post({ kind: "streamReady", requestId, pass });
      },
      (error: unknown) => {
        this.post({ kind: "streamRefused", requestId, error: reportOf(error) });
      },
    );
  }

  #finish(error: ErrorReport): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.sound.dispose();
    this.usb.dispose();
    this.#worker.terminate();
    this.#ended.fire(error);
  }
}

interface Shared {
  readonly connection: SpiceConnection;
  userCount: number;
}

const sharedByStreams = new WeakMap<ConsoleStreams, Shared>();

/** One user's hold on a connection. */
export interface SpiceConnectionLease extends Disposable {
  readonly connection: SpiceConnection;
}

/** The connection over these streams: made for the first who asks, gone with the last. */
export function leaseSpiceConnection(options: SpiceConnectionOptions): SpiceConnectionLease {
  const { streams } = options;
  let shared = sharedByStreams.get(streams);
  if (shared === undefined) {
    shared = { connection: new SpiceConnection(options), userCount: 0 };
    sharedByStreams.set(streams, shared);
  }
  const mine = shared;
  mine.userCount += 1;
  let isReleased = false;
  return {
    connection: mine.connection,
    dispose: () => {
      if (isReleased) return;
      isReleased = true;
      mine.userCount -= 1;
      if (mine.userCount > 0) return;
      sharedByStreams.delete(streams);
      mine.connection.dispose();
    },
  };
}
