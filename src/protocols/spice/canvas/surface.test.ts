import { describe, expect, it } from "vitest";
import {
  colourOn,
  createSurface,
  MAX_SURFACE_COUNT,
  MAX_SURFACE_SIDE_PX,
  MAX_SURFACES_BYTES,
  narrowColour,
  surfaceFormatOf,
  SurfaceList,
} from "./surface.ts";

const limit = expect.objectContaining({ name: "ProtocolError", reason: "limit" }) as Error;
const malformed = expect.objectContaining({ name: "ProtocolError", reason: "malformed" }) as Error;

describe("createSurface", () => {
  it("is black, or clear where the format has alpha", () => {
    const formats = [1, 8, 16, 32, 80, 96].map(surfaceFormatOf);
    const made = formats.map((format) => {
      const { alpha, pixels } = createSurface(1, 2, 1, format);
      return [format, alpha, [...pixels]];
    });
    expect(made).toEqual([
      ["1_A", "mask", [0, 0]],
      ["8_A", "mask", [0, 0]],
      ["16_555", "opaque", [0xff000000, 0xff000000]],
      ["32_xRGB", "opaque", [0xff000000, 0xff000000]],
      ["16_565", "opaque", [0xff000000, 0xff000000]],
      ["32_ARGB", "premultiplied", [0, 0]],
    ]);
    expect(() => surfaceFormatOf(24)).toThrow(malformed);
  });

  it("refuses sides and sizes out of the limits before it takes memory", () => {
    for (const [width, height] of [
      [0, 1],
      [1, 0],
      [-1, 4],
      [MAX_SURFACE_SIDE_PX + 1, 1],
      [1, MAX_SURFACE_SIDE_PX + 1],
      [NaN, 1],
      [MAX_SURFACE_SIDE_PX, MAX_SURFACE_SIDE_PX],
    ] as const) {
      expect(() => createSurface(0, width, height, "32_xRGB")).toThrow(limit);
    }
  });
});

describe("SurfaceList", () => {
  it("knows its surfaces by number and counts their bytes", () => {
    const list = new SurfaceList();
    const surface = list.create(7, 3, 2, "32_ARGB");
    list.create(8, 1, 1, "8_A");
    expect([list.get(7), list.find(9), list.bytes]).toEqual([surface, undefined, 28]);
    list.destroy(7);
    expect([list.find(7), list.bytes, [...list.values()].map(({ id }) => id)]).toEqual([undefined, 4, [8]]);
    expect(() => list.get(7)).toThrow(malformed);
    expect(() => {
      list.destroy(7);
    }).toThrow(malformed);
    expect(() => list.create(8, 1, 1, "8_A")).toThrow(malformed);
    list.clear();
    expect(list.bytes).toBe(0);
  });

  it("refuses more bytes and more surfaces than allowed", () => {
    const list = new SurfaceList();
    const side = MAX_SURFACE_SIDE_PX;
    const rows = MAX_SURFACES_BYTES / 4 / side;
    list.create(1, side, rows - 1, "32_xRGB");
    expect(() => list.create(2, side, 2, "32_xRGB")).toThrow(limit);
    expect(list.bytes).toBe(MAX_SURFACES_BYTES - side * 4);
    list.clear();
    for (let id = 0; id < MAX_SURFACE_COUNT; id++) list.create(id, 1, 1, "8_A");
    expect(() => list.create(MAX_SURFACE_COUNT, 1, 1, "8_A")).toThrow(limit);
  });
});

describe("colours", () => {
  it("reads a brush's colour in the surface's own format", () => {
    const hex = (["32_xRGB", "32_ARGB", "16_555", "16_565", "8_A", "1_A"] as const).map((format) =>
      (colourOn(format, 0x8011_8421) >>> 0).toString(16),
    );
    // 0x8421 is 1,1,1 (and an unused bit) in 5-5-5, 16,33,1 in 5-6-5.
    expect(hex).toEqual(["ff218411", "80218411", "ff080808", "ff088684", "21000000", "ff000000"]);
  });

  it("cuts colours to 16 bits and widens them again", () => {
    expect(narrowColour("16_565", 0x80ff_ffff)).toBe(0x80ff_ffff | 0);
    expect(narrowColour("16_555", 0xff07_0f08) >>> 0).toBe(0xff00_0808);
    expect(narrowColour("16_565", 0xff07_0f08) >>> 0).toBe(0xff00_0c08);
    expect(narrowColour("32_xRGB", 0xff07_0f08)).toBe(0xff07_0f08);
  });
});
