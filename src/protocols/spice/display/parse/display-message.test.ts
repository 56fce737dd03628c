import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DISPLAY_SAMPLES } from "../../../../testing/spice/display-message-samples.ts";
import {
  bitmapImage,
  body,
  drawCopy,
  image,
  IMAGE_TYPE,
  plainImage,
  streamCreate,
} from "../../../../testing/spice/display-messages.ts";
import { ProtocolError } from "../../../bytes/protocol-error.ts";
import { describeMessage, DISPLAY_MESSAGE } from "../../constants/message-types.ts";
import { parseDisplayMessage } from "./display-message.ts";

const BASE = { surfaceId: 0, box: { left: 1, top: 2, right: 9, bottom: 10 }, clip: undefined };

function reasonOf(type: number, bytes: Uint8Array): string {
  try {
    parseDisplayMessage(type, bytes);
    return "parsed";
  } catch (error) {
    if (error instanceof ProtocolError) return error.reason;
    throw error;
  }
}

describe("parseDisplayMessage", () => {
  it.each(DISPLAY_SAMPLES.map((sample) => ({ ...sample, name: describeMessage("display", sample.type) })))(
    "takes every byte of $name, and refuses it when one is missing",
    ({ type, body: whole }) => {
      expect(reasonOf(type, whole)).toBe("parsed");
      // A quality indicator is bytes of any length; GL messages are known by their number alone.
      const isFree = whole.length === 0 || type >= DISPLAY_MESSAGE.glScanoutUnix;
      if (!isFree) expect(reasonOf(type, whole.subarray(0, whole.length - 1))).toBe("malformed");
    },
  );

  it("reads numbers in the order of spice.proto: a copy with a masked picture", () => {
    const mask = bitmapImage(2, { width: 2, height: 1, id: 4n }, Uint8Array.of(0x80));
    const bytes = body()
      .base(0, [1, 2, 9, 10], [[3, 4, 5, 6]])
      .pointer(plainImage(0x0a0b0c, { width: 1, height: 1, id: 0xffff_ffff_ffff_ffffn, flags: 1 }))
      .rect([0, 1, 2, 3])
      .u16(0x408)
      .u8(1)
      .mask(mask, { isInverted: true, x: -5, y: 6 })
      .finish();
    const picture = { shouldReplaceCached: false, hasHighBitsSet: false };
    expect(parseDisplayMessage(DISPLAY_MESSAGE.drawCopy, bytes)).toEqual({
      message: "draw",
      operation: {
        op: "copy",
        base: { ...BASE, clip: [{ left: 3, top: 4, right: 5, bottom: 6 }] },
        source: {
          ...picture,
          id: 0xffff_ffff_ffff_ffffn,
          width: 1,
          height: 1,
          shouldCache: true,
          source: {
            type: "bitmap",
            format: 8,
            isTopDown: true,
            width: 1,
            height: 1,
            strideBytes: 4,
            palette: { kind: "none" },
            data: Uint8Array.of(0x0c, 0x0b, 0x0a, 0),
          },
        },
        sourceArea: { left: 0, top: 1, right: 2, bottom: 3 },
        rop: 0x408,
        scaleMode: "nearest",
        mask: {
          isInverted: true,
          origin: { x: -5, y: 6 },
          image: {
            ...picture,
            id: 4n,
            width: 2,
            height: 1,
            shouldCache: false,
            source: {
              type: "bitmap",
              format: 2,
              isTopDown: true,
              width: 2,
              height: 1,
              strideBytes: 1,
              palette: { kind: "none" },
              data: Uint8Array.of(0x80),
            },
          },
        },
      },
    });
  });

  it("unpacks glyphs of 1, 4 and 8 bits, which stand bottom up", () => {
    const textOf = (flags: number, data: number[]): unknown => {
      const text = body()
        .u16(1)
        .u8(flags)
        .i32(10, 20, -1, -2)
        .u16(3, 2)
        .u8(...data);
      const bytes = body()
        .base(0, [1, 2, 9, 10])
        .pointer((offset) => text.place(offset))
        .rect([0, 0, 0, 0])
        .solid(1)
        .u8(0)
        .u16(8, 0)
        .finish();
      const parsed = parseDisplayMessage(DISPLAY_MESSAGE.drawText, bytes);
      return parsed.message === "draw" && parsed.operation.op === "text" ? parsed.operation.glyphs : undefined;
    };
    const glyph = { renderX: 10, renderY: 20, originX: -1, originY: -2, width: 3, height: 2 };
    const of = (...coverage: number[]): unknown => [{ ...glyph, coverage: Uint8Array.from(coverage) }];
    expect(textOf(1, [0b1010_0000, 0b0110_0000])).toEqual(of(0, 255, 255, 255, 0, 255));
    expect(textOf(2, [0x12, 0x30, 0x45, 0x60])).toEqual(of(0x40, 0x50, 0x60, 0x10, 0x20, 0x30));
    expect(textOf(4, [1, 2, 3, 4, 5, 6])).toEqual(of(4, 5, 6, 1, 2, 3));
    expect(textOf(4 | 8, [1, 2, 3, 4, 5, 6])).toEqual(of(1, 2, 3, 4, 5, 6));
  });

  it("reads a dashed path", () => {
    const sample = DISPLAY_SAMPLES.find(({ type }) => type === DISPLAY_MESSAGE.drawStroke);
    expect(parseDisplayMessage(DISPLAY_MESSAGE.drawStroke, sample?.body ?? new Uint8Array(0))).toEqual({
      message: "draw",
      operation: {
        op: "stroke",
        base: BASE,
        path: [
          { flags: 1, points: Int32Array.of(0, 0, 160, 160) },
          { flags: 2, points: Int32Array.of(320, 0) },
        ],
        style: { dashes: [48, 16], startsWithGap: true },
        brush: { kind: "solid", colour: 0xff },
        foreMode: 8,
        backMode: 8,
      },
    });
  });

  it("reads a stream, its frames and its report", () => {
    const create = streamCreate({
      streamId: 5,
      codec: 4,
      isTopDown: false,
      width: 320,
      height: 200,
      destination: [0, 1, 2, 3],
    });
    expect(parseDisplayMessage(DISPLAY_MESSAGE.streamCreate, create)).toEqual({
      message: "streamCreate",
      streamId: 5,
      surfaceId: 0,
      codec: "vp9",
      isTopDown: false,
      width: 320,
      height: 200,
      destination: { left: 0, top: 1, right: 2, bottom: 3 },
      clip: undefined,
    });
    const sized = body().u32(5, 0xffff_fff0, 4, 4).rect([1, 2, 3, 4]).u32(2).u8(8, 9).finish();
    expect(parseDisplayMessage(DISPLAY_MESSAGE.streamDataSized, sized)).toEqual({
      message: "streamData",
      streamId: 5,
      mmTime: 0xffff_fff0,
      destination: { left: 1, top: 2, right: 3, bottom: 4 },
      data: Uint8Array.of(8, 9),
    });
  });

  it("leaves out monitors without a size, and keeps the number allowed within 1 to 256", () => {
    const config = body().u16(2, 0).u32(0, 0, 0, 0, 0, 0, 0).u32(1, 0, 800, 600, 10, 20, 0).finish();
    expect(parseDisplayMessage(DISPLAY_MESSAGE.monitorsConfig, config)).toEqual({
      message: "monitorsConfig",
      heads: [{ monitorId: 1, surfaceId: 0, width: 800, height: 600, x: 10, y: 20 }],
      maxHeads: 1,
    });
  });

  it("refuses counts and sizes above the limits before it takes memory for them", () => {
    const copyOf = (width: number, height: number): Uint8Array =>
      drawCopy(0, [0, 0, 1, 1], image(IMAGE_TYPE.quic, { width, height }, body().u32(0)));
    const path = body().u32(1).u8(1).u32(0x2000_0000);
    const stroke = body()
      .base(0, [0, 0, 1, 1])
      .pointer((at) => path.place(at))
      .u8(0)
      .u8(0)
      .u16(8, 8)
      .finish();
    const clipped = body().u32(0).rect([0, 0, 1, 1]).u8(1).u32(0xffff_ffff).finish();
    expect({
      wide: reasonOf(DISPLAY_MESSAGE.drawCopy, copyOf(16_385, 1)),
      large: reasonOf(DISPLAY_MESSAGE.drawCopy, copyOf(16_384, 16_384)),
      stroke: reasonOf(DISPLAY_MESSAGE.drawStroke, stroke),
      clip: reasonOf(DISPLAY_MESSAGE.drawFill, clipped),
      stream: reasonOf(DISPLAY_MESSAGE.streamDestroy, body().u32(64).finish()),
      heads: reasonOf(
        DISPLAY_MESSAGE.monitorsConfig,
        body()
          .u16(257, 1)
          .raw(new Uint8Array(257 * 28))
          .finish(),
      ),
      resources: reasonOf(DISPLAY_MESSAGE.invalList, body().u16(65_535).finish()),
    }).toEqual({
      wide: "limit",
      large: "limit",
      stroke: "limit",
      clip: "limit",
      stream: "limit",
      heads: "limit",
      resources: "malformed",
    });
  });

  it("refuses rectangles that end before they begin, pictures that must be there, and numbers that it does not know", () => {
    const copy = (source: Parameters<typeof drawCopy>[2]): string =>
      reasonOf(DISPLAY_MESSAGE.drawCopy, drawCopy(0, [0, 0, 1, 1], source));
    const noSource = body().base(0, [0, 0, 1, 1]).pointer(undefined).rect([0, 0, 1, 1]).u16(8).u8(0).mask().finish();
    const scaled = (mode: number): Uint8Array =>
      body()
        .base(0, [0, 0, 1, 1])
        .pointer(plainImage(0, { width: 1, height: 1 }))
        .rect([0, 0, 1, 1])
        .u16(8)
        .u8(mode)
        .mask()
        .finish();
    expect([
      reasonOf(DISPLAY_MESSAGE.copyBits, body().base(0, [5, 0, 4, 1]).i32(0, 0).finish()),
      reasonOf(DISPLAY_MESSAGE.drawCopy, noSource),
      reasonOf(DISPLAY_MESSAGE.drawCopy, scaled(2)),
      copy(image(2, { width: 1, height: 1 })),
      copy(image(IMAGE_TYPE.lzPlt, { width: 1, height: 1 }, body().u8(0).u32(0).u32(0))),
      copy(image(IMAGE_TYPE.jpegAlpha, { width: 1, height: 1 }, body().u8(0).u32(5, 4, 0))),
      reasonOf(DISPLAY_MESSAGE.drawFill, body().base(0, [0, 0, 1, 1]).u8(3).u16(8).mask().finish()),
      reasonOf(DISPLAY_MESSAGE.invalList, body().u16(1).u8(0).u64(1n).finish()),
      reasonOf(121, new Uint8Array(64)),
    ]).toEqual(Array.from({ length: 9 }, () => "malformed"));
  });

  it("ends in a message or a ProtocolError, whatever bytes of a real message were changed", () => {
    const sample = fc.constantFrom(...DISPLAY_SAMPLES);
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sample, changes, fc.nat(), ({ type, body: whole }, changed, cut) => {
        const bytes = whole.slice(0, cut % 4 === 0 ? cut % (whole.length + 1) : whole.length);
        for (const [at, value] of changed) if (bytes.length > 0) bytes[at % bytes.length] = value;
        expect(["parsed", "malformed", "limit"]).toContain(reasonOf(type, bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it("ends in a message or a ProtocolError at any bytes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 101, max: 330 }), fc.uint8Array({ maxLength: 200 }), (type, bytes) => {
        expect(["parsed", "malformed", "limit"]).toContain(reasonOf(type, bytes));
      }),
      { numRuns: 2000 },
    );
  });
});
