import { connect, type Socket } from "node:net";

/**
 * A small X client over TCP, so that a test draws on the guest's screen request by request and knows when the server is done
 * (X Window System Protocol, version 11; the RENDER extension 0.11). Only what the scenes need.
 */

type Argument = readonly ["u8" | "u16" | "i16" | "u32" | "i32", number] | Uint8Array;

const u8 = (value: number): Argument => ["u8", value];
const u16 = (value: number): Argument => ["u16", value];
const i16 = (value: number): Argument => ["i16", value];
const u32 = (value: number): Argument => ["u32", value];
const i32 = (value: number): Argument => ["i32", value];

const SIZE_OF = { u8: 1, u16: 2, i16: 2, u32: 4, i32: 4 } as const;
const REPLY_BYTES = 32;
/** A request has at most 65535 units of four bytes; a stripe of a picture stays well below. */
const STRIPE_BYTES = 200_000;

export interface XRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type XPoint = readonly [x: number, y: number];

/** Values of a graphics context, by the protocol's names; order and bits stand in `GC_VALUES`. */
export type GcValues = Partial<Record<(typeof GC_VALUES)[number], number>>;

const GC_VALUES = [
  ...([
    "function",
    "planeMask",
    "foreground",
    "background",
    "lineWidth",
    "lineStyle",
    "capStyle",
    "joinStyle",
  ] as const),
  ...(["fillStyle", "fillRule", "tile", "stipple", "tileX", "tileY", "font", "subwindowMode"] as const),
] as const;

/** Bits of CreateWindow's value mask. */
const WINDOW_BACKGROUND = 0x2;
const WINDOW_OVERRIDE_REDIRECT = 0x200;

export class XClient {
  readonly #socket: Socket;
  readonly #waiting: ((reply: Buffer) => void)[] = [];
  #inbox: Buffer = Buffer.alloc(0);
  #nextId = 0;
  #failure: Error | undefined;
  root = 0;

  static async open(port: number): Promise<XClient> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    const client = new XClient(socket);
    await client.#setUp();
    return client;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  async #setUp(): Promise<void> {
    this.#socket.write(encode([u8(0x6c), u8(0), u16(11), u16(0), u16(0), u16(0), u16(0)]));
    const setup = await new Promise<Buffer>((resolve, reject) => {
      const handleData = (chunk: Buffer): void => {
        this.#inbox = Buffer.concat([this.#inbox, chunk]);
        if (this.#inbox.length < 8) return;
        const length = 8 + this.#inbox.readUInt16LE(6) * 4;
        if (this.#inbox.length < length) return;
        this.#socket.off("data", handleData);
        const whole = this.#inbox.subarray(0, length);
        this.#inbox = this.#inbox.subarray(length);
        if (whole[0] === 1) resolve(whole);
        else reject(new Error("the X server refused the connection"));
      };
      this.#socket.on("data", handleData);
    });
    this.#nextId = setup.readUInt32LE(12);
    const vendorBytes = setup.readUInt16LE(24);
    const formats = setup[29] ?? 0;
    this.root = setup.readUInt32LE(40 + padded(vendorBytes) + formats * 8);
    this.#socket.on("data", (chunk: Buffer) => {
      this.#receive(chunk);
    });
    this.#socket.on("error", (error) => {
      this.#failure = error;
    });
  }

  newId(): number {
    return this.#nextId++;
  }

  /** A window without a frame, mapped. */
  createWindow(rect: XRect, background: number): number {
    const id = this.newId();
    this.#request(1, 0, [
      ...[u32(id), u32(this.root), i16(rect.x), i16(rect.y), u16(rect.width), u16(rect.height), u16(0), u16(1), u32(0)],
      ...[u32(WINDOW_BACKGROUND | WINDOW_OVERRIDE_REDIRECT), u32(background), u32(1)],
    ]);
    this.#request(8, 0, [u32(id)]);
    return id;
  }

  moveWindow(window: number, x: number, y: number): void {
    this.#request(12, 0, [u32(window), u16(3), u16(0), i32(x), i32(y)]);
  }

  destroyWindow(window: number): void {
    this.#request(4, 0, [u32(window)]);
  }

  createPixmap(width: number, height: number, depth = 24): number {
    const id = this.newId();
    this.#request(53, depth, [u32(id), u32(this.root), u16(width), u16(height)]);
    return id;
  }

  createGc(drawable: number, values: GcValues = {}): number {
    const id = this.newId();
    const given = GC_VALUES.flatMap((name, bit) => (values[name] === undefined ? [] : [[bit, values[name]] as const]));
    const mask = given.reduce((bits, [bit]) => bits | (1 << bit), 0);
    this.#request(55, 0, [u32(id), u32(drawable), u32(mask), ...given.map(([, value]) => u32(value >>> 0))]);
    return id;
  }

  setDashes(gc: number, dashes: readonly number[]): void {
    this.#request(58, 0, [u32(gc), u16(0), u16(dashes.length), Uint8Array.from(dashes)]);
  }

  setClip(gc: number, rects: readonly XRect[]): void {
    this.#request(59, 0, [u32(gc), i16(0), i16(0), ...rects.flatMap(rectangle)]);
  }

  openFont(name: string): number {
    const id = this.newId();
    this.#request(45, 0, [u32(id), u16(name.length), u16(0), Buffer.from(name, "latin1")]);
    return id;
  }

  copyArea(from: number, to: number, gc: number, source: XRect, target: XPoint): void {
    this.#request(62, 0, [
      ...[u32(from), u32(to), u32(gc), i16(source.x), i16(source.y), i16(target[0]), i16(target[1])],
      ...[u16(source.width), u16(source.height)],
    ]);
  }

  lines(drawable: number, gc: number, points: readonly XPoint[]): void {
    this.#request(65, 0, [u32(drawable), u32(gc), ...points.flatMap(([x, y]) => [i16(x), i16(y)])]);
  }

  /** Whole circles and ellipses; filled, or as lines. */
  arcs(drawable: number, gc: number, rects: readonly XRect[], how: "filled" | "line"): void {
    const all = rects.flatMap((rect) => [...rectangle(rect), i16(0), i16(360 * 64)]);
    this.#request(how === "filled" ? 71 : 68, 0, [u32(drawable), u32(gc), ...all]);
  }

  fillPolygon(drawable: number, gc: number, points: readonly XPoint[]): void {
    const all = points.flatMap(([x, y]) => [i16(x), i16(y)]);
    this.#request(69, 0, [u32(drawable), u32(gc), u8(0), u8(0), u16(0), ...all]);
  }

  fill(drawable: number, gc: number, rects: readonly XRect[]): void {
    this.#request(70, 0, [u32(drawable), u32(gc), ...rects.flatMap(rectangle)]);
  }

  text(drawable: number, gc: number, at: XPoint, text: string): void {
    this.#request(76, text.length, [u32(drawable), u32(gc), i16(at[0]), i16(at[1]), Buffer.from(text, "latin1")]);
  }

  /** Pixels 0xAARRGGBB, as the server of a PC wants them. */
  putImage(
    drawable: number,
    gc: number,
    image: { width: number; height: number; pixels: Uint32Array },
    at: XPoint,
    depth = 24,
  ): void {
    const { width, height, pixels } = image;
    const rows = Math.max(1, Math.floor(STRIPE_BYTES / (width * 4)));
    for (let top = 0; top < height; top += rows) {
      const count = Math.min(rows, height - top);
      const part = pixels.subarray(top * width, (top + count) * width);
      this.#request(72, 2, [
        ...[u32(drawable), u32(gc), u16(width), u16(count), i16(at[0]), i16(at[1] + top), u8(0), u8(depth), u16(0)],
        new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
      ]);
    }
  }

  /** Waits until the server has done all that was asked for; throws when it found an error in it. */
  async sync(): Promise<void> {
    await this.#ask(43, 0, []);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Where the pointer is on the screen, and which of its buttons are down (bit 8: the first). */
  async pointer(): Promise<{ x: number; y: number; buttons: number }> {
    const reply = await this.#ask(38, 0, [u32(this.root)]);
    return { x: reply.readInt16LE(16), y: reply.readInt16LE(18), buttons: reply.readUInt16LE(24) };
  }

  /** Opcode of an extension; undefined where the server has it not. */
  async extension(name: string): Promise<number | undefined> {
    const reply = await this.#ask(98, 0, [u16(name.length), u16(0), Buffer.from(name, "latin1")]);
    return reply[8] === 1 ? reply[9] : undefined;
  }

  /** For RENDER, whose requests are not written out here. */
  requestOf(opcode: number, minor: number, args: readonly XArgument[]): void {
    this.#request(opcode, minor, args);
  }

  async askOf(opcode: number, minor: number, args: readonly XArgument[]): Promise<Buffer> {
    return await this.#ask(opcode, minor, args);
  }

  close(): void {
    this.#socket.destroy();
  }

  #request(opcode: number, data: number, args: readonly Argument[]): void {
    const body = encode(args);
    const header = encode([u8(opcode), u8(data), u16(1 + body.length / 4)]);
    this.#socket.write(Buffer.concat([header, body]));
  }

  async #ask(opcode: number, data: number, args: readonly Argument[]): Promise<Buffer> {
    const answered = new Promise<Buffer>((resolve) => this.#waiting.push(resolve));
    this.#request(opcode, data, args);
    return await answered;
  }

  #receive(chunk: Buffer): void {
    this.#inbox = Buffer.concat([this.#inbox, chunk]);
    while (this.#inbox.length >= REPLY_BYTES) {
      const kind = this.#inbox[0] ?? 0;
      const length = kind === 1 ? REPLY_BYTES + this.#inbox.readUInt32LE(4) * 4 : REPLY_BYTES;
      if (this.#inbox.length < length) return;
      const message = this.#inbox.subarray(0, length);
      this.#inbox = this.#inbox.subarray(length);
      if (kind === 1) this.#waiting.shift()?.(message);
      else if (kind === 0) {
        this.#failure ??= new Error(`the X server: error ${message[1] ?? 0} of request ${message[10] ?? 0}`);
      }
    }
  }
}

export type XArgument = Argument;
export const xArgument = { u8, u16, i16, u32, i32 };

function rectangle({ x, y, width, height }: XRect): Argument[] {
  return [i16(x), i16(y), u16(width), u16(height)];
}

function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** Little-endian, padded with zeros to units of four bytes. */
function encode(args: readonly Argument[]): Buffer {
  const size = args.reduce((sum, each) => sum + (each instanceof Uint8Array ? each.length : SIZE_OF[each[0]]), 0);
  const bytes = Buffer.alloc(size % 4 === 0 || size < 4 ? size : padded(size));
  let at = 0;
  for (const each of args) {
    if (each instanceof Uint8Array) {
      bytes.set(each, at);
      at += each.length;
      continue;
    }
    const [kind, value] = each;
    if (kind === "u8") at = bytes.writeUInt8(value, at);
    else if (kind === "u16") at = bytes.writeUInt16LE(value, at);
    else if (kind === "i16") at = bytes.writeInt16LE(value, at);
    else if (kind === "u32") at = bytes.writeUInt32LE(value, at);
    else at = bytes.writeInt32LE(value, at);
  }
  return bytes;
}
