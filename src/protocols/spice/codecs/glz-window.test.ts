import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../testing/spice-broken-data.ts";
import { expectedOf } from "../../../testing/spice-expected.ts";
import { readCodecFixtures } from "../../../testing/spice-fixtures.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { GlzWindow, MAX_WAITING_GLZ_PICTURES } from "./glz-window.ts";
import { LzImageType } from "./lz-types.ts";

const fixtures = readCodecFixtures("glz");

interface GlzPicture {
  readonly id: number;
  readonly headDistance?: number;
  readonly type?: number;
  readonly width?: number;
  readonly height?: number;
  readonly isTopDown?: boolean;
  readonly units: readonly number[];
}

function glz({
  id,
  headDistance = id,
  type = 8,
  width = 4,
  height = 1,
  isTopDown = true,
  units,
}: GlzPicture): Uint8Array {
  const header = new DataView(new ArrayBuffer(33));
  header.setUint32(0, 0x20205a4c);
  header.setUint32(4, 0x10001);
  header.setUint8(8, type | (isTopDown ? 16 : 0));
  [width, height, width * 4].forEach((value, i) => header.setUint32(9 + i * 4, value));
  header.setBigUint64(21, BigInt(id));
  header.setUint32(29, headDistance);
  return Uint8Array.from([...new Uint8Array(header.buffer), ...units]);
}

/** Four pixels of their own. */
const own = (id: number, headDistance = id): Uint8Array =>
  glz({ id, headDistance, units: [3, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, id] });
/** All four pixels are those of an earlier picture. */
const copyOf = (id: number, imageDistance: number, headDistance = id): Uint8Array =>
  glz({ id, headDistance, units: [4 << 5, 0, imageDistance] });

describe("GlzWindow", () => {
  it("gives what spice-server encoded", () => {
    const window = new GlzWindow();
    for (const { name, data } of fixtures) {
      expect({ name, image: window.decode(data) }).toEqual({ name, image: expectedOf(name) });
    }
  });

  it("keeps no more than the server's dictionary does", () => {
    const window = new GlzWindow();
    for (const { data } of fixtures) window.tryDecode(data);
    // The fixtures' dictionary has 60000 pixels.
    expect(window.heldPixels).toBeLessThan(62_000);
    expect(window.heldPixels).toBeGreaterThan(30_000);
  });

  it("waits for a picture that another display brings", async () => {
    const window = new GlzWindow();
    expect(window.tryDecode(copyOf(2, 1))).toEqual({ kind: "missing", imageId: 1 });
    const second = window.decode(copyOf(2, 1));
    const first = window.decode(copyOf(1, 1));
    expect([second, first]).toEqual([expect.any(Promise), expect.any(Promise)]);
    const pixels = Uint32Array.of(0xff010000, 0xff020000, 0xff030000, 0xff040000);
    expect(window.decode(own(0))).toMatchObject({ pixels });
    expect(await first).toMatchObject({ pixels });
    expect(await second).toMatchObject({ pixels });
  });

  it("does not release what a picture that is still to come may refer to", () => {
    const window = new GlzWindow();
    window.tryDecode(own(0));
    window.tryDecode(own(2, 0));
    window.tryDecode(own(3, 0));
    expect(window.tryDecode(copyOf(1, 1, 1)).kind).toBe("decoded");
    // Picture 1 closed the gap; picture 3 needs none but itself.
    expect(window.heldPixels).toBe(4 + 32);
    expect(() => window.decode(copyOf(4, 2))).toThrow("after its release");
  });

  it("takes colours from pictures with alpha as opaque, and alpha from those without as none", () => {
    const window = new GlzWindow();
    const rgba = LzImageType.rgba;
    window.tryDecode(glz({ id: 0, type: rgba, units: [3, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 10, 20, 30, 40] }));
    expect(window.decode(copyOf(1, 1))).toMatchObject({
      pixels: Uint32Array.of(0xff010101, 0xff020202, 0xff030303, 0xff040404),
    });
    const mixed = glz({ id: 2, type: rgba, units: [4 << 5, 0, 1, 2 << 5, 0, 1] });
    expect(window.decode(mixed)).toMatchObject({
      pixels: Uint32Array.of(0x010101, 0x020202, 0x030303, 0x040404),
      alpha: "premultiplied",
    });
  });

  it("refers to the rows of a picture in the order of its data, not as it is shown", () => {
    const window = new GlzWindow();
    const units = [3, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0];
    const shown = window.decode(glz({ id: 0, width: 2, height: 2, isTopDown: false, units }));
    expect(shown).toMatchObject({ pixels: Uint32Array.of(0xff030000, 0xff040000, 0xff010000, 0xff020000) });
    expect(window.decode(copyOf(1, 1))).toMatchObject({
      pixels: Uint32Array.of(0xff010000, 0xff020000, 0xff030000, 0xff040000),
    });
  });

  it("repeats what it just wrote where a match overlaps itself", () => {
    const window = new GlzWindow();
    // Two pixels, then 98 from two back: seven in the control byte and 91 in the next.
    const picture = glz({ id: 0, width: 100, units: [1, 1, 0, 0, 2, 0, 0, (7 << 5) | 1, 91, 0, 0] });
    const { pixels } = window.decode(picture) as { pixels: Uint32Array };
    expect([...new Set(pixels.filter((_, i) => i % 2 === 0))]).toEqual([0xff010000]);
    expect([...new Set(pixels.filter((_, i) => i % 2 === 1))]).toEqual([0xff020000]);
  });

  it("refuses what breaks the format or a limit", () => {
    const bad: readonly (readonly [string, Uint8Array])[] = [
      ["a palette picture", glz({ id: 1, type: 5, units: [3, 1, 2, 3, 4] })],
      ["an unknown type", glz({ id: 1, type: 10, units: [3, 1, 2, 3, 4] })],
      ["no pixels", glz({ id: 1, width: 0, units: [] })],
      ["too many pixels", glz({ id: 1, width: 16_384, height: 16_384, units: [] })],
      ["a picture before the first", copyOf(1, 2)],
      ["a match before the picture", glz({ id: 1, units: [0, 1, 2, 3, 3 << 5, 1, 0] })],
      ["a match beyond the picture", glz({ id: 1, units: [5 << 5, 0, 1] })],
      ["a match beyond the other picture", glz({ id: 1, units: [(4 << 5) | 1, 0, 1] })],
      ["a copy beyond the picture", glz({ id: 1, units: [4, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5] })],
    ];
    for (const [what, data] of bad) {
      const window = new GlzWindow();
      window.tryDecode(own(0));
      expect(() => window.decode(data), what).toThrow(ProtocolError);
    }
    expect(() => new GlzWindow().decode(own(0).fill(0, 0, 1))).toThrow(ProtocolError);
    expect(() => new GlzWindow().decode(own(0).fill(255, 21, 29))).toThrow(ProtocolError);
  });

  it("refuses to keep more than its limit", () => {
    const window = new GlzWindow({ maxPixels: 100 });
    window.tryDecode(own(0));
    window.tryDecode(own(2, 0));
    expect(() => window.decode(own(3, 0))).toThrow("100 pixels are kept");
  });

  it("lets only so many pictures wait", async () => {
    const window = new GlzWindow();
    const waiting = Array.from(
      { length: MAX_WAITING_GLZ_PICTURES },
      async (_, i) => await window.decode(copyOf(i + 1, 1)),
    );
    expect(() => window.decode(copyOf(1000, 1))).toThrow("too many pictures wait");
    window.clear();
    const ends = await Promise.allSettled(waiting);
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(window.decode(own(0))).toMatchObject({ width: 4 });
  });

  it.each(fixtures)("ends in a picture, a wait or a ProtocolError with damaged data: $name", ({ data }) => {
    const earlier = fixtures.slice(
      0,
      fixtures.findIndex((fixture) => fixture.data === data),
    );
    const window = new GlzWindow();
    for (const fixture of earlier) window.tryDecode(fixture.data);
    fuzzDecoder(data, data.length, (damaged) => window.tryDecode(damaged));
  });
});
