import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ByteReader } from "../../../../protocols/bytes/byte-reader.ts";
import { ByteWriter } from "../../../../protocols/bytes/byte-writer.ts";
import { expectNoLeaks } from "../../../../testing/expect-no-leaks.ts";
import { FakeDuplex } from "../../../../testing/fake-duplex.ts";
import { PixelCanvas } from "../drawing/pixel-canvas.ts";
import type { KeyInput, Screen } from "../screens/screen.ts";
import { ScreenServer } from "./screen-server.ts";

const ZRLE = 16;
const COPY_RECT = 1;

function createScreen() {
  const canvas = new PixelCanvas(100, 70);
  canvas.paint(canvas.bounds, () => {
    canvas.fill(canvas.bounds, 0x204060);
    canvas.disc(40, 30, 12, 0xf0b23c);
  });
  const keys: KeyInput[] = [];
  const screen: Screen = {
    name: "test",
    tickMs: undefined,
    canvas,
    tick: () => undefined,
    handleKey: (key) => keys.push(key),
  };
  return { screen, canvas, keys };
}

function connect(screen: Screen, encodings: readonly number[]) {
  const stream = new FakeDuplex();
  const server = new ScreenServer(screen, stream);
  stream.receive("RFB 003.008\n\u0001\u0001");
  const list = new ByteWriter().u8(2).u8(0).u16(encodings.length);
  for (const encoding of encodings) list.i32(encoding);
  stream.receive(list.finish());
  return { stream, server };
}

function request(options: { isIncremental: boolean }): Uint8Array {
  return new ByteWriter().u8(3).u8(Number(options.isIncremental)).u16(0).u16(0).u16(100).u16(70).finish();
}

/** Lets everything run that is ready, compression included. */
async function settle(stream: FakeDuplex, until: (length: number) => boolean): Promise<void> {
  while (!until(stream.sent.length)) await new Promise((resolve) => setImmediate(resolve));
}

/** Handshake, security, result and ServerInit. */
const GREETING_BYTES = 12 + 2 + 4 + 24 + 4;

async function greeted(stream: FakeDuplex): Promise<void> {
  await settle(stream, (length) => length >= GREETING_BYTES);
  stream.takeSent();
}

describe("screen server", () => {
  expectNoLeaks();

  it("greets as RFB 3.8 without security and tells size, format and name", async () => {
    const { stream, server } = connect(createScreen().screen, [0]);
    await settle(stream, (length) => length >= GREETING_BYTES);
    expect(stream.sentText.slice(0, 18)).toBe("RFB 003.008\n\u0001\u0001\0\0\0\0");
    const init = new ByteReader(stream.sent.subarray(18));
    expect([init.u16(), init.u16(), init.u8(), init.u8()]).toEqual([100, 70, 32, 24]);
    init.skip(14);
    expect(Buffer.from(init.bytes(init.u32())).toString()).toBe("test");
    server.dispose();
  });

  it("answers a full request with the whole picture and an incremental one only after a change", async () => {
    const { screen, canvas } = createScreen();
    const { stream, server } = connect(screen, [0]);
    await greeted(stream);
    stream.receive(request({ isIncremental: false }));
    const fullBytes = 4 + 12 + 100 * 70 * 4;
    await settle(stream, (length) => length >= fullBytes);
    const full = stream.takeSent();
    expect(full.length).toBe(fullBytes);
    // Blue first: little-endian with red at 16.
    expect([...full.subarray(16, 20)]).toEqual([0x60, 0x40, 0x20, 0]);

    stream.receive(request({ isIncremental: true }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.sent.length).toBe(0);
    canvas.paint({ x: 5, y: 5, width: 2, height: 2 }, () => canvas.fill(canvas.bounds, 0xffffff));
    await settle(stream, (length) => length >= 16 + 16 * 16 * 4);
    const reader = new ByteReader(stream.sent);
    reader.skip(4);
    expect([reader.u16(), reader.u16(), reader.u16(), reader.u16(), reader.i32()]).toEqual([0, 0, 16, 16, 0]);
    server.dispose();
  });

  it("packs the picture as ZRLE: a solid tile is one colour", async () => {
    const { screen } = createScreen();
    const { stream, server } = connect(screen, [ZRLE]);
    await greeted(stream);
    stream.receive(request({ isIncremental: false }));
    await settle(stream, (length) => length > 20 && length >= 20 + Buffer.from(stream.sent).readUInt32BE(16));
    const tiles = inflateSync(stream.sent.subarray(20), { finishFlush: 2 });
    // The last of the four tiles, 36 by 6, has nothing but the ground: subencoding 1, then one CPIXEL.
    expect([...tiles.subarray(-4)]).toEqual([1, 0x60, 0x40, 0x20]);
    server.dispose();
  });

  it("sends a scroll as a copy when the viewer can and has the source", async () => {
    const { screen, canvas } = createScreen();
    const { stream, server } = connect(screen, [0, COPY_RECT]);
    await greeted(stream);
    stream.receive(request({ isIncremental: false }));
    await settle(stream, (length) => length >= 4 + 12 + 100 * 70 * 4);
    await new Promise((resolve) => setImmediate(resolve));
    stream.takeSent();
    canvas.scroll({ x: 10, y: 10, width: 50, height: 40 }, -4, 0);
    stream.receive(request({ isIncremental: true }));
    await settle(stream, (length) => length >= 20);
    const reader = new ByteReader(stream.sent);
    expect([reader.u8(), reader.u8(), reader.u16()]).toEqual([0, 0, 1]);
    expect([reader.u16(), reader.u16(), reader.u16(), reader.u16(), reader.i32()]).toEqual([10, 10, 46, 40, COPY_RECT]);
    expect([reader.u16(), reader.u16(), reader.remaining]).toEqual([14, 10, 0]);
    server.dispose();
  });

  it("releases the keys of a viewer that goes away", async () => {
    const { screen, keys } = createScreen();
    const { stream, server } = connect(screen, [0]);
    await greeted(stream);
    stream.receive(new ByteWriter().u8(4).u8(1).u16(0).u32(0xffe3).finish());
    await settle(stream, () => keys.length > 0);
    stream.failFromPeer();
    await new Promise((resolve) => stream.once("close", resolve));
    expect(keys.map(({ isDown, keysym }) => [isDown, keysym])).toEqual([
      [true, 0xffe3],
      [false, 0xffe3],
    ]);
    server.dispose();
  });

  it("ends the connection of a viewer that breaks the protocol", async () => {
    const { stream } = connect(createScreen().screen, [0]);
    await greeted(stream);
    stream.receive(Uint8Array.of(99));
    await new Promise((resolve) => stream.once("close", resolve));
    expect(stream.destroyed).toBe(true);
  });
});
