import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChunkGatherer, GATHER_MS, MAX_GATHERED_BYTES } from "./chunk-gatherer.ts";

describe("ChunkGatherer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const create = (): { gatherer: ChunkGatherer; sent: Buffer[] } => {
    const sent: Buffer[] = [];
    return { gatherer: new ChunkGatherer((bytes) => sent.push(bytes)), sent };
  };

  it("passes each chunk on at once until it is told to gather", () => {
    const { gatherer, sent } = create();
    gatherer.push(Buffer.of(1));
    gatherer.push(Buffer.of(2, 3));
    expect(sent).toEqual([Buffer.of(1), Buffer.of(2, 3)]);
  });

  it("makes one of the chunks that come while the first one waits", () => {
    const { gatherer, sent } = create();
    gatherer.isGathering = true;
    gatherer.push(Buffer.of(1));
    vi.advanceTimersByTime(GATHER_MS - 1);
    gatherer.push(Buffer.of(2));
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1);
    gatherer.push(Buffer.of(3));
    vi.advanceTimersByTime(GATHER_MS);
    expect(sent).toEqual([Buffer.of(1, 2), Buffer.of(3)]);
  });

  it("holds no more than its limit", () => {
    const { gatherer, sent } = create();
    gatherer.isGathering = true;
    gatherer.push(Buffer.alloc(MAX_GATHERED_BYTES - 1));
    expect(sent).toEqual([]);
    gatherer.push(Buffer.alloc(1));
    expect(sent.map((bytes) => bytes.length)).toEqual([MAX_GATHERED_BYTES]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives out what it holds when it stops to gather, and nothing after it is disposed", () => {
    const { gatherer, sent } = create();
    gatherer.isGathering = true;
    gatherer.push(Buffer.of(1));
    gatherer.isGathering = false;
    expect(sent).toEqual([Buffer.of(1)]);
    gatherer.isGathering = true;
    gatherer.push(Buffer.of(2));
    gatherer.dispose();
    vi.advanceTimersByTime(GATHER_MS);
    expect(sent).toEqual([Buffer.of(1)]);
  });

  it("loses and reorders nothing, whatever the cuts and the moments", () => {
    const step = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 30 }).map((bytes) => ({ kind: "chunk" as const, bytes })),
      fc.integer({ min: 1, max: 60 }).map((ms) => ({ kind: "wait" as const, ms })),
      fc.boolean().map((isGathering) => ({ kind: "pace" as const, isGathering })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { gatherer, sent } = create();
        const pushed: Buffer[] = [];
        for (const each of steps) {
          if (each.kind === "wait") vi.advanceTimersByTime(each.ms);
          else if (each.kind === "pace") gatherer.isGathering = each.isGathering;
          else {
            pushed.push(Buffer.from(each.bytes));
            gatherer.push(Buffer.from(each.bytes));
          }
        }
        gatherer.flush();
        expect(Buffer.concat(sent)).toEqual(Buffer.concat(pushed));
      }),
    );
  });
});
