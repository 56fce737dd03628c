import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HIDDEN_UPDATE_INTERVAL_MS, UpdatePacer } from "./update-pacer.ts";

describe("UpdatePacer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const sent: { atMs: number; request: number[] }[] = [];
  function createPacer(): UpdatePacer {
    sent.length = 0;
    const startMs = Date.now();
    return new UpdatePacer({
      now: () => Date.now() - startMs,
      send: (request) => sent.push({ atMs: Date.now() - startMs, request: [...request] }),
    });
  }

  it("lets every request of a shown console through at once", () => {
    const pacer = createPacer();
    pacer.push(Uint8Array.of(1));
    pacer.push(Uint8Array.of(2));
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 0]);
  });

  it("asks a fast server a little less than once a second while hidden, from a copy of the request", () => {
    const pacer = createPacer();
    pacer.setPaced(true);
    const buffer = Uint8Array.of(1);
    pacer.push(buffer);
    for (let round = 0; round < 40; round += 1) {
      // The server answers after 10 ms, and noVNC asks again.
      vi.advanceTimersByTime(10);
      pacer.push(buffer);
      buffer[0] = 99;
      vi.advanceTimersToNextTimer();
      buffer[0] = 1;
    }
    const times = sent.map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(sent.every(({ request }) => request[0] === 1)).toBe(true);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(HIDDEN_UPDATE_INTERVAL_MS);
    // From one picture to the next.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(950);
    expect(gaps.at(-1)).toBeGreaterThan(930);
  });

  it("asks earlier by as long as a slow server takes to answer, so that no picture is older than a second", () => {
    const pacer = createPacer();
    pacer.setPaced(true);
    const pictures: number[] = [];
    pacer.push(Uint8Array.of(1));
    for (let round = 0; round < 20; round += 1) {
      vi.advanceTimersByTime(round % 3 === 0 ? 290 : 150);
      pictures.push(Date.now());
      pacer.push(Uint8Array.of(1));
      vi.advanceTimersToNextTimer();
    }
    const ages = pictures.slice(1).map((time, index) => time - (pictures[index] ?? 0));
    expect(Math.max(...ages)).toBeLessThanOrEqual(1000);
  });

  it("sends the held request the moment the console is shown, and only once", () => {
    const pacer = createPacer();
    pacer.setPaced(true);
    pacer.push(Uint8Array.of(1));
    vi.advanceTimersByTime(20);
    pacer.push(Uint8Array.of(2));
    pacer.setPaced(false);
    vi.advanceTimersByTime(5000);
    expect(sent).toEqual([
      { atMs: 0, request: [1] },
      { atMs: 20, request: [2] },
    ]);
  });

  it("sends nothing after it is disposed", () => {
    const pacer = createPacer();
    pacer.setPaced(true);
    pacer.push(Uint8Array.of(1));
    pacer.push(Uint8Array.of(2));
    pacer.dispose();
    expect(vi.getTimerCount()).toBe(0);
    expect(sent).toHaveLength(1);
  });
});
