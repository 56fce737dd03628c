import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { drop } from "../../../../shared/lifecycle/drop.ts";
import { MAX_DECODE_WAIT_MS, MAX_FRAMES_IN_DECODER, WebVideoDecoder, type WebCodecs } from "./web-video-decoder.ts";

const KEY = Uint8Array.of(0x10, 1);
const DELTA = Uint8Array.of(0x11, 1);
const UNSHOWN = Uint8Array.of(0x01, 1);

/** A decoder that gives its frames when the test says so. */
class FakeVideoDecoder {
  static all: FakeVideoDecoder[] = [];
  readonly init: VideoDecoderInit;
  state = "unconfigured";
  config: VideoDecoderConfig | undefined;
  readonly chunks: { type: string; timestamp: number }[] = [];
  isBroken = false;

  constructor(init: VideoDecoderInit) {
    this.init = init;
    FakeVideoDecoder.all.push(this);
  }

  configure(config: VideoDecoderConfig): void {
    this.state = "configured";
    this.config = config;
  }

  decode(chunk: { type: string; timestamp: number }): void {
    if (this.isBroken) throw new DOMException("key frame required", "DataError");
    this.chunks.push({ type: chunk.type, timestamp: chunk.timestamp });
  }

  close(): void {
    this.state = "closed";
  }

  give(timestamp: number): { isClosed: () => boolean } {
    let isClosed = false;
    const frame = {
      timestamp,
      visibleRect: { width: 2, height: 1 },
      copyTo: (target: Uint32Array) => {
        target.set([0x0000_0001, 0xff00_0002]);
        return Promise.resolve([]);
      },
      close: () => {
        isClosed = true;
      },
    };
    this.init.output(frame as unknown as VideoFrame);
    return { isClosed: () => isClosed };
  }
}

class FakeChunk {
  readonly type: string;
  readonly timestamp: number;

  constructor(init: EncodedVideoChunkInit) {
    this.type = init.type;
    this.timestamp = init.timestamp;
  }
}

const WEB_CODECS = { VideoDecoder: FakeVideoDecoder, EncodedVideoChunk: FakeChunk } as unknown as WebCodecs;

describe("WebVideoDecoder", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    FakeVideoDecoder.all = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const newest = (): FakeVideoDecoder => FakeVideoDecoder.all.at(-1)!;

  it("waits for a key frame, then gives each frame's own picture, opaque, and closes the browser's", async () => {
    const decoder = new WebVideoDecoder("vp8", WEB_CODECS);
    expect(await decoder.decode(DELTA)).toBeUndefined();
    expect(FakeVideoDecoder.all).toHaveLength(0);
    const first = decoder.decode(KEY);
    const second = decoder.decode(DELTA);
    expect(newest().config).toEqual({ codec: "vp8", optimizeForLatency: true });
    expect(newest().chunks).toEqual([
      { type: "key", timestamp: 1 },
      { type: "delta", timestamp: 2 },
    ]);
    const later = newest().give(2);
    const frame = newest().give(1);
    const image = { width: 2, height: 1, pixels: Uint32Array.of(0xff00_0001, 0xff00_0002), alpha: "opaque" };
    expect([await first, await second]).toEqual([image, image]);
    expect([frame.isClosed(), later.isClosed()]).toEqual([true, true]);
  });

  it("does not wait for a frame that is not shown", async () => {
    const decoder = new WebVideoDecoder("vp8", WEB_CODECS);
    drop(decoder.decode(KEY));
    expect(await decoder.decode(UNSHOWN)).toBeUndefined();
    expect(newest().chunks).toHaveLength(2);
  });

  it("goes on without a frame that the decoder holds back, and closes it when it comes late", async () => {
    const decoder = new WebVideoDecoder("vp8", WEB_CODECS);
    const held = decoder.decode(KEY);
    vi.advanceTimersByTime(MAX_DECODE_WAIT_MS);
    expect(await held).toBeUndefined();
    expect(newest().give(1).isClosed()).toBe(true);
  });

  it("rejects what waits when the decoder fails, and begins anew at the next key frame", async () => {
    const decoder = new WebVideoDecoder("vp8", WEB_CODECS);
    const lost = decoder.decode(KEY);
    newest().init.error(new DOMException("broken", "EncodingError"));
    await expect(lost).rejects.toMatchObject({ name: "ProtocolError", reason: "malformed" });
    expect(await decoder.decode(DELTA)).toBeUndefined();
    const again = decoder.decode(KEY);
    expect(FakeVideoDecoder.all.map(({ state }) => state)).toEqual(["closed", "configured"]);
    newest().give(2);
    expect((await again)?.width).toBe(2);
  });

  it("rejects a frame that the decoder does not take", async () => {
    const decoder = new WebVideoDecoder("vp8", WEB_CODECS);
    const before = decoder.decode(KEY);
    newest().isBroken = true;
    const refused = decoder.decode(DELTA);
    for (const frame of [before, refused]) await expect(frame).rejects.toMatchObject({ name: "ProtocolError" });
  });

  it("drops frames while the decoder is too far behind, until a key frame", async () => {
    const decoder = new WebVideoDecoder("vp8", WEB_CODECS);
    const waiting = [KEY, ...Array.from({ length: MAX_FRAMES_IN_DECODER - 1 }, () => DELTA)].map((frame) =>
      decoder.decode(frame),
    );
    expect(await decoder.decode(DELTA)).toBeUndefined();
    expect(newest().chunks).toHaveLength(MAX_FRAMES_IN_DECODER);
    drop(decoder.decode(KEY));
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => undefined));
    expect(FakeVideoDecoder.all).toHaveLength(2);
  });

  it("answers everything when it is disposed of, and decodes no more", async () => {
    const decoder = new WebVideoDecoder("vp8", WEB_CODECS);
    const waiting = decoder.decode(KEY);
    decoder.dispose();
    expect([await waiting, await decoder.decode(KEY), newest().state]).toEqual([undefined, undefined, "closed"]);
  });
});
