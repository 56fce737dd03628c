import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePng } from "../../testing/spice/png.ts";
import { decodeRecording, type SpiceRecording } from "../../testing/spice/recording.ts";
import { replayDisplay, type ReplayOptions } from "../../testing/spice/replay.ts";

const FOLDER = "src/testing/spice/recordings";

/** Their pictures are JPEG, which only a browser decodes: the end-to-end tests replay these. */
const BROWSER_ONLY = /jpeg/;

/** The text cursor of VGA's text mode (9 x 16 pixels) blinks between the last update and the guest's own picture. */
const CURSOR_PIXELS = 9 * 16;

const decoders: ReplayOptions = {
  imageDecoder: {
    jpeg: { decode: () => Promise.reject(new Error("no JPEG here")) },
    inflate: (bytes) => new Uint8Array(inflateSync(bytes)),
  },
  streamDecoders: { create: () => undefined },
};

const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".syrc.gz") && !BROWSER_ONLY.test(name))
  .map((name) => name.replace(".syrc.gz", ""));

function read(name: string): SpiceRecording {
  return decodeRecording(new Uint8Array(gunzipSync(readFileSync(join(FOLDER, `${name}.syrc.gz`)))));
}

describe("a recorded session of a real SPICE server", () => {
  it.each(names)("%s ends in the guest's own picture", async (name) => {
    const recording = read(name);
    const truth = decodePng(readFileSync(join(FOLDER, recording.facts.picture)));
    const shown = await replayDisplay(recording, decoders);
    expect([shown.width, shown.height]).toEqual([truth.width, truth.height]);
    const differing = shown.pixels.reduce((count, pixel, at) => count + (pixel === truth.pixels[at] ? 0 : 1), 0);
    expect(differing).toBeLessThanOrEqual(name.startsWith("boot-") ? CURSOR_PIXELS : 0);
  });

  it("gives the same picture however its bytes were cut", async () => {
    const recording = read("desktop-glz");
    const whole = await replayDisplay(recording, decoders);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 40 }), async (cuts) => {
        const shown = await replayDisplay(recording, { ...decoders, cuts });
        expect(Buffer.from(shown.pixels.buffer).equals(Buffer.from(whole.pixels.buffer))).toBe(true);
      }),
      { numRuns: 5 },
    );
  });
});
