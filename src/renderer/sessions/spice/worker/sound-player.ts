import type { PlaybackEvent } from "../../../../protocols/spice/sound/playback-channel.ts";
import type { SoundFormat } from "../../../../protocols/spice/sound/sound-format.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { samplesOfRaw, type OpusCodec, type Samples, type SoundDecoder } from "../media/sound-codecs.ts";
import type { FromPlayback, ToPlayback } from "../sound/sound-messages.ts";
import type { FromWorker } from "../worker-messages.ts";

/** Blocks sent to the sound card's thread and not taken yet; a page that has no sound (yet) takes none. Each is 10 ms. */
export const MAX_BLOCKS_UNDER_WAY = 100;

/** A server's full volume. */
const FULL_VOLUME = 65_535;

export interface SoundPlayerOptions {
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  readonly opus: OpusCodec | undefined;
  readonly handleHeard: (mediaMs: number, queuedMs: number) => void;
  /** Sound that cannot be played, for the user. */
  readonly handleRemark: (text: string) => void;
}

interface Playing {
  readonly format: SoundFormat;
  readonly port: MessagePort;
  decoder: SoundDecoder | undefined;
  blocksUnderWay: number;
}

/** The guest's sound, from its channel to the sound card's thread. */
export class SoundPlayer implements Disposable {
  readonly #options: SoundPlayerOptions;
  #playing: Playing | undefined;
  #targetMs = 0;

  constructor(options: SoundPlayerOptions) {
    this.#options = options;
  }

  handle(event: PlaybackEvent): void {
    switch (event.kind) {
      case "start":
        this.#start(event.format);
        return;
      case "packet":
        this.#play(event);
        return;
      case "stop":
        this.#stop();
        return;
      case "volume": {
        const loudest = Math.max(0, ...event.channels) / FULL_VOLUME;
        this.#options.post({ kind: "soundVolume", volume: Math.min(loudest, 1) });
        return;
      }
      case "mute":
        this.#options.post({ kind: "soundMuted", isMuted: event.isMuted });
        return;
      case "latency":
        this.#targetMs = event.latencyMs;
        this.#send({ kind: "target", targetMs: event.latencyMs });
        return;
      case "unsupportedCodec":
        this.#options.handleRemark("The guest's sound is in a format that cannot be played here.");
    }
  }

  dispose(): void {
    this.#stop();
  }

  #start(format: SoundFormat): void {
    this.#stop();
    const { port1, port2 } = new MessageChannel();
    const playing: Playing = { format, port: port1, decoder: undefined, blocksUnderWay: 0 };
    this.#playing = playing;
    port1.onmessage = ({ data }: MessageEvent<FromPlayback>) => {
      if (data.kind === "taken") playing.blocksUnderWay -= 1;
      else if (this.#playing === playing) this.#options.handleHeard(data.mediaMs, data.queuedMs);
    };
    if (this.#targetMs > 0) this.#send({ kind: "target", targetMs: this.#targetMs });
    this.#options.post({ kind: "soundStarted", format, port: port2 }, [port2]);
  }

  #play(packet: Extract<PlaybackEvent, { kind: "packet" }>): void {
    const playing = this.#playing;
    if (playing === undefined) return;
    const { format } = playing;
    if (packet.codec === "raw") {
      this.#sendSamples(playing, samplesOfRaw(packet.data, format.channels), packet.timeMs);
      return;
    }
    if (playing.decoder === undefined) {
      if (this.#options.opus === undefined) {
        this.#options.handleRemark("The guest's sound is coded with Opus, which this browser cannot decode.");
        return;
      }
      playing.decoder = this.#options.opus.createDecoder(format, (samples, mediaMs) => {
        this.#sendSamples(playing, samples, mediaMs);
      });
    }
    playing.decoder.decode(packet.data, packet.timeMs);
  }

  #sendSamples(playing: Playing, channels: Samples, mediaMs: number): void {
    if (this.#playing !== playing || playing.blocksUnderWay >= MAX_BLOCKS_UNDER_WAY) return;
    playing.blocksUnderWay += 1;
    this.#send(
      { kind: "pcm", channels, mediaMs },
      channels.map(({ buffer }) => buffer),
    );
  }

  #send(message: ToPlayback, transfer: Transferable[] = []): void {
    this.#playing?.port.postMessage(message, transfer);
  }

  #stop(): void {
    const playing = this.#playing;
    if (playing === undefined) return;
    this.#playing = undefined;
    playing.decoder?.dispose();
    playing.port.close();
    this.#options.post({ kind: "soundStopped" });
  }
}
