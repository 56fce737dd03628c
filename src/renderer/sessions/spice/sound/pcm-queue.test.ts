import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_TARGET_MS, PcmQueue } from "./pcm-queue.ts";

const RATE_HZ = 1000;
const STEP = 10;

/** A ramp: each sample is its own number, so that a listener knows what it hears. */
function ramp(from: number, frames = STEP): Float32Array {
  return Float32Array.from({ length: frames }, (_, at) => from + at);
}

function filled(queue: PcmQueue, frames: number, from = 1): void {
  for (let at = 0; at < frames; at += STEP) queue.push({ channels: [ramp(from + at)], mediaMs: 5000 + at });
}

function heard(queue: PcmQueue, frames: number): number[] {
  const output = new Float32Array(frames);
  queue.read([output]);
  return [...output];
}

describe("PcmQueue", () => {
  it("is silent until the target is there, then gives every sample in order", () => {
    const queue = new PcmQueue({ channelCount: 1, sampleRateHz: RATE_HZ });
    filled(queue, DEFAULT_TARGET_MS - STEP);
    expect(heard(queue, 4)).toEqual([0, 0, 0, 0]);
    filled(queue, STEP, DEFAULT_TARGET_MS - STEP + 1);
    expect(heard(queue, 4)).toEqual([1, 2, 3, 4]);
    expect([queue.heardMediaMs, queue.underruns]).toEqual([5004, 0]);
  });

  it("counts running dry, ends in silence, and begins again with the whole target", () => {
    const queue = new PcmQueue({ channelCount: 1, sampleRateHz: RATE_HZ });
    filled(queue, DEFAULT_TARGET_MS);
    heard(queue, 20);
    const rest = heard(queue, 100);
    expect(rest.at(-1)).toBe(0);
    expect([queue.underruns, queue.heardMediaMs]).toEqual([1, undefined]);
    filled(queue, STEP);
    expect(heard(queue, 2)).toEqual([0, 0]);
    filled(queue, DEFAULT_TARGET_MS);
    expect(heard(queue, 2)).not.toEqual([0, 0]);
  });

  it("throws the oldest away when the delay has grown", () => {
    const queue = new PcmQueue({ channelCount: 1, sampleRateHz: RATE_HZ });
    filled(queue, 400);
    expect(queue.queuedMs).toBeLessThanOrEqual(200);
    expect(heard(queue, 1)[0]).toBeGreaterThan(200);
  });

  it("plays a little faster above its target and a little slower below", () => {
    const above = new PcmQueue({ channelCount: 1, sampleRateHz: RATE_HZ });
    filled(above, 150);
    const fast = heard(above, 20);
    expect((fast[19] ?? 0) - (fast[0] ?? 0)).toBeGreaterThan(19);
    expect((fast[19] ?? 0) - (fast[0] ?? 0)).toBeLessThan(19.2);
    const below = new PcmQueue({ channelCount: 1, sampleRateHz: RATE_HZ });
    filled(below, DEFAULT_TARGET_MS);
    heard(below, 30);
    const slow = heard(below, 20);
    expect((slow[19] ?? 0) - (slow[0] ?? 0)).toBeLessThan(19);
    expect((slow[19] ?? 0) - (slow[0] ?? 0)).toBeGreaterThan(18.8);
  });

  it("holds more when the guest wants more, and loses nothing of what it has", () => {
    const queue = new PcmQueue({ channelCount: 1, sampleRateHz: RATE_HZ });
    filled(queue, 40);
    queue.setTarget(300);
    filled(queue, 250, 41);
    expect(heard(queue, 1)).toEqual([0]);
    filled(queue, 10, 291);
    expect(heard(queue, 3)).toEqual([1, 2, 3]);
  });

  it("gives a second loudspeaker the only channel there is", () => {
    const queue = new PcmQueue({ channelCount: 1, sampleRateHz: RATE_HZ });
    filled(queue, DEFAULT_TARGET_MS);
    const [left, right] = [new Float32Array(3), new Float32Array(3)];
    queue.read([left, right]);
    expect([...right]).toEqual([...left]);
  });

  it("never holds more than its bound, and never gives what was not pushed", () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant("push" as const), frames: fc.nat(500) }),
      fc.record({ kind: fc.constant("read" as const), frames: fc.nat(200) }),
      fc.record({ kind: fc.constant("target" as const), frames: fc.nat(1000) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const queue = new PcmQueue({ channelCount: 2, sampleRateHz: RATE_HZ });
        let next = 1;
        for (const { kind, frames } of acts) {
          if (kind === "push") {
            queue.push({ channels: [ramp(next, frames), ramp(next, frames)], mediaMs: next });
            next += frames;
          } else if (kind === "target") queue.setTarget(frames);
          else {
            const [left, right] = [new Float32Array(frames), new Float32Array(frames)];
            queue.read([left, right]);
            expect([...right]).toEqual([...left]);
            let before = 0;
            for (const sample of left.filter((each) => each !== 0)) {
              expect(sample).toBeGreaterThan(before);
              expect(sample).toBeLessThan(next);
              before = sample;
            }
          }
          expect(queue.queuedMs).toBeLessThanOrEqual(640);
        }
      }),
    );
  });
});
