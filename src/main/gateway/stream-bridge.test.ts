import { once } from "node:events";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../shared/errors/app-error.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { FakeDuplex } from "../../testing/fake-duplex.ts";
import { openWebSocketPair, type WebSocketPair } from "../../testing/web-socket-pair.ts";
import { BRIDGE_HIGH_WATER_BYTES, bridgeStream } from "./stream-bridge.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes that tell their place, so that one that is lost, doubled or moved is seen. */
const numbered = (bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) buffer.writeUInt32BE(at, at);
  return buffer;
};

let pair: WebSocketPair;
let ends: (AppError | undefined)[];

beforeEach(async () => {
  pair = await openWebSocketPair();
  ends = [];
});

const bridge = (stream: FakeDuplex): { dispose: () => void } =>
  bridgeStream(stream, pair.host, (error) => ends.push(error));

/** All bytes that the page has got so far. */
const collect = (): Buffer[] => {
  const chunks: Buffer[] = [];
  pair.page.on("message", (data: Buffer, isBinary) => {
    if (isBinary) chunks.push(data);
  });
  return chunks;
};

const lengthOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 20 });

describe("bridgeStream", () => {
  expectNoLeaks({ settle: () => pair.close() });

  it("carries bytes both ways unchanged, however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 8 }),
        async (cuts, messages) => {
          await pair.close();
          pair = await openWebSocketPair();
          const stream = new FakeDuplex({ cuts });
          bridge(stream);
          const received = collect();
          const down = numbered(1000);
          stream.receive(down);
          for (const message of messages) pair.page.send(message);
          const up = Buffer.concat(messages);
          await until(() => {
            expect([lengthOf(received), stream.sent.length]).toEqual([down.length, up.length]);
          });
          expect([Buffer.concat(received).equals(down), up.equals(stream.sent)]).toEqual([true, true]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("stops to read from the guest while the page is behind, and goes on when it has caught up", async () => {
    const stream = new FakeDuplex({ cuts: [64 * KIB] });
    bridge(stream);
    pair.page.pause();
    const all = numbered(24 * MIB);
    const received = collect();
    const paused = once(stream, "pause");
    stream.receive(all);
    await paused;
    expect(pair.host.bufferedAmount).toBeGreaterThan(BRIDGE_HIGH_WATER_BYTES);
    // One chunk and its frame above the mark at most.
    expect(pair.host.bufferedAmount).toBeLessThanOrEqual(BRIDGE_HIGH_WATER_BYTES + 64 * KIB + 16);
    expect(stream.readableLength).toBeGreaterThan(8 * MIB);
    let mostBytes = 0;
    stream.on("data", () => (mostBytes = Math.max(mostBytes, pair.host.bufferedAmount)));
    pair.page.resume();
    await until(() => {
      expect(lengthOf(received)).toBe(all.length);
    });
    expect(Buffer.concat(received).equals(all)).toBe(true);
    expect(mostBytes).toBeLessThanOrEqual(BRIDGE_HIGH_WATER_BYTES + 128 * KIB);
  });

  it("stops to read from the page while the guest is behind, and goes on when it has caught up", async () => {
    const stream = new FakeDuplex({ isStalled: true, highWaterMark: 16 * KIB });
    bridge(stream);
    const message = numbered(256 * KIB);
    for (let count = 0; count < 24; count += 1) pair.page.send(message);
    await until(() => {
      expect(pair.host.isPaused).toBe(true);
    });
    // A receiver that is stopped still hands out the messages of the chunk that it holds.
    expect(stream.writableLength).toBeLessThanOrEqual(2 * MIB);
    stream.takeAll();
    await until(() => {
      expect(stream.sent.length).toBe(24 * message.length);
    });
    expect([pair.host.isPaused, stream.writableLength]).toEqual([false, 0]);
  });

  it("gives the page what the guest sent last, and then says that it closed", async () => {
    const stream = new FakeDuplex({ cuts: [100] });
    bridge(stream);
    const received = collect();
    stream.receive(numbered(4000));
    stream.endFromPeer();
    const [code] = (await once(pair.page, "close")) as [number];
    expect([code, lengthOf(received), ends.map((error) => error?.code)]).toEqual([4000, 4000, ["REMOTE_CLOSED"]]);
  });

  it.each([
    ["by its name", new AppError("CONNECTION_LOST", "gone", { address: "rack:1" }), "rack:1"],
    ["as a lost connection when it has none", new Error("ECONNRESET"), "the guest's console"],
  ])("tells an error of the guest's stream %s", async (_, error, address) => {
    const stream = new FakeDuplex();
    bridge(stream);
    stream.failFromPeer(error);
    await once(pair.page, "close");
    expect(ends).toMatchObject([{ code: "CONNECTION_LOST", detail: { address } }]);
  });

  it("ends when the stream is destroyed without a word, also before the bridge was made", async () => {
    const stream = new FakeDuplex();
    stream.destroy();
    await once(stream, "close");
    bridge(stream);
    await once(pair.page, "close");
    expect(ends.map((error) => error?.code)).toEqual(["REMOTE_CLOSED"]);
  });

  it.each([
    ["closes", (page: WebSocketPair["page"]) => page.close()],
    ["is gone", (page: WebSocketPair["page"]) => page.terminate()],
  ])("closes the guest's stream when the page %s, without an error", async (_, leave) => {
    const stream = new FakeDuplex();
    bridge(stream);
    leave(pair.page);
    await until(() => {
      expect([stream.destroyed, ends]).toEqual([true, [undefined]]);
    });
  });

  it("gathers what comes close together when the page says so, and holds nothing back when it says otherwise", async () => {
    const stream = new FakeDuplex();
    bridge(stream);
    const received = collect();
    pair.page.send("gather");
    pair.page.send(Buffer.of(1));
    await until(() => {
      expect(stream.sent.length).toBe(1);
    });
    const all = numbered(400);
    stream.receive(all);
    await until(() => {
      expect(lengthOf(received)).toBe(400);
    });
    expect([received.length, Buffer.concat(received).equals(all)]).toEqual([1, true]);
    pair.page.send("at-once");
    pair.page.send(Buffer.of(2));
    await until(() => {
      expect(stream.sent.length).toBe(2);
    });
    stream.receive(numbered(4));
    await until(() => {
      expect(lengthOf(received)).toBe(404);
    });
    expect(received.length).toBe(5);
  });

  it("gives the page what was gathered before the guest closed", async () => {
    const stream = new FakeDuplex();
    bridge(stream);
    const received = collect();
    pair.page.send("gather");
    pair.page.send(Buffer.of(1));
    await until(() => {
      expect(stream.sent.length).toBe(1);
    });
    stream.receive(numbered(8));
    stream.endFromPeer();
    await once(pair.page, "close");
    expect(Buffer.concat(received).equals(numbered(8))).toBe(true);
  });

  it("cuts off a page that sends text", async () => {
    const stream = new FakeDuplex();
    bridge(stream);
    pair.page.send("text");
    await once(pair.page, "close");
    expect([stream.destroyed, stream.sent.length, ends.map((error) => error?.code)]).toEqual([
      true,
      0,
      ["INVALID_REQUEST"],
    ]);
  });

  it("ends both sides once when disposed", async () => {
    const stream = new FakeDuplex();
    const bridged = bridge(stream);
    bridged.dispose();
    bridged.dispose();
    const [code] = (await once(pair.page, "close")) as [number];
    expect([code, stream.destroyed, ends]).toEqual([1000, true, [undefined]]);
  });
});
