import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { expectNoLeaks } from "../../../testing/expect-no-leaks.ts";
import {
  deferred,
  displayHarness,
  plainPixels,
  type Deferred,
  type DisplayHarness,
} from "../../../testing/spice/display-harness.ts";
import {
  body,
  drawFill,
  streamCreate,
  streamData,
  type Edges,
  type StreamForm,
} from "../../../testing/spice/display-messages.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import { DISPLAY_CAPABILITY } from "../constants/capabilities.ts";
import { DISPLAY_CLIENT_MESSAGE } from "../constants/message-types.ts";
import { FRAME_DECODE_TIMEOUT_MS, MAX_WAITING_FRAMES } from "./display-limits.ts";
import { SpiceReader } from "../wire/spice-reader.ts";

const RED = 0xff0000;
const GREEN = 0x00ff00;
const BLUE = 0x0000ff;
const WHOLE: Edges = [0, 0, 4, 2];
const VP8 = 2;

interface StreamHarness extends DisplayHarness {
  /** Frames that are being decoded, in order. */
  readonly decoding: (Deferred<PixelImage | undefined> & { readonly frame: number })[];
  /** Decoders that are alive. */
  decoders: number;
  /** The multimedia clock, in milliseconds; it runs with the fake timers. */
  now(): number;
  frame(mmTime: number, streamId?: number): void;
  /** Decodes the next frame that waits, to one colour of 4x2. */
  decodeTo(colour: number): Promise<void>;
}

let open: DisplayHarness[] = [];

function streamHarness(
  form: Partial<StreamForm> = {},
  options: Parameters<typeof displayHarness>[0] = {},
): StreamHarness {
  const decoding: StreamHarness["decoding"] = [];
  let frames = 0;
  const base = displayHarness({
    capabilities: [DISPLAY_CAPABILITY.streamReport],
    clock: { whenDue: (mmTime) => (mmTime - Date.now()) | 0 },
    streamDecoders: {
      create: (codec) => {
        if (codec === "h265") return undefined;
        harness.decoders += 1;
        return {
          decode: ([frame = 0]) => {
            const one = { ...deferred<PixelImage | undefined>(), frame };
            decoding.push(one);
            return one.promise;
          },
          dispose: () => {
            harness.decoders -= 1;
          },
        };
      },
    },
    ...options,
  });
  const harness: StreamHarness = {
    ...base,
    decoding,
    decoders: 0,
    now: () => Date.now(),
    frame: (mmTime, streamId = 1) => {
      frames += 1;
      base.give("streamData", streamData(streamId, mmTime, Uint8Array.of(frames)));
    },
    decodeTo: async (colour) => {
      decoding.shift()?.resolve(plainPixels(4, 2, colour));
      await vi.advanceTimersByTimeAsync(0);
    },
  };
  open.push(base);
  harness.give("streamCreate", streamCreate({ width: 4, height: 2, destination: WHOLE, ...form }));
  return harness;
}

/** The reports that were sent, as their eight numbers. */
function reports({ sent }: DisplayHarness): number[][] {
  return sent
    .filter(({ type }) => type === DISPLAY_CLIENT_MESSAGE.streamReport)
    .map(({ body: bytes }) => {
      const reader = new SpiceReader(bytes);
      const first = Array.from({ length: 6 }, () => reader.u32());
      return [...first, reader.i32(), reader.u32()];
    });
}

function disposeAll(): void {
  for (const { channel, session } of open) {
    channel.dispose();
    session.dispose();
  }
  open = [];
}

describe("VideoStreams", () => {
  expectNoLeaks({
    settle: () => {
      disposeAll();
      return Promise.resolve();
    },
  });
  beforeEach(() => {
    vi.useFakeTimers({ now: 100_000 });
  });
  afterEach(() => {
    disposeAll();
    vi.useRealTimers();
  });

  it("paints a frame at its time, and begins to decode it a little before", async () => {
    const { now, frame, decoding, decodeTo, row } = streamHarness();
    frame(now() + 500);
    await vi.advanceTimersByTimeAsync(430);
    expect(decoding).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(20);
    expect(decoding).toHaveLength(1);
    await decodeTo(RED);
    expect(row()).toEqual([0, 0, 0, 0]);
    await vi.advanceTimersByTimeAsync(49);
    expect(row()).toEqual([0, 0, 0, 0]);
    await vi.advanceTimersByTimeAsync(2);
    expect(row()).toEqual([RED, RED, RED, RED]);
  });

  it("lets draws that come after a due frame stay on top of it, however long decoding takes", async () => {
    const { now, frame, decodeTo, row, give } = streamHarness();
    frame(now());
    give("drawFill", drawFill(0, [1, 0, 2, 1], GREEN));
    expect(row()).toEqual([0, 0, 0, 0]);
    await decodeTo(RED);
    expect(row()).toEqual([RED, GREEN, RED, RED]);
  });

  it("lets draws pass a frame whose time is still to come", async () => {
    const { now, frame, decodeTo, row, give } = streamHarness();
    frame(now() + 30);
    give("drawFill", drawFill(0, [1, 0, 2, 1], GREEN));
    expect(row()).toEqual([0, GREEN, 0, 0]);
    await decodeTo(RED);
    await vi.advanceTimersByTimeAsync(31);
    expect(row()).toEqual([RED, RED, RED, RED]);
  });

  it("drops late frames and counts them, but shows one when the picture has grown old", async () => {
    const { now, frame, decoding, decodeTo, row, give, events } = streamHarness();
    frame(now());
    await decodeTo(RED);
    await vi.advanceTimersByTimeAsync(100);
    frame(now() - 1);
    expect(decoding).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(150);
    frame(now() - 1);
    await decodeTo(BLUE);
    expect(row()).toEqual([BLUE, BLUE, BLUE, BLUE]);
    give("streamDestroy", body().u32(1).finish());
    expect(events).toEqual([
      { event: "streamStarted", streamId: 1, codec: "mjpeg" },
      { event: "streamEnded", streamId: 1, stats: { frames: 3, dropped: 1, skipped: 0 } },
    ]);
  });

  it("decodes late frames of codecs whose later frames build on them, without painting them", async () => {
    const { now, frame, decoding, decodeTo, row, channel } = streamHarness({ codec: VP8 });
    frame(now());
    await decodeTo(RED);
    channel.setHidden(true);
    frame(now() - 100);
    expect(decoding).toHaveLength(1);
    await decodeTo(GREEN);
    expect(row()).toEqual([RED, RED, RED, RED]);
  });

  it("takes one MJPEG frame a second while hidden", async () => {
    const { now, frame, decodeTo, channel, decoding, give, events } = streamHarness();
    channel.setHidden(true);
    for (let count = 0; count < 21; count += 1) {
      frame(now());
      if (decoding.length > 0) await decodeTo(count);
      await vi.advanceTimersByTimeAsync(100);
    }
    give("streamDestroyAll");
    expect(events.at(-1)).toMatchObject({ stats: { frames: 21, dropped: 0, skipped: 18 } });
  });

  it("drops MJPEG frames that its decoder cannot keep up with", () => {
    const { now, frame, decoding, give, events } = streamHarness();
    for (let count = 0; count < 6; count += 1) frame(now());
    expect(decoding.map((one) => one.frame)).toEqual([1, 2, 3, 4]);
    give("streamDestroyAll");
    expect(events.at(-1)).toMatchObject({ stats: { frames: 6, dropped: 2 } });
  });

  it("decodes frames before their time when too many wait", () => {
    const { now, frame, decoding } = streamHarness({ codec: VP8 });
    for (let count = 0; count < MAX_WAITING_FRAMES; count += 1) frame(now() + 9000);
    expect(decoding).toHaveLength(0);
    frame(now() + 9000);
    expect(decoding.map((one) => one.frame)).toEqual([1]);
  });

  it("goes on after a frame that cannot be decoded", async () => {
    const { now, frame, decoding, decodeTo, row } = streamHarness();
    frame(now());
    frame(now());
    decoding.shift()?.reject(new Error("broken"));
    await decodeTo(GREEN);
    expect(row()).toEqual([GREEN, GREEN, GREEN, GREEN]);
  });

  it("goes on after a frame that is never decoded", async () => {
    const { now, frame, decoding, decodeTo, row } = streamHarness();
    frame(now());
    decoding.shift();
    frame(now());
    await decodeTo(GREEN);
    expect(row()).toEqual([0, 0, 0, 0]);
    await vi.advanceTimersByTimeAsync(FRAME_DECODE_TIMEOUT_MS);
    expect(row()).toEqual([GREEN, GREEN, GREEN, GREEN]);
  });

  it("scales a frame into its destination, or its own, and cuts it to the clip as it is then", async () => {
    const { now, frame, decodeTo, row, give } = streamHarness({ destination: [0, 0, 3, 1], clip: [[0, 0, 2, 1]] });
    frame(now());
    give(
      "streamClip",
      body()
        .u32(1)
        .clip([[2, 0, 4, 2]])
        .finish(),
    );
    await decodeTo(RED);
    expect(row()).toEqual([RED, RED, 0, 0]);
    const sized = body().u32(1, now(), 4, 2).rect([0, 1, 4, 2]).u32(1).u8(2);
    give("streamDataSized", sized.finish());
    await decodeTo(BLUE);
    expect([row(0), row(1)]).toEqual([
      [RED, RED, 0, 0],
      [0, 0, BLUE, BLUE],
    ]);
  });

  it("turns frames of a stream that is not top down", async () => {
    const { now, frame, decoding, row } = streamHarness({ isTopDown: false });
    frame(now());
    const picture = plainPixels(4, 2, RED);
    picture.pixels.set(plainPixels(4, 1, GREEN).pixels);
    decoding.shift()?.resolve(picture);
    await vi.advanceTimersByTimeAsync(0);
    expect([row(0), row(1)]).toEqual([
      [RED, RED, RED, RED],
      [GREEN, GREEN, GREEN, GREEN],
    ]);
  });

  it("ends with its last due frame; frames to come are not shown, and the decoder goes", async () => {
    const harness = streamHarness();
    const { now, frame, decodeTo, row, give } = harness;
    frame(now());
    frame(now() + 50);
    give("streamDestroy", body().u32(1).finish());
    expect(harness.decoders).toBe(1);
    await decodeTo(RED);
    await decodeTo(GREEN);
    await vi.advanceTimersByTimeAsync(100);
    expect([row(), harness.decoders]).toEqual([[RED, RED, RED, RED], 0]);
  });

  it("shows at once what was timed by another clock, and looks again when the clock is set", async () => {
    let offset = 0;
    const { now, frame, decodeTo, row, channel } = streamHarness(
      {},
      { clock: { whenDue: (mmTime) => (mmTime + offset - Date.now()) | 0 } },
    );
    frame(now() + 3_600_000);
    await decodeTo(RED);
    expect(row()).toEqual([RED, RED, RED, RED]);
    frame(now() + 5000);
    offset = -5000;
    channel.handleClockSet();
    await decodeTo(GREEN);
    expect(row()).toEqual([GREEN, GREEN, GREEN, GREEN]);
  });

  it("tells the server of a codec that it cannot decode, and of a stream that is not there", () => {
    const harness = streamHarness({ codec: 5, streamId: 3 });
    harness.frame(harness.now(), 9);
    expect(reports(harness)).toEqual([
      [3, 0, 0, 0, 0, 0xffff_ffff, 0, 0],
      [9, 0, 0, 0, 0, 0xffff_ffff, 0, 0],
    ]);
  });

  it("sends no report to a server that knows none", () => {
    const harness = streamHarness({ codec: 5 }, { capabilities: [] });
    expect(harness.sent).toEqual([]);
  });

  it("reports after as many frames as it was told, with the time of the first and the last", () => {
    const harness = streamHarness(
      { codec: VP8 },
      { clock: { whenDue: (mmTime) => (mmTime - Date.now()) | 0, audioDelayMs: () => 40 } },
    );
    const { now, frame, give } = harness;
    frame(now());
    give("streamActivateReport", body().u32(1, 77, 3, 60_000).finish());
    for (const margin of [20, -5, 10, 5]) frame(now() + margin);
    expect(reports(harness)).toEqual([[1, 77, now() + 20, now() + 10, 3, 1, 10, 40]]);
  });

  it("reports after the time that it was told, and after three late frames", async () => {
    const harness = streamHarness();
    const { now, frame, give } = harness;
    const start = now();
    give("streamActivateReport", body().u32(1, 77, 100, 1000).finish());
    frame(start);
    await vi.advanceTimersByTimeAsync(1000);
    frame(start + 1000);
    expect(reports(harness)).toEqual([[1, 77, start, start + 1000, 2, 0, 0, 0xffff_ffff]]);
    for (let count = 0; count < 3; count += 1) frame(start + 990);
    expect(reports(harness).at(-1)).toEqual([1, 77, start + 990, start + 990, 3, 3, -10, 0xffff_ffff]);
  });
});
