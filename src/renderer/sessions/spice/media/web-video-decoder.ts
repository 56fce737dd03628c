import { ProtocolError } from "../../../../protocols/bytes/protocol-error.ts";
import type { PixelImage } from "../../../../protocols/spice/codecs/pixel-image.ts";
import type { StreamVideoDecoder } from "../../../../protocols/spice/display/media-decoders.ts";
import { OPAQUE_ALPHA } from "../../../../protocols/spice/codecs/pixel-image.ts";
import { after } from "../../../../shared/lifecycle/timer.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { frameKindOf, type FrameCodec } from "./video-frame-kind.ts";

/** A decoder that holds a frame back for longer than this will not give it before the next one: the screen goes on. */
export const MAX_DECODE_WAIT_MS = 400;

/** More frames than this in the decoder: it is too slow for the stream, and what comes is dropped until the next key frame. */
export const MAX_FRAMES_IN_DECODER = 16;

/**
 * WebCodecs' names (codec registrations of the W3C). The level says how large pictures may be: these reach 4096 x 2304.
 * H.264 and H.265 come as Annex B byte streams, which is what a configuration without a description means.
 */
export const CODEC_STRINGS: Readonly<Record<FrameCodec, string>> = {
  vp8: "vp8",
  vp9: "vp09.00.51.08",
  h264: "avc1.640033",
  h265: "hev1.1.6.L153.B0",
};

/** What is used of WebCodecs; tests bring their own. */
export interface WebCodecs {
  readonly VideoDecoder: typeof VideoDecoder;
  readonly EncodedVideoChunk: typeof EncodedVideoChunk;
}

interface Waiting {
  readonly resolve: (image: PixelImage | undefined) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Disposable;
}

/** A stream's frames through WebCodecs' VideoDecoder. A broken frame costs the stream its pictures until the next key frame. */
export class WebVideoDecoder implements StreamVideoDecoder {
  readonly #codec: FrameCodec;
  readonly #webCodecs: WebCodecs;
  #decoder: VideoDecoder | undefined;
  #lastFrame = 0;
  readonly #waitingByFrame = new Map<number, Waiting>();
  #isDisposed = false;

  constructor(codec: FrameCodec, webCodecs: WebCodecs) {
    this.#codec = codec;
    this.#webCodecs = webCodecs;
  }

  decode(frame: Uint8Array): Promise<PixelImage | undefined> {
    if (this.#isDisposed) return Promise.resolve(undefined);
    const { isKey, isShown } = frameKindOf(this.#codec, frame);
    if (this.#decoder === undefined || this.#waitingByFrame.size >= MAX_FRAMES_IN_DECODER) {
      if (!isKey) return Promise.resolve(undefined);
      this.#begin();
    }
    const decoder = this.#decoder;
    if (decoder === undefined) return Promise.resolve(undefined);
    this.#lastFrame += 1;
    const timestamp = this.#lastFrame;
    const chunk = new this.#webCodecs.EncodedVideoChunk({ type: isKey ? "key" : "delta", timestamp, data: frame });
    const shown = isShown ? this.#waitFor(timestamp) : Promise.resolve(undefined);
    try {
      decoder.decode(chunk);
    } catch (error) {
      this.#fail(error);
    }
    return shown;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#end(undefined);
  }

  #begin(): void {
    this.#end(undefined);
    const decoder = new this.#webCodecs.VideoDecoder({
      output: (frame) => {
        this.#handleFrame(frame);
      },
      error: (error) => {
        if (this.#decoder === decoder) this.#fail(error);
      },
    });
    decoder.configure({ codec: CODEC_STRINGS[this.#codec], optimizeForLatency: true });
    this.#decoder = decoder;
  }

  #waitFor(timestamp: number): Promise<PixelImage | undefined> {
    return new Promise((resolve, reject) => {
      const timer = after(MAX_DECODE_WAIT_MS, () => {
        this.#take(timestamp)?.resolve(undefined);
      });
      this.#waitingByFrame.set(timestamp, { resolve, reject, timer });
    });
  }

  #take(timestamp: number): Waiting | undefined {
    const waiting = this.#waitingByFrame.get(timestamp);
    this.#waitingByFrame.delete(timestamp);
    waiting?.timer.dispose();
    return waiting;
  }

  #handleFrame(frame: VideoFrame): void {
    const waiting = this.#take(frame.timestamp);
    if (waiting === undefined) frame.close();
    else imageOf(frame).then(waiting.resolve, waiting.reject);
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : "unknown";
    this.#end(new ProtocolError("malformed", `a video frame that cannot be decoded: ${reason}`));
  }

  #end(error: Error | undefined): void {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    for (const timestamp of [...this.#waitingByFrame.keys()]) {
      const waiting = this.#take(timestamp);
      if (error === undefined) waiting?.resolve(undefined);
      else waiting?.reject(error);
    }
    if (decoder !== undefined && decoder.state !== "closed") decoder.close();
  }
}

/** Closes the frame: browsers have few of them. */
async function imageOf(frame: VideoFrame): Promise<PixelImage> {
  try {
    const { visibleRect } = frame;
    const width = visibleRect?.width ?? frame.codedWidth;
    const height = visibleRect?.height ?? frame.codedHeight;
    const pixels = new Uint32Array(width * height);
    await frame.copyTo(pixels, { format: "RGBA" });
    for (let at = 0; at < pixels.length; at += 1) pixels[at] = (pixels[at] ?? 0) | OPAQUE_ALPHA;
    return { width, height, pixels, alpha: "opaque" };
  } finally {
    frame.close();
  }
}
