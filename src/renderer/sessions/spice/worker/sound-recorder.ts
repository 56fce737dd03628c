import type { RecordChannel, RecordEvent } from "../../../../protocols/spice/sound/record-channel.ts";
import type { SoundFormat } from "../../../../protocols/spice/sound/sound-format.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { canUseOpus, rawOfSamples, type OpusCodec, type Samples, type SoundEncoder } from "../media/sound-codecs.ts";
import type { FromCapture } from "../sound/sound-messages.ts";
import type { FromWorker } from "../worker-messages.ts";

export interface SoundRecorderOptions {
  readonly post: (message: FromWorker) => void;
  readonly channel: () => RecordChannel | undefined;
  readonly opus: OpusCodec | undefined;
  readonly hasServerOpus: () => boolean;
  readonly mediaNowMs: () => number;
}

/** The microphone's sound, from the sound card's thread to the guest. Nothing goes unless the guest listens and the user allowed it. */
export class SoundRecorder implements Disposable {
  readonly #options: SoundRecorderOptions;
  #port: MessagePort | undefined;
  #format: SoundFormat | undefined;
  #encoder: SoundEncoder | undefined;

  constructor(options: SoundRecorderOptions) {
    this.#options = options;
  }

  handle(event: RecordEvent): void {
    if (event.kind === "start") {
      this.#end();
      this.#format = event.format;
      this.#options.post({ kind: "microphoneWanted", format: event.format });
    } else if (event.kind === "stop") {
      this.#end();
      this.#options.post({ kind: "microphoneFree" });
    }
  }

  /** The user allowed it: blocks come over the port. */
  listen(port: MessagePort): void {
    this.#port?.close();
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FromCapture>) => {
      this.#take(data.channels);
    };
  }

  /** The user stopped it. */
  stopListening(): void {
    this.#port?.close();
    this.#port = undefined;
  }

  dispose(): void {
    this.#end();
  }

  #take(captured: Samples): void {
    const format = this.#format;
    const channel = this.#options.channel();
    if (format === undefined || channel === undefined || captured.length === 0) return;
    const samples = fitted(captured, format.channels);
    const mediaMs = this.#options.mediaNowMs();
    const { opus, hasServerOpus } = this.#options;
    if (opus === undefined || !hasServerOpus() || !canUseOpus(format)) {
      channel.sendSound("raw", mediaMs, rawOfSamples(samples));
      return;
    }
    this.#encoder ??= opus.createEncoder(format, (packet, packetMs) => {
      channel.sendSound("opus", Math.round(packetMs), packet);
    });
    this.#encoder.encode(samples, mediaMs);
  }

  #end(): void {
    this.stopListening();
    this.#encoder?.dispose();
    this.#encoder = undefined;
    this.#format = undefined;
  }
}

/** As many channels as the guest wants: the last one again, or fewer. */
function fitted(samples: Samples, channelCount: number): Samples {
  return Array.from(
    { length: channelCount },
    (_, index) => samples[Math.min(index, samples.length - 1)] ?? new Float32Array(0),
  );
}
