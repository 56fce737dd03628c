import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canUseOpus, rawOfSamples, samplesOfRaw } from "./sound-codecs.ts";

describe("raw sound", () => {
  it("is little-endian 16-bit samples, channels interleaved", () => {
    const samples = samplesOfRaw(Uint8Array.of(0, 0x40, 0, 0x80, 0xff, 0x7f, 0, 0), 2);
    expect(samples.map((channel) => [...channel])).toEqual([
      [0.5, 32_767 / 32_768],
      [-1, 0],
    ]);
  });

  it("comes back as it went, and what is too loud is as loud as can be", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.uint8Array({ maxLength: 200 }), (channels, bytes) => {
        const whole = bytes.subarray(0, bytes.length - (bytes.length % (2 * channels)));
        expect([...rawOfSamples(samplesOfRaw(whole, channels))]).toEqual([...whole]);
      }),
    );
    expect([...rawOfSamples([Float32Array.of(3, -3)])]).toEqual([0xff, 0x7f, 0, 0x80]);
  });
});

describe("Opus", () => {
  it("is used for its own rates, and for at most two channels", () => {
    expect(canUseOpus({ channels: 2, frequencyHz: 48_000 })).toBe(true);
    expect(canUseOpus({ channels: 2, frequencyHz: 44_100 })).toBe(false);
    expect(canUseOpus({ channels: 6, frequencyHz: 48_000 })).toBe(false);
  });
});
