/**
 * What the SPICE worker and the sound card's own thread (an AudioWorklet) say to each other over a port: samples never pass
 * through the page's main thread.
 */
export type ToPlayback =
  | { readonly kind: "pcm"; readonly channels: Float32Array<ArrayBuffer>[]; readonly mediaMs: number }
  /** So much should be buffered before it is heard. */
  | { readonly kind: "target"; readonly targetMs: number };

export type FromPlayback =
  /** One `pcm` message was taken: the worker may have so many more under way. */
  | { readonly kind: "taken" }
  /** What is heard now; said every REPORT_MS while something plays. */
  | { readonly kind: "heard"; readonly mediaMs: number; readonly queuedMs: number };

export const REPORT_MS = 100;

/** Sound of the microphone, as floats of one channel each. */
export interface FromCapture {
  readonly kind: "captured";
  readonly channels: Float32Array<ArrayBuffer>[];
}

/** How a processor of the sound card's thread is named, and what it is told at its beginning. */
export const PLAYBACK_PROCESSOR = "switchyard-playback";
export const CAPTURE_PROCESSOR = "switchyard-capture";
export interface PlaybackProcessorOptions {
  readonly channelCount: number;
}
