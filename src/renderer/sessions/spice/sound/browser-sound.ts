import captureScriptUrl from "./capture-processor.ts?worker&url";
import playbackScriptUrl from "./playback-processor.ts?worker&url";
import type { SoundDevices } from "./page-sound.ts";

/** The browser's own sound. */
export const browserSound: SoundDevices = {
  createContext: (options) => new AudioContext(options),
  createNode: (context, name, options) => new AudioWorkletNode(context, name, options),
  openMicrophone: ({ channels, frequencyHz }) =>
    navigator.mediaDevices.getUserMedia({ audio: { channelCount: channels, sampleRate: frequencyHz } }),
  playbackScriptUrl,
  captureScriptUrl,
};
