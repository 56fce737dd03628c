import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameKindOf, type FrameCodec } from "./video-frame-kind.ts";

const kindOf = (codec: FrameCodec, ...bytes: number[]): ReturnType<typeof frameKindOf> =>
  frameKindOf(codec, Uint8Array.from(bytes));

describe("the kind of a video frame", () => {
  it("VP8: key in bit 0, shown in bit 4 of the frame tag", () => {
    expect(kindOf("vp8", 0x10, 0x02)).toEqual({ isKey: true, isShown: true });
    expect(kindOf("vp8", 0x11, 0x02)).toEqual({ isKey: false, isShown: true });
    expect(kindOf("vp8", 0x01)).toEqual({ isKey: false, isShown: false });
  });

  it("VP9: behind frame marker and profile; a superframe and an existing frame are shown", () => {
    // Marker 10, profile 0, not existing, key, shown.
    expect(kindOf("vp9", 0b1000_0010, 0)).toEqual({ isKey: true, isShown: true });
    expect(kindOf("vp9", 0b1000_0110, 0)).toEqual({ isKey: false, isShown: true });
    expect(kindOf("vp9", 0b1000_0100, 0)).toEqual({ isKey: false, isShown: false });
    expect(kindOf("vp9", 0b1000_0100, 0, 0b1100_0001)).toEqual({ isKey: false, isShown: true });
    expect(kindOf("vp9", 0b1000_1000)).toEqual({ isKey: false, isShown: true });
    // Profile 3 has a reserved bit more.
    expect(kindOf("vp9", 0b1011_0001, 0)).toEqual({ isKey: true, isShown: true });
    expect(kindOf("vp9", 0b1011_0010, 0)).toEqual({ isKey: false, isShown: false });
    expect(kindOf("vp9", 0b1011_0100, 0)).toEqual({ isKey: false, isShown: true });
  });

  it("H.264: key when a NAL unit is an IDR slice, wherever it stands", () => {
    expect(kindOf("h264", 0, 0, 0, 1, 0x67, 9, 0, 0, 1, 0x65, 1)).toEqual({ isKey: true, isShown: true });
    expect(kindOf("h264", 0, 0, 0, 1, 0x41, 1, 1, 0x65)).toEqual({ isKey: false, isShown: true });
  });

  it("H.265: key when a NAL unit is a random access point", () => {
    expect(kindOf("h265", 0, 0, 1, 0x40, 1, 0, 0, 1, 19 << 1, 1)).toEqual({ isKey: true, isShown: true });
    expect(kindOf("h265", 0, 0, 1, 1 << 1, 1)).toEqual({ isKey: false, isShown: true });
  });

  it("says something of any bytes", () => {
    fc.assert(
      fc.property(fc.constantFrom("vp8", "vp9", "h264", "h265"), fc.uint8Array({ maxLength: 64 }), (codec, bytes) => {
        expect(typeof frameKindOf(codec, bytes).isKey).toBe("boolean");
      }),
    );
  });
});
