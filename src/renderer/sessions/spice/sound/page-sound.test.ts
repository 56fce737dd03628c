// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ToWorker } from "../worker-messages.ts";
import { PageSound, type SoundDevices, type SoundFacts } from "./page-sound.ts";
import { CAPTURE_PROCESSOR, PLAYBACK_PROCESSOR } from "./sound-messages.ts";

const FORMAT = { channels: 2, frequencyHz: 48_000 };

class FakeContext {
  state = "suspended";
  readonly gain = { gain: { value: 1 }, connect: (next: unknown) => next };
  readonly destination = {};
  readonly scripts: string[] = [];
  readonly audioWorklet = {
    addModule: (url: string) => {
      this.scripts.push(url);
      return Promise.resolve();
    },
  };

  createGain(): unknown {
    return this.gain;
  }

  createMediaStreamSource(): unknown {
    return { connect: () => undefined };
  }

  resume(): Promise<void> {
    this.state = "running";
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.state = "closed";
    return Promise.resolve();
  }
}

function setUp(isMicrophoneRefused = false) {
  const contexts: FakeContext[] = [];
  const nodes: { name: string; ports: unknown[] }[] = [];
  const posted: ToWorker[] = [];
  const facts: SoundFacts[] = [];
  const stopped: string[] = [];
  const devices: SoundDevices = {
    createContext: () => {
      const context = new FakeContext();
      contexts.push(context);
      return context as unknown as AudioContext;
    },
    createNode: (_context, name) => {
      const node = { name, ports: [] as unknown[] };
      nodes.push(node);
      const port = { postMessage: (message: unknown) => node.ports.push(message) };
      return { port, connect: (next: unknown) => next } as unknown as AudioWorkletNode;
    },
    openMicrophone: () =>
      isMicrophoneRefused
        ? Promise.reject(new DOMException("no", "NotAllowedError"))
        : Promise.resolve({ getTracks: () => [{ stop: () => stopped.push("track") }] } as unknown as MediaStream),
    playbackScriptUrl: "/playback.js",
    captureScriptUrl: "/capture.js",
  };
  const sound = new PageSound({
    devices,
    post: (message) => posted.push(message),
    handleChange: (change) => facts.push(change),
  });
  const open = new MessageChannel();
  return { sound, contexts, nodes, posted, facts, stopped, port: open.port1 };
}

describe("PageSound", () => {
  let sound: PageSound | undefined;
  afterEach(() => {
    sound?.dispose();
  });

  it("hands the worker's port to the sound card's thread, and says that something plays", async () => {
    const all = setUp();
    sound = all.sound;
    sound.handle({ kind: "soundStarted", format: FORMAT, port: all.port });
    await vi.waitFor(() => {
      expect(all.nodes).toEqual([{ name: PLAYBACK_PROCESSOR, ports: [all.port] }]);
    });
    expect(all.contexts[0]?.scripts).toEqual(["/playback.js"]);
    expect(all.facts).toEqual([{ isPlaying: true, isMuted: false, microphone: "unwanted" }]);
    sound.handle({ kind: "soundStopped" });
    expect([all.facts.at(-1)?.isPlaying, all.contexts[0]?.state]).toEqual([false, "closed"]);
  });

  it("is as loud as the guest says, and silent while either side mutes it", async () => {
    const all = setUp();
    sound = all.sound;
    sound.handle({ kind: "soundVolume", volume: 0.25 });
    sound.handle({ kind: "soundStarted", format: FORMAT, port: all.port });
    await vi.waitFor(() => {
      expect(all.nodes).toHaveLength(1);
    });
    const level = (): number | undefined => all.contexts[0]?.gain.gain.value;
    const levels = [level()];
    sound.setMuted(true);
    levels.push(level());
    sound.setMuted(false);
    sound.handle({ kind: "soundMuted", isMuted: true });
    levels.push(level());
    sound.handle({ kind: "soundMuted", isMuted: false });
    levels.push(level());
    expect(levels).toEqual([0.25, 0, 0, 0.25]);
  });

  it("opens the microphone only for a guest that listens and a user who says so, and lets go of it", async () => {
    const all = setUp();
    sound = all.sound;
    await sound.setMicrophone(true);
    expect(all.nodes).toEqual([]);
    sound.handle({ kind: "microphoneWanted", format: FORMAT });
    expect([all.nodes.length, all.facts.at(-1)?.microphone]).toEqual([0, "wanted"]);
    await sound.setMicrophone(true);
    expect([all.nodes[0]?.name, all.posted[0]?.kind, all.facts.at(-1)?.microphone]).toEqual([
      CAPTURE_PROCESSOR,
      "microphoneOn",
      "on",
    ]);
    await sound.setMicrophone(false);
    expect([all.stopped, all.posted.at(-1)?.kind, all.facts.at(-1)?.microphone]).toEqual([
      ["track"],
      "microphoneOff",
      "wanted",
    ]);
  });

  it("tells when the microphone is refused, and is as before", async () => {
    const all = setUp(true);
    sound = all.sound;
    sound.handle({ kind: "microphoneWanted", format: FORMAT });
    await expect(sound.setMicrophone(true)).rejects.toThrow();
    expect([sound.facts.microphone, all.posted]).toEqual(["wanted", []]);
  });
});
