import { describe, expect, it, vi } from "vitest";
import type { OpusCodec, Samples } from "../media/sound-codecs.ts";
import type { FromPlayback, ToPlayback } from "../sound/sound-messages.ts";
import type { FromWorker } from "../worker-messages.ts";
import { MAX_BLOCKS_UNDER_WAY, SoundPlayer } from "./sound-player.ts";

const FORMAT = { channels: 1, frequencyHz: 48_000 };
const packet = (timeMs: number, codec: "raw" | "opus" = "raw"): Parameters<SoundPlayer["handle"]>[0] => ({
  kind: "packet",
  codec,
  timeMs,
  data: Uint8Array.of(0, 0x40),
});

function startPlayer(opus?: OpusCodec) {
  const posted: FromWorker[] = [];
  const heard: number[] = [];
  const remarks: string[] = [];
  const player = new SoundPlayer({
    post: (message) => posted.push(message),
    opus,
    handleHeard: (mediaMs, queuedMs) => heard.push(mediaMs, queuedMs),
    handleRemark: (text) => remarks.push(text),
  });
  return { player, posted, heard, remarks };
}

/** The sound card's end of the port that the page was given. */
function cardOf(posted: readonly FromWorker[]) {
  const started = posted.findLast((message) => message.kind === "soundStarted");
  if (started === undefined) throw new Error("no sound was started");
  const got: ToPlayback[] = [];
  started.port.onmessage = ({ data }: MessageEvent<ToPlayback>) => got.push(data);
  return {
    got,
    close: () => started.port.close(),
    say: (message: FromPlayback) => {
      started.port.postMessage(message);
    },
  };
}

describe("SoundPlayer", () => {
  it("brings raw samples with their time to the sound card's thread, and what is heard back", async () => {
    const { player, posted, heard } = startPlayer();
    player.handle({ kind: "latency", latencyMs: 120 });
    player.handle({ kind: "start", format: FORMAT, timeMs: 1 });
    player.handle(packet(1000));
    const card = cardOf(posted);
    await vi.waitFor(() => {
      expect(card.got).toEqual([
        { kind: "target", targetMs: 120 },
        { kind: "pcm", channels: [Float32Array.of(0.5)], mediaMs: 1000 },
      ]);
    });
    card.say({ kind: "heard", mediaMs: 940, queuedMs: 60 });
    await vi.waitFor(() => {
      expect(heard).toEqual([940, 60]);
    });
    player.handle({ kind: "stop" });
    expect(posted.map(({ kind }) => kind)).toEqual(["soundStarted", "soundStopped"]);
    card.close();
  });

  it("decodes Opus, and says once where it cannot", async () => {
    const opus: OpusCodec = {
      createDecoder: (_format, handle: (samples: Samples, mediaMs: number) => void) => ({
        decode: (data, mediaMs) => {
          handle([Float32Array.from(data)], mediaMs);
        },
        dispose: () => undefined,
      }),
      createEncoder: () => {
        throw new Error("nothing is recorded here");
      },
    };
    const { player, posted } = startPlayer(opus);
    player.handle({ kind: "start", format: FORMAT, timeMs: 1 });
    player.handle(packet(7, "opus"));
    const card = cardOf(posted);
    await vi.waitFor(() => {
      expect(card.got).toEqual([{ kind: "pcm", channels: [Float32Array.of(0, 0x40)], mediaMs: 7 }]);
    });
    player.dispose();
    card.close();

    const without = startPlayer();
    without.player.handle({ kind: "start", format: FORMAT, timeMs: 1 });
    without.player.handle(packet(7, "opus"));
    expect(without.remarks).toHaveLength(1);
    without.player.dispose();
    cardOf(without.posted).close();
  });

  it("drops what a page without sound does not take", async () => {
    const { player, posted } = startPlayer();
    player.handle({ kind: "start", format: FORMAT, timeMs: 1 });
    for (let at = 0; at < MAX_BLOCKS_UNDER_WAY + 50; at += 1) player.handle(packet(at));
    const card = cardOf(posted);
    await vi.waitFor(() => {
      expect(card.got).toHaveLength(MAX_BLOCKS_UNDER_WAY);
    });
    card.say({ kind: "taken" });
    await vi.waitFor(() => {
      player.handle(packet(9999));
      expect(card.got.at(-1)).toMatchObject({ mediaMs: 9999 });
    });
    player.dispose();
    card.close();
  });

  it("tells volume as a part of the whole, and mute", () => {
    const { player, posted } = startPlayer();
    player.handle({ kind: "volume", channels: [0, 32_768] });
    player.handle({ kind: "mute", isMuted: true });
    expect(posted).toEqual([
      { kind: "soundVolume", volume: 32_768 / 65_535 },
      { kind: "soundMuted", isMuted: true },
    ]);
  });
});
