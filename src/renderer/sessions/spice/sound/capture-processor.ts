import { audioWorkletScope } from "./audio-worklet-globals.ts";
import { CAPTURE_PROCESSOR, type FromCapture } from "./sound-messages.ts";

/** Blocks of the sound card (128 frames) that are gathered for one message: about 10 ms at 48 kHz. */
const BLOCKS_PER_MESSAGE = 4;
const BLOCK_FRAMES = 128;

/** Runs in the sound card's thread: hands the microphone's sound to the SPICE worker over the port that the page hands on. */
class CaptureProcessor extends audioWorkletScope.AudioWorkletProcessor {
  #port: MessagePort | undefined;
  #gathered: Float32Array<ArrayBuffer>[] = [];
  #frames = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => {
      this.#port = data;
    };
  }

  process(inputs: Float32Array[][]): boolean {
    const input = inputs[0] ?? [];
    const frames = input[0]?.length ?? 0;
    if (frames === 0 || this.#port === undefined) return true;
    if (this.#gathered.length !== input.length) this.#begin(input.length);
    for (const [index, channel] of input.entries()) this.#gathered[index]?.set(channel, this.#frames);
    this.#frames += frames;
    if (this.#frames + frames > BLOCKS_PER_MESSAGE * BLOCK_FRAMES) this.#send();
    return true;
  }

  #begin(channelCount: number): void {
    this.#frames = 0;
    this.#gathered = Array.from({ length: channelCount }, () => new Float32Array(BLOCKS_PER_MESSAGE * BLOCK_FRAMES));
  }

  #send(): void {
    const channels = this.#gathered.map((channel) => channel.slice(0, this.#frames));
    this.#frames = 0;
    const message: FromCapture = { kind: "captured", channels };
    this.#port?.postMessage(
      message,
      channels.map(({ buffer }) => buffer),
    );
  }
}

audioWorkletScope.registerProcessor(CAPTURE_PROCESSOR, CaptureProcessor);
