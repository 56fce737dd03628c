import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { CursorChannel, type CursorState, MAX_CACHED_CURSORS } from "./cursor-channel.ts";
import { CURSOR_TYPE, type CursorHeader, decodeCursor } from "./cursor-shape.ts";

const [INIT, RESET, SET, MOVE, HIDE, TRAIL, INVAL_ONE, INVAL_ALL] = [101, 102, 103, 104, 105, 106, 107, 108] as const;
const [NONE, CACHE_ME, FROM_CACHE] = [1, 2, 4] as const;

function decode(header: Partial<CursorHeader> & { type: number }, data: readonly number[]): string[] {
  const { rgba, width } = decodeCursor(
    { width: 2, height: 1, hotSpotX: 0, hotSpotY: 0, ...header },
    new SpiceReader(Uint8Array.from(data)),
  );
  const pixels = Array.from({ length: rgba.length / 4 }, (_, at) =>
    [...rgba.subarray(at * 4, at * 4 + 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  );
  return Array.from({ length: Math.ceil(pixels.length / width) }, (_, y) =>
    pixels.slice(y * width, (y + 1) * width).join(" "),
  );
}

const u32s = (...values: number[]): number[] => [...new Uint8Array(Uint32Array.from(values).buffer)];

describe("pointer shapes", () => {
  it("ALPHA: divides colours by alpha where they are multiplied", () => {
    expect(decode({ type: CURSOR_TYPE.alpha }, [0, 64, 128, 128, 1, 2, 3, 255])).toEqual(["ff800080 030201ff"]);
  });

  it("ALPHA: leaves colours alone where one is above its alpha", () => {
    expect(decode({ type: CURSOR_TYPE.alpha }, [0, 64, 128, 128, 255, 0, 0, 1])).toEqual(["80400080 0000ff01"]);
  });

  it("MONO: black, white, left alone, and rows padded to bytes", () => {
    const and = [0b01100000, 0b00000000];
    const xor = [0b00000000, 0b01000000];
    expect(decode({ type: CURSOR_TYPE.mono, width: 3, height: 2 }, [...and, ...xor])).toEqual([
      "000000ff 00000000 00000000",
      "000000ff ffffffff 000000ff",
    ]);
  });

  it("MONO: pixels that invert become black with a white edge", () => {
    const and = [0xff, 0xff, 0xff];
    const xor = [0, 0b00100000, 0];
    expect(decode({ type: CURSOR_TYPE.mono, width: 5, height: 3 }, [...and, ...xor])).toEqual([
      "00000000 ffffffff ffffffff ffffffff 00000000",
      "00000000 ffffffff 000000ff ffffffff 00000000",
      "00000000 ffffffff ffffffff ffffffff 00000000",
    ]);
  });

  it("MONO: the edge goes round pixels at the rim too, and not round the other side", () => {
    const and = [0xff, 0xff];
    const xor = [0b10000000, 0];
    expect(decode({ type: CURSOR_TYPE.mono, width: 3, height: 2 }, [...and, ...xor])).toEqual([
      "000000ff ffffffff 00000000",
      "ffffffff ffffffff 00000000",
    ]);
  });

  it("COLOR4: two pixels a byte, the left one high, rows padded, then palette and mask", () => {
    const palette = u32s(...Array.from({ length: 16 }, (_, at) => 0x010101 * at));
    const data = [0x12, 0x30, 0x45, 0x60, ...palette, 0b00001000];
    expect(decode({ type: CURSOR_TYPE.color4, width: 3, height: 2 }, data)).toEqual([
      "010101ff 020202ff 030303ff",
      "040404ff 00000000 060606ff",
    ]);
  });

  it("COLOR8: an index a byte", () => {
    const palette = u32s(...Array.from({ length: 256 }, (_, at) => at << 16));
    expect(decode({ type: CURSOR_TYPE.color8 }, [7, 255, ...palette, 0])).toEqual(["070000ff ff0000ff"]);
  });

  it("COLOR16: 5 bits a colour, widened to 8", () => {
    expect(decode({ type: CURSOR_TYPE.color16 }, [0x1f, 0x7c, 0x10, 0x02, 0])).toEqual(["ff00ffff 008484ff"]);
  });

  it.each([
    [CURSOR_TYPE.color24, 3],
    [CURSOR_TYPE.color32, 4],
  ])("COLOR24 and COLOR32 (type %i): the mask leaves black alone and inverts by white", (type, step) => {
    const pixel = (value: number): number[] => u32s(value).slice(0, step);
    const data = [...pixel(0x112233), ...pixel(0), ...pixel(0xffffff), 0b01100000];
    expect(decode({ type, width: 3 }, data)).toEqual(["112233ff ffffffff 000000ff"]);
  });

  it("moves a hot spot that lies outside to the edge", () => {
    const header = { type: CURSOR_TYPE.alpha, width: 2, height: 2, hotSpotX: 9, hotSpotY: 2 };
    const { hotSpotX, hotSpotY } = decodeCursor(header, new SpiceReader(new Uint8Array(16)));
    expect([hotSpotX, hotSpotY]).toEqual([1, 1]);
  });
});

function harness(): {
  channel: CursorChannel;
  states: CursorState[];
  receive: (type: number, body?: SpiceWriter) => void;
} {
  const states: CursorState[] = [];
  const channel = new CursorChannel({ handleChange: (state) => states.push(state) });
  const receive = (type: number, body = new SpiceWriter()): void => {
    channel.handleMessage({ type, serial: 1n, body: body.finish() });
  };
  return { channel, states, receive };
}

/** A pointer of one opaque pixel of this grey. */
function pointer(to: SpiceWriter, flags: number, id: number, grey = 9): SpiceWriter {
  to.u16(flags);
  if (flags === NONE) return to;
  to.u64(BigInt(id)).u8(CURSOR_TYPE.alpha).u16(1).u16(1).u16(0).u16(0);
  return flags === FROM_CACHE ? to : to.u8(grey).u8(grey).u8(grey).u8(255);
}

const set = (flags: number, id: number, grey = 9, visible = 1): SpiceWriter =>
  pointer(new SpiceWriter().u16(3).u16(0xffff).u8(visible), flags, id, grey);

describe("cursor channel", () => {
  it("takes INIT, a move, hiding and showing again", () => {
    const { states, receive } = harness();
    receive(INIT, pointer(new SpiceWriter().u16(1).u16(2).u32(0).u8(1), CACHE_ME, 1));
    receive(HIDE);
    receive(MOVE, new SpiceWriter().u16(5).u16(0xfffe));
    receive(TRAIL, new SpiceWriter().u32(0));
    expect(states.map(({ shape, ...rest }) => ({ ...rest, grey: shape?.rgba[0] }))).toEqual([
      { isVisible: true, x: 1, y: 2, grey: 9 },
      { isVisible: false, x: 1, y: 2, grey: 9 },
      { isVisible: true, x: 5, y: -2, grey: 9 },
    ]);
    expect(states[2]?.shape).toBe(states[0]?.shape);
  });

  it("shows a plain arrow again after RESET", () => {
    const { states, receive } = harness();
    receive(SET, set(NONE, 0));
    receive(RESET);
    expect(states.at(-1)).toEqual({ shape: undefined, isVisible: true, x: 0, y: 0 });
  });

  it("takes a pointer from the cache, and hides where there is none", () => {
    const { states, receive } = harness();
    receive(SET, set(CACHE_ME, 7));
    receive(SET, set(NONE, 0));
    receive(SET, set(FROM_CACHE, 7));
    receive(SET, set(0, 8, 5, 0));
    expect(states.map(({ shape, isVisible }) => [shape?.rgba[0], isVisible])).toEqual([
      [9, true],
      [undefined, false],
      [9, true],
      [5, false],
    ]);
  });

  it.each<[string, (receive: ReturnType<typeof harness>["receive"]) => void]>([
    ["was never kept", (receive) => receive(SET, set(0, 7))],
    ["was dropped", (receive) => receive(INVAL_ONE, new SpiceWriter().u64(7n))],
    ["was dropped with all", (receive) => receive(INVAL_ALL)],
    ["was kept before RESET", (receive) => receive(RESET)],
    ["was kept before INIT", (receive) => receive(INIT, pointer(new SpiceWriter().u32(0).u32(0).u8(1), 0, 1))],
  ])("calls the use of a pointer that %s malformed", (name, act) => {
    const { receive } = harness();
    if (name !== "was never kept") receive(SET, set(CACHE_ME, 7));
    act(receive);
    expect(() => {
      receive(SET, set(FROM_CACHE, 7));
    }).toThrow(expect.objectContaining({ name: "ProtocolError", message: "pointer 7 was never sent" }));
  });

  it("keeps no more than MAX_CACHED_CURSORS, however often one of them is replaced", () => {
    const { receive } = harness();
    for (let id = 0; id < MAX_CACHED_CURSORS; id += 1) receive(SET, set(CACHE_ME, id));
    for (let id = 0; id < 10; id += 1) receive(SET, set(CACHE_ME, id));
    expect(() => {
      receive(SET, set(CACHE_ME, -1 >>> 0));
    }).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it("keeps no more bytes than its limit", () => {
    const { receive } = harness();
    const large = (id: number): SpiceWriter =>
      new SpiceWriter()
        .u32(0)
        .u8(1)
        .u16(CACHE_ME)
        .u64(BigInt(id))
        .u8(0)
        .u16(1024)
        .u16(1024)
        .u32(0)
        .bytes(new Uint8Array(4 * 1024 * 1024));
    for (let id = 0; id < 16; id += 1) receive(SET, large(id));
    expect(() => {
      receive(SET, large(16));
    }).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it.each([
    [set(0, 1, 9).u8(0), undefined],
    [new SpiceWriter().u32(0).u8(1).u16(0).u64(1n).u8(0).u16(1025).u16(1).u32(0), "a pointer of 1025x1"],
    [new SpiceWriter().u32(0).u8(1).u16(0).u64(1n).u8(7).u16(1).u16(1).u32(0), "a pointer of type 7"],
    [new SpiceWriter().u32(0).u8(1).u16(0).u64(1n).u8(6).u16(4).u16(4).u32(0), "message ends 64 bytes too early"],
  ])("checks what SET says (%#)", (body, message) => {
    const act = (): void => {
      harness().receive(SET, body);
    };
    if (message === undefined) act();
    else expect(act).toThrow(expect.objectContaining({ name: "ProtocolError", message }));
  });

  it("ends in a state or ProtocolError, whatever comes", () => {
    const header = fc
      .tuple(fc.nat(7), fc.nat(40), fc.nat(40), fc.nat(0xffff), fc.uint8Array({ maxLength: 3000 }))
      .map(([type, width, height, hotSpot, data]) =>
        new SpiceWriter()
          .u32(0)
          .u8(1)
          .u16(CACHE_ME)
          .u64(1n)
          .u8(type)
          .u16(width)
          .u16(height)
          .u16(hotSpot)
          .u16(hotSpot)
          .bytes(data),
      );
    const noise = fc.uint8Array({ maxLength: 80 }).map((data) => new SpiceWriter().bytes(data));
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 110 }), fc.oneof(header, noise), (type, body) => {
        const { channel, receive } = harness();
        try {
          receive(type, body);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
        const { shape } = channel.state;
        if (shape !== undefined) expect(shape.rgba).toHaveLength(shape.width * shape.height * 4);
      }),
      { numRuns: 500 },
    );
  });
});
