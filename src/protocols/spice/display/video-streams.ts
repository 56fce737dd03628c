import type { Disposable } from "../../../shared/lifecycle/disposable.ts";
import { DISPLAY_CAPABILITY } from "../constants/capabilities.ts";
import { DISPLAY_CLIENT_MESSAGE } from "../constants/message-types.ts";
import { encodeStreamReport, encodeUnsupportedStream } from "./client-messages.ts";
import type { DisplayEvent } from "./display-events.ts";
import type { Clip, DrawOperation } from "./draw-types.ts";
import type { PresentClock, VideoDecoderFactory } from "./media-decoders.ts";
import type { OperationQueue } from "./operation-queue.ts";
import type { StreamActivateReport, StreamCreate, StreamFrame } from "./parse/display-message.ts";
import { StreamReporter } from "./stream-report.ts";
import { VideoStream } from "./video-stream.ts";

export interface VideoStreamsOptions {
  readonly decoders: VideoDecoderFactory;
  readonly clock: PresentClock;
  readonly queue: OperationQueue;
  readonly sendMessage: (type: number, body: Uint8Array) => void;
  readonly hasServerCapability: (capability: number) => boolean;
  readonly handleEvent: (event: DisplayEvent) => void;
  readonly isHidden: () => boolean;
  readonly paint: (operation: DrawOperation) => void;
}

interface OpenStream {
  readonly stream: VideoStream;
  readonly reporter: StreamReporter;
}

/** The video streams of one display channel, by the server's number. */
export class VideoStreams implements Disposable {
  readonly #options: VideoStreamsOptions;
  readonly #openById = new Map<number, OpenStream>();
  /** Destroyed by the server, with frames that still wait for their decoder. */
  readonly #ending = new Set<VideoStream>();

  constructor(options: VideoStreamsOptions) {
    this.#options = options;
  }

  /** A number that is in use is taken over: the server gave up the earlier stream. */
  create(create: StreamCreate): void {
    const { streamId, codec, width, height } = create;
    this.destroy(streamId);
    const decoder = codec === undefined ? undefined : this.#options.decoders.create(codec, { width, height });
    if (codec === undefined || decoder === undefined) {
      this.#refuse(streamId);
      return;
    }
    const stream = new VideoStream({ ...this.#options, create, decoder });
    this.#openById.set(streamId, { stream, reporter: new StreamReporter(streamId) });
    this.#options.handleEvent({ event: "streamStarted", streamId, codec });
  }

  receive(frame: StreamFrame): void {
    const open = this.#find(frame.streamId);
    if (open === undefined) return;
    const { clock } = this.#options;
    const marginMs = clock.whenDue(frame.mmTime);
    open.stream.receive(frame, marginMs);
    const report = open.reporter.count(frame.mmTime, marginMs, clock.audioDelayMs?.());
    if (report !== undefined) this.#send(encodeStreamReport(report));
  }

  setClip(streamId: number, clip: Clip): void {
    const open = this.#find(streamId);
    if (open === undefined) return;
    this.#options.queue.add({
      name: "streamClip",
      run: () => {
        open.stream.setClip(clip);
      },
    });
  }

  activateReport(request: StreamActivateReport): void {
    this.#find(request.streamId)?.reporter.activate(request);
  }

  destroy(streamId: number): void {
    const open = this.#openById.get(streamId);
    if (open === undefined) return;
    this.#openById.delete(streamId);
    this.#end(open.stream);
    this.#options.handleEvent({ event: "streamEnded", streamId, stats: open.stream.stats });
  }

  destroyAll(): void {
    for (const streamId of [...this.#openById.keys()]) this.destroy(streamId);
  }

  /** The multimedia clock was set anew. */
  reschedule(): void {
    for (const { stream } of this.#openById.values()) stream.reschedule();
  }

  dispose(): void {
    for (const { stream } of this.#openById.values()) stream.dispose();
    for (const stream of this.#ending) stream.dispose();
    this.#openById.clear();
    this.#ending.clear();
  }

  /** Its decoder goes when its due frames are painted. */
  #end(stream: VideoStream): void {
    stream.stop();
    this.#ending.add(stream);
    this.#options.queue.add({
      name: "streamDestroy",
      run: () => {
        this.#ending.delete(stream);
        stream.dispose();
      },
    });
  }

  #find(streamId: number): OpenStream | undefined {
    const open = this.#openById.get(streamId);
    if (open === undefined) this.#refuse(streamId);
    return open;
  }

  /** The server then sends the area as pictures again. */
  #refuse(streamId: number): void {
    this.#send(encodeUnsupportedStream(streamId));
  }

  #send(report: Uint8Array): void {
    if (!this.#options.hasServerCapability(DISPLAY_CAPABILITY.streamReport)) return;
    this.#options.sendMessage(DISPLAY_CLIENT_MESSAGE.streamReport, report);
  }
}
