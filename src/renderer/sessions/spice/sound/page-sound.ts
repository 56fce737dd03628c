import type { SoundFormat } from "../../../../protocols/spice/sound/sound-format.ts";
import { DisposableStore, toDisposable, type Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { drop } from "../../../../shared/lifecycle/drop.ts";
import type { SoundMessage, ToWorker } from "../worker-messages.ts";
import { CAPTURE_PROCESSOR, PLAYBACK_PROCESSOR, type PlaybackProcessorOptions } from "./sound-messages.ts";

/** What the browser has for sound; tests bring their own. */
export interface SoundDevices {
  readonly createContext: (options: AudioContextOptions) => AudioContext;
  readonly createNode: (context: AudioContext, name: string, options: AudioWorkletNodeOptions) => AudioWorkletNode;
  readonly openMicrophone: (format: SoundFormat) => Promise<MediaStream>;
  readonly playbackScriptUrl: string;
  readonly captureScriptUrl: string;
}

export interface SoundFacts {
  /** The guest plays something. */
  readonly isPlaying: boolean;
  readonly isMuted: boolean;
  /** The guest listens to a microphone; "on": to the user's. */
  readonly microphone: "unwanted" | "wanted" | "on";
}

export interface PageSoundOptions {
  readonly devices: SoundDevices;
  readonly post: (message: ToWorker, transfer?: Transferable[]) => void;
  readonly handleChange: (facts: SoundFacts) => void;
}

/**
 * A connection's sound at the page: opens the sound card and the microphone, and joins them to the worker by ports. Samples do not
 * pass through here.
 */
export class PageSound implements Disposable {
  readonly #options: PageSoundOptions;
  #output: { readonly owned: DisposableStore; gain: GainNode | undefined } | undefined;
  #input: DisposableStore | undefined;
  #wantedFormat: SoundFormat | undefined;
  #guestVolume = 1;
  #isGuestMuted = false;
  #isMuted = false;

  constructor(options: PageSoundOptions) {
    this.#options = options;
  }

  get facts(): SoundFacts {
    return {
      isPlaying: this.#output !== undefined,
      isMuted: this.#isMuted,
      microphone: this.#input !== undefined ? "on" : this.#wantedFormat === undefined ? "unwanted" : "wanted",
    };
  }

  handle(message: SoundMessage): void {
    switch (message.kind) {
      case "soundStarted":
        drop(this.#startOutput(message.format, message.port));
        break;
      case "soundStopped":
        this.#stopOutput();
        break;
      case "soundVolume":
        this.#guestVolume = message.volume;
        this.#applyVolume();
        return;
      case "soundMuted":
        this.#isGuestMuted = message.isMuted;
        this.#applyVolume();
        return;
      case "microphoneWanted":
        this.#wantedFormat = message.format;
        break;
      case "microphoneFree":
        this.#wantedFormat = undefined;
        this.#stopInput();
    }
    this.#options.handleChange(this.facts);
  }

  /** The user's own mute, whatever the guest's volume is. */
  setMuted(isMuted: boolean): void {
    this.#isMuted = isMuted;
    this.#applyVolume();
    this.#options.handleChange(this.facts);
  }

  /** Rejects where the user or the browser refuses the microphone. Does nothing while the guest does not listen. */
  async setMicrophone(isOn: boolean): Promise<void> {
    if (!isOn) this.#stopInput();
    else if (this.#input === undefined && this.#wantedFormat !== undefined) await this.#startInput(this.#wantedFormat);
    this.#options.handleChange(this.facts);
  }

  dispose(): void {
    this.#stopOutput();
    this.#stopInput();
  }

  async #startOutput(format: SoundFormat, port: MessagePort): Promise<void> {
    this.#stopOutput();
    const { devices } = this.#options;
    const output = { owned: new DisposableStore(), gain: undefined as GainNode | undefined };
    this.#output = output;
    output.owned.defer(() => {
      port.close();
    });
    const context = devices.createContext({ sampleRate: format.frequencyHz, latencyHint: "interactive" });
    output.owned.add(closing(context));
    await context.audioWorklet.addModule(devices.playbackScriptUrl);
    if (output.owned.isDisposed) return;
    const processorOptions: PlaybackProcessorOptions = { channelCount: format.channels };
    const node = devices.createNode(context, PLAYBACK_PROCESSOR, {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [Math.min(format.channels, 2)],
      processorOptions,
    });
    output.gain = context.createGain();
    node.connect(output.gain).connect(context.destination);
    this.#applyVolume();
    node.port.postMessage(port, [port]);
    output.owned.add(resumeAtNextGesture(context));
  }

  #stopOutput(): void {
    this.#output?.owned.dispose();
    this.#output = undefined;
  }

  #applyVolume(): void {
    const { gain } = this.#output ?? {};
    if (gain !== undefined) gain.gain.value = this.#isMuted || this.#isGuestMuted ? 0 : this.#guestVolume;
  }

  async #startInput(format: SoundFormat): Promise<void> {
    const { devices, post } = this.#options;
    const owned = new DisposableStore();
    this.#input = owned;
    try {
      const stream = await devices.openMicrophone(format);
      owned.defer(() => {
        for (const track of stream.getTracks()) track.stop();
      });
      const context = devices.createContext({ sampleRate: format.frequencyHz, latencyHint: "interactive" });
      owned.add(closing(context));
      await context.audioWorklet.addModule(devices.captureScriptUrl);
      if (owned.isDisposed) return;
      const source = context.createMediaStreamSource(stream);
      const node = devices.createNode(context, CAPTURE_PROCESSOR, { numberOfInputs: 1, numberOfOutputs: 0 });
      source.connect(node);
      const { port1, port2 } = new MessageChannel();
      node.port.postMessage(port1, [port1]);
      post({ kind: "microphoneOn", port: port2 }, [port2]);
      owned.defer(() => {
        post({ kind: "microphoneOff" });
      });
    } catch (error) {
      this.#stopInput();
      throw error;
    }
  }

  #stopInput(): void {
    const input = this.#input;
    this.#input = undefined;
    input?.dispose();
  }
}

function closing(context: AudioContext): Disposable {
  return toDisposable(() => {
    drop(context.close());
  });
}

/** Browsers begin sound only after the user did something in the page: the next key or click begins it. */
function resumeAtNextGesture(context: AudioContext): Disposable {
  const resume = (): void => {
    if (context.state === "suspended") context.resume().catch(() => undefined);
  };
  resume();
  for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, resume, { capture: true });
  return toDisposable(() => {
    for (const type of ["pointerdown", "keydown"]) document.removeEventListener(type, resume, { capture: true });
  });
}
