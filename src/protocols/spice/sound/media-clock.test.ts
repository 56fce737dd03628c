import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_DRIFT_MS, MediaClock, mediaTimeDifferenceMs, SLEW_RATE } from "./media-clock.ts";

const u32 = fc.nat(0xffff_ffff);

describe("media clock", () => {
  it("knows nothing before the server has told a time", () => {
    const clock = new MediaClock();
    expect([clock.isSet, clock.serverTimeAt(5), clock.localTimeOf(5, 5)]).toEqual([false, undefined, undefined]);
  });

  it("runs on with the local clock, and says when something is due", () => {
    const clock = new MediaClock();
    expect(clock.setServerTime(1000, 50)).toBe("jumped");
    expect([clock.serverTimeAt(150), clock.localTimeOf(1200, 150), clock.localTimeOf(1040, 150)]).toEqual([
      1100, 250, 90,
    ]);
  });

  it("goes through the wrap of the u32", () => {
    const clock = new MediaClock();
    clock.setServerTime(2 ** 32 - 100, 0);
    expect([clock.serverTimeAt(300), clock.localTimeOf(250, 0), clock.localTimeOf(2 ** 32 - 50, 300)]).toEqual([
      200, 350, 50,
    ]);
    expect(clock.setServerTime(210, 300)).toBe("adjusted");
  });

  it("makes up for drift bit by bit", () => {
    const clock = new MediaClock();
    clock.setServerTime(0, 0);
    expect(clock.setServerTime(1100, 1000)).toBe("adjusted");
    const halfwayMs = 50 / SLEW_RATE;
    expect(clock.serverTimeAt(1000)).toBe(1000);
    expect(clock.serverTimeAt(1000 + halfwayMs)).toBe(1050 + halfwayMs);
    expect(clock.serverTimeAt(1000 + 2 * halfwayMs)).toBe(1100 + 2 * halfwayMs);
    expect(clock.serverTimeAt(1000 + 20 * halfwayMs)).toBe(1100 + 20 * halfwayMs);
  });

  it("jumps where the difference is no drift", () => {
    const clock = new MediaClock();
    clock.setServerTime(10_000, 0);
    expect(clock.setServerTime(10_000 + MAX_DRIFT_MS + 1, 0)).toBe("jumped");
    expect(clock.setServerTime(500, 0)).toBe("jumped");
    expect(clock.serverTimeAt(1)).toBe(501);
  });

  it("differences are signed and the shorter way round", () => {
    expect([mediaTimeDifferenceMs(5, 2 ** 32 - 5), mediaTimeDifferenceMs(2 ** 32 - 5, 5)]).toEqual([10, -10]);
    fc.assert(
      fc.property(u32, u32, (time, than) => {
        const difference = mediaTimeDifferenceMs(time, than);
        expect((than + difference + 2 ** 32) % 2 ** 32).toBe(time);
        expect(Math.abs(difference)).toBeLessThanOrEqual(2 ** 31);
      }),
    );
  });

  it("never goes back and never runs much faster or slower than the local clock, whatever drift it is told", () => {
    // One less than the limit: what the clock shows is rounded down from what it has.
    const step = fc.tuple(fc.nat(5000), fc.integer({ min: 1 - MAX_DRIFT_MS, max: MAX_DRIFT_MS - 1 }));
    fc.assert(
      fc.property(u32, fc.array(step, { maxLength: 50 }), (begin, steps) => {
        const clock = new MediaClock();
        clock.setServerTime(begin, 0);
        let localMs = 0;
        let before = begin;
        for (const [passedMs, driftMs] of steps) {
          localMs += passedMs;
          const now = clock.serverTimeAt(localMs)!;
          const ranMs = mediaTimeDifferenceMs(now, before);
          expect(ranMs).toBeGreaterThanOrEqual(passedMs * (1 - SLEW_RATE) - 1.01);
          expect(ranMs).toBeLessThanOrEqual(passedMs * (1 + SLEW_RATE) + 1.01);
          before = now;
          expect(clock.setServerTime((now + driftMs + 2 ** 32) % 2 ** 32, localMs)).toBe("adjusted");
        }
      }),
    );
  });

  it("what is due at a media time is when the clock shows it", () => {
    fc.assert(
      fc.property(
        u32,
        fc.integer({ min: -MAX_DRIFT_MS, max: MAX_DRIFT_MS }),
        fc.nat(50_000),
        fc.integer({ min: -1000, max: 60_000 }),
        (begin, driftMs, nowMs, aheadMs) => {
          const clock = new MediaClock();
          clock.setServerTime(begin, 0);
          clock.setServerTime((begin + driftMs + 2 ** 32) % 2 ** 32, 0);
          const sought = (clock.serverTimeAt(nowMs)! + aheadMs + 2 ** 32) % 2 ** 32;
          const dueMs = clock.localTimeOf(sought, nowMs)!;
          expect(Math.abs(mediaTimeDifferenceMs(clock.serverTimeAt(dueMs)!, sought))).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
