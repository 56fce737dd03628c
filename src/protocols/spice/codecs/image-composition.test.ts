import { deflateSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { expectedOf } from "../../../testing/spice-expected.ts";
import { readCodecFixtures } from "../../../testing/spice-fixtures.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { GlzWindow } from "./glz-window.ts";
import { composeJpegAlpha } from "./jpeg-alpha.ts";
import { type PixelImage } from "./pixel-image.ts";
import { decodeZlibGlz, MAX_GLZ_BYTES } from "./zlib-glz.ts";

const [firstGlz] = readCodecFixtures("glz");
const lz = readCodecFixtures("lz");

describe("decodeZlibGlz", () => {
  const { name, data } = firstGlz!;
  const packed = new Uint8Array(deflateSync(data));
  const inflate = (bytes: Uint8Array): Uint8Array => new Uint8Array(inflateSync(bytes));

  it("decodes what was packed, at once or later as inflate is", async () => {
    expect(decodeZlibGlz(packed, data.length, { window: new GlzWindow(), inflate })).toEqual(expectedOf(name));
    const later = decodeZlibGlz(packed, data.length, {
      window: new GlzWindow(),
      inflate: (bytes) => Promise.resolve(inflate(bytes)),
    });
    expect(await later).toEqual(expectedOf(name));
  });

  it("refuses another length than was announced, and one beyond the limit", () => {
    const parts = { window: new GlzWindow(), inflate };
    expect(() => decodeZlibGlz(packed, data.length + 1, parts)).toThrow(ProtocolError);
    expect(() => decodeZlibGlz(packed, MAX_GLZ_BYTES + 1, parts)).toThrow(ProtocolError);
  });
});

describe("composeJpegAlpha", () => {
  const jpegOf = (width: number, height: number): PixelImage => ({
    width,
    height,
    pixels: new Uint32Array(width * height).fill(0xff01_0203),
    alpha: "opaque",
  });
  const fixture = (start: string): Uint8Array => lz.find(({ name }) => name.startsWith(start))!.data;

  it("puts the alpha to the colours as they are", () => {
    const alpha = expectedOf("xxxa text 61x47 bottom-up").pixels;
    expect(composeJpegAlpha(jpegOf(61, 47), fixture("xxxa text 61x47 bottom-up"))).toEqual({
      width: 61,
      height: 47,
      pixels: alpha.map((pixel) => pixel + 0x01_0203),
      alpha: "premultiplied",
    });
  });

  it("refuses alpha of another size, and what is no alpha", () => {
    expect(() => composeJpegAlpha(jpegOf(47, 61), fixture("xxxa text 61x47"))).toThrow(ProtocolError);
    expect(() => composeJpegAlpha(jpegOf(61, 47), fixture("rgb32 text 61x47"))).toThrow(ProtocolError);
  });
});
