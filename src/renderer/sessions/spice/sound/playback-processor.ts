import { audioWorkletScope } from "./audio-worklet-globals.ts";
import { PcmQueue } from "./pcm-queue.ts";
import {
  PLAYBACK_PROCESSOR,
  REPORT_MS,
  type FromPlayback,
  type PlaybackProcessorOptions,
  type ToPlayback,
} from "./sound-messages.ts";

/** Runs in the sound card's thread: plays what the SPICE worker sends over the port that the page hands on. */
class PlaybackProcessor extends audioWorkletScope.AudioWorkletProcessor {
  readonly #queue: PcmQueue;
  #port: MessagePort | undefined;
  #framesSinceReport = 0;

  constructor({ processorOptions }: { readonly processorOptions?: unknown }) {
    super();
    const { channelCount } = processorOptions as PlaybackProcessorOptions;
    this.#queue = new PcmQueue({ channelCount, sampleRateHz: audioWorkletScope.sampleRate });
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => {
      this.#port = data;
      data.onmessage = (event: MessageEvent<ToPlayback>) => {
        this.#handle(event.data);
      };
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0] ?? [];
    const heardMs = this.#queue.heardMediaMs;
    this.#queue.read(output);
    this.#framesSinceReport += output[0]?.length ?? 0;
    if (heardMs !== undefined && this.#framesSinceReport >= (audioWorkletScope.sampleRate * REPORT_MS) / 1000) {
      this.#framesSinceReport = 0;
      this.#post({ kind: "heard", mediaMs: heardMs, queuedMs: this.#queue.queuedMs });
    }
    return true;
  }

  #handle(message: ToPlayback): void {
    if (message.kind === "target") {
      this.#queue.setTarget(message.targetMs);
      return;
    }
    this.#queue.push(message);
    this.#post({ kind: "taken" });
  }

  #post(message: FromPlayback): void {
    this.#port?.postMessage(message);
  }
}

audioWorkletScope.registerProcessor(PLAYBACK_PROCESSOR, PlaybackProcessor);
