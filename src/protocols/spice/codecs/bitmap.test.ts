import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { BitmapFormat, type BitmapSource, decodeBitmap, decodeBitmapMask } from "./bitmap.ts";

const RED = 0xff00_00ff;
const GREEN = 0xff00_ff00;
const BLUE = 0xffff_0000;
const BLACK = 0xff00_0000;
const PALETTE = Uint32Array.of(0xff0000, 0x00ff00, 0x0000ff);

function bitmap(format: number, width: number, height: number, bytes: readonly number[]): BitmapSource {
  const stride = bytes.length / height;
  return { format, width, height, stride, isTopDown: true, palette: PALETTE, data: Uint8Array.from(bytes) };
}

function pixelsOf(source: BitmapSource): number[] {
  return [...decodeBitmap(source).pixels];
}

describe("decodeBitmap", () => {
  it("takes the highest bit first in 1BIT_BE and the lowest in 1BIT_LE", () => {
    const bits = [0b1000_0000, 0b0100_0000];
    expect(pixelsOf(bitmap(BitmapFormat.oneBitBe, 10, 1, bits))).toEqual([
      GREEN,
      RED,
      RED,
      RED,
      RED,
      RED,
      RED,
      RED,
      RED,
      GREEN,
    ]);
    expect(pixelsOf(bitmap(BitmapFormat.oneBitLe, 8, 1, [0b0000_0011]))).toEqual([
      GREEN,
      GREEN,
      RED,
      RED,
      RED,
      RED,
      RED,
      RED,
    ]);
  });

  it("takes the high half first in 4BIT_BE and the low half in 4BIT_LE", () => {
    expect(pixelsOf(bitmap(BitmapFormat.fourBitBe, 3, 1, [0x01, 0x20]))).toEqual([RED, GREEN, BLUE]);
    expect(pixelsOf(bitmap(BitmapFormat.fourBitLe, 3, 1, [0x10, 0x02]))).toEqual([RED, GREEN, BLUE]);
  });

  it("shows values beyond the palette black", () => {
    expect(pixelsOf(bitmap(BitmapFormat.eightBit, 4, 1, [0, 2, 3, 255]))).toEqual([RED, BLUE, BLACK, BLACK]);
  });

  it("repeats the upper bits of 5-bit colours below", () => {
    expect(pixelsOf(bitmap(BitmapFormat.sixteenBit, 4, 1, [0x00, 0x7c, 0xe0, 0x03, 0x1f, 0x00, 0x30, 0x46]))).toEqual([
      RED,
      GREEN,
      BLUE,
      0xff84_8c8c,
    ]);
  });

  it("reads blue, green, red and ignores the fourth byte of 32BIT", () => {
    expect(pixelsOf(bitmap(BitmapFormat.twentyFourBit, 2, 1, [1, 2, 3, 4, 5, 6]))).toEqual([0xff01_0203, 0xff04_0506]);
    expect(pixelsOf(bitmap(BitmapFormat.thirtyTwoBit, 1, 1, [1, 2, 3, 4]))).toEqual([0xff01_0203]);
  });

  it("keeps alpha of RGBA and of 8BIT_A", () => {
    expect(decodeBitmap(bitmap(BitmapFormat.rgba, 1, 1, [1, 2, 3, 4]))).toEqual({
      width: 1,
      height: 1,
      pixels: Uint32Array.of(0x0401_0203),
      alpha: "premultiplied",
    });
    expect(decodeBitmap(bitmap(BitmapFormat.eightBitAlpha, 2, 1, [0x80, 0xff]))).toEqual({
      width: 2,
      height: 1,
      pixels: Uint32Array.of(0x8000_0000, 0xff00_0000),
      alpha: "mask",
    });
  });

  it("turns pictures that are not top down, and skips what stands between the rows", () => {
    const upsideDown = { ...bitmap(BitmapFormat.eightBit, 2, 2, [0, 1, 9, 9, 2, 0, 9, 9]), isTopDown: false };
    expect(pixelsOf(upsideDown)).toEqual([BLUE, RED, RED, GREEN]);
  });

  it("does not need the last row's gap", () => {
    const source = { ...bitmap(BitmapFormat.eightBit, 1, 2, [0, 1]), stride: 4, data: Uint8Array.of(0, 9, 9, 9, 1) };
    expect(pixelsOf(source)).toEqual([RED, GREEN]);
    expect(() => decodeBitmap({ ...source, data: source.data.subarray(0, 4) })).toThrow(ProtocolError);
  });

  it("refuses unknown formats, missing palettes, short strides and sizes beyond the limits", () => {
    const good = bitmap(BitmapFormat.eightBit, 4, 1, [0, 0, 0, 0]);
    const bad: readonly Partial<BitmapSource>[] = [
      { format: 0 },
      { format: 11 },
      { palette: undefined },
      { stride: 3 },
      { width: 0 },
      { height: 0 },
      { width: 16_385, stride: 16_385 },
      { width: 16_384, height: 16_384, stride: 0 },
    ];
    for (const change of bad) expect(() => decodeBitmap({ ...good, ...change })).toThrow(ProtocolError);
  });

  it("ends in a picture or a ProtocolError, whatever the message says", () => {
    fc.assert(
      fc.property(
        fc.record({
          format: fc.nat(12),
          width: fc.nat(40),
          height: fc.nat(40),
          stride: fc.nat(200),
          isTopDown: fc.boolean(),
          palette: fc.option(fc.uint32Array({ maxLength: 300 }), { nil: undefined }),
          data: fc.uint8Array({ maxLength: 4000 }),
        }),
        (source) => {
          try {
            expect(decodeBitmap(source).pixels).toHaveLength(source.width * source.height);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("decodeBitmapMask", () => {
  it("is set where the bit is, with no palette", () => {
    const source = { ...bitmap(BitmapFormat.oneBitBe, 3, 1, [0b1010_0000]), palette: undefined };
    expect(decodeBitmapMask(source)).toEqual({
      width: 3,
      height: 1,
      pixels: Uint32Array.of(0xff00_0000, 0, 0xff00_0000),
      alpha: "mask",
    });
  });

  it("refuses pictures of more bits", () => {
    expect(() => decodeBitmapMask(bitmap(BitmapFormat.eightBit, 1, 1, [0]))).toThrow(ProtocolError);
  });
});
