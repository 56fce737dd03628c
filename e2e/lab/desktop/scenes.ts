import type { XPoint, XRect } from "./x-client.ts";
import { type XClient, xArgument } from "./x-client.ts";

/**
 * What is drawn on the desktop guest's screen, request by request: the same each time, so that pictures and recordings can be
 * compared. Each scene ends when the guest's X server has drawn it.
 */
export type Scene = (x: XClient) => Promise<void>;

/** A window for each scene; they lie over each other only in part, so that the last picture shows something of all of them. */
const STAGE_SIZE = { width: 640, height: 480 };
const STAGES = {
  shapes: { x: 0, y: 0, ...STAGE_SIZE },
  photos: { x: 384, y: 0, ...STAGE_SIZE },
  scroll: { x: 0, y: 288, ...STAGE_SIZE },
  transparent: { x: 384, y: 288, ...STAGE_SIZE },
} satisfies Record<string, XRect>;
const SPRITE_PX = 40;
/** GXclear to GXset: every raster operation that X has. */
const FUNCTION_COUNT = 16;
const FONT = "-misc-fixed-medium-r-normal--20-*-*-*-*-*-iso8859-1";

/** A deterministic sequence, for pictures that no codec can shorten much. */
export function noise(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** Soft light and grain, as a photograph has them. */
export function photo(
  width: number,
  height: number,
  options: { phase?: number; grain?: number } = {},
): { width: number; height: number; pixels: Uint32Array } {
  const { phase = 0, grain: strength = 8 } = options;
  const random = noise(7 + phase);
  const pixels = new Uint32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const grain = random() * strength;
      const wave = (scaleX: number, scaleY: number): number =>
        0.5 + 0.5 * Math.sin((x + phase * 9) / scaleX + y / scaleY);
      const red = 40 + 200 * wave(97, 61) + grain;
      const green = 30 + 170 * wave(53, -89) + grain;
      const blue = 50 + 180 * wave(-131, 71) + grain;
      pixels[y * width + x] = ((red & 0xff) << 16) | ((green & 0xff) << 8) | (blue & 0xff);
    }
  }
  return { width, height, pixels };
}

/** Plain colours, lines, circles, dashes, clips, patterns and text: what windows are made of. */
export const drawShapes: Scene = async (x) => {
  const window = x.createWindow(STAGES.shapes, 0xf0f0e8);
  await x.sync();
  for (let row = 0; row < 6; row += 1) {
    for (let column = 0; column < 8; column += 1) {
      const gc = x.createGc(window, {
        foreground: (row * 0x2a0000 + column * 0x1f00 + ((row * column) & 7) * 0x20) & 0xffffff,
      });
      x.fill(window, gc, [{ x: 10 + column * 38, y: 10 + row * 22, width: 30, height: 16 }]);
    }
  }
  const line = x.createGc(window, { foreground: 0x204060, lineWidth: 3 });
  x.lines(window, line, zigzag({ x: 330, y: 20, width: 290, height: 110 }, 14));
  const dashed = x.createGc(window, { foreground: 0xa02020, lineWidth: 1, lineStyle: 1 });
  x.setDashes(dashed, [6, 3, 2, 3]);
  x.lines(window, dashed, zigzag({ x: 330, y: 40, width: 290, height: 90 }, 9));
  const round = x.createGc(window, { foreground: 0x208050 });
  x.arcs(window, round, [{ x: 20, y: 160, width: 90, height: 90 }], "filled");
  x.arcs(window, line, [{ x: 130, y: 160, width: 140, height: 80 }], "line");
  x.fillPolygon(window, x.createGc(window, { foreground: 0x8040a0 }), star([360, 210], 55));
  const clipped = x.createGc(window, { foreground: 0xe08020 });
  x.setClip(
    clipped,
    [0, 1, 2, 3, 4].map((index) => ({ x: 440 + index * 36, y: 160, width: 24, height: 100 })),
  );
  x.arcs(window, clipped, [{ x: 430, y: 150, width: 190, height: 120 }], "filled");
  const tile = x.createPixmap(16, 16);
  x.putImage(tile, x.createGc(tile), photo(16, 16), [0, 0]);
  x.fill(window, x.createGc(window, { fillStyle: 1, tile }), [{ x: 20, y: 270, width: 280, height: 60 }]);
  const ink = x.createGc(window, { foreground: 0x101010, background: 0xf0f0e8, font: x.openFont(FONT) });
  for (const [index, text] of [
    "The quick brown fox jumps",
    "over the lazy dog 0123456789",
    "{[(<~!@#$%^&*>)]}",
  ].entries()) {
    x.text(window, ink, [20, 370 + index * 26], text);
  }
  await x.sync();
};

/** A photograph, and the same in other places with every raster operation of X. */
export const drawPhotos: Scene = async (x) => await drawPhotosOf(x, { width: 400, height: 300 });

/** The same with less to keep in a file. */
export const drawSmallPhotos: Scene = async (x) => await drawPhotosOf(x, { width: 120, height: 90 });

async function drawPhotosOf(x: XClient, size: { width: number; height: number }): Promise<void> {
  const window = x.createWindow(STAGES.photos, 0x303030);
  await x.sync();
  x.putImage(window, x.createGc(window), photo(size.width, size.height), [10, 10]);
  const edge = Math.floor(size.width / 8);
  const small = x.createPixmap(edge, edge);
  x.putImage(small, x.createGc(small), photo(edge, edge, { phase: 3 }), [0, 0]);
  for (let index = 0; index < FUNCTION_COUNT; index += 1) {
    const target: XPoint = [420 + (index % 4) * 54, 10 + Math.floor(index / 4) * 54];
    x.copyArea(
      small,
      window,
      x.createGc(window, { function: index }),
      { x: 0, y: 0, width: edge, height: edge },
      target,
    );
    const fill = x.createGc(window, { function: index, foreground: 0x5a3cc3 });
    x.fill(window, fill, [
      { x: 10 + index * Math.floor(edge / 2), y: size.height - 40, width: Math.floor(edge / 2) - 1, height: 90 },
    ]);
  }
  await x.sync();
}

/** A part of the picture goes up, as in a terminal, and a window is pulled over others. */
export const scrollAndMove: Scene = async (x) => {
  const window = x.createWindow(STAGES.scroll, 0xffffff);
  const ink = x.createGc(window, { foreground: 0x002060, background: 0xffffff, font: x.openFont(FONT) });
  await x.sync();
  const lineHeight = 22;
  for (let line = 0; line < 40; line += 1) {
    x.copyArea(
      window,
      window,
      ink,
      { ...STAGE_SIZE, x: 0, y: lineHeight, height: STAGE_SIZE.height - lineHeight },
      [0, 0],
    );
    x.fill(window, x.createGc(window, { foreground: 0xffffff }), [
      { x: 0, y: STAGE_SIZE.height - lineHeight, width: STAGE_SIZE.width, height: lineHeight },
    ]);
    x.text(window, ink, [8, STAGE_SIZE.height - 6], `line ${line} ${"=".repeat((line * 7) % 30)} ${line * 7919}`);
    await x.sync();
  }
  const above = x.createWindow({ x: STAGES.scroll.x + 20, y: STAGES.scroll.y + 20, width: 200, height: 150 }, 0xffd040);
  x.arcs(above, x.createGc(above, { foreground: 0x0060c0 }), [{ x: 20, y: 20, width: 160, height: 110 }], "filled");
  await x.sync();
  for (let step = 1; step <= 20; step += 1) {
    x.moveWindow(above, STAGES.scroll.x + 20 + step * 8, STAGES.scroll.y + 20 + step * 9);
    await x.sync();
  }
};

/** Half transparent pictures, scaled and turned, by the RENDER extension. */
export const drawTransparent: Scene = async (x) => {
  const window = x.createWindow(STAGES.transparent, 0x406080);
  await x.sync();
  x.putImage(window, x.createGc(window), photo(200, 60, { phase: 5 }), [0, 0]);
  const render = await openRender(x);
  const target = render.createPicture(window, render.opaqueFormat);
  const random = noise(11);
  for (let index = 0; index < 12; index += 1) {
    const source = x.createPixmap(SPRITE_PX, SPRITE_PX, 32);
    const { pixels } = photo(SPRITE_PX, SPRITE_PX, { phase: index, grain: 0 });
    const faded = pixels.map((pixel) => premultiplied(pixel, 40 + index * 17));
    x.putImage(source, x.createGc(source), { width: SPRITE_PX, height: SPRITE_PX, pixels: faded }, [0, 0], 32);
    const picture = render.createPicture(source, render.alphaFormat);
    const scale = 0.4 + (index % 4) * 0.35;
    render.setTransform(picture, [scale, index > 7 ? 0.3 : 0, 0, index > 7 ? -0.2 : 0, scale, 0]);
    if (index % 2 === 1) render.setFilter(picture, "bilinear");
    const at: XPoint = [Math.floor(random() * 480), Math.floor(random() * 340)];
    render.over(picture, target, at, { width: Math.floor(SPRITE_PX / scale), height: Math.floor(SPRITE_PX / scale) });
  }
  await x.sync();
};

/** Frames of a moving picture at a steady pace, until `frames` are shown. */
export async function playFrames(
  x: XClient,
  options: { frames: number; rect: XRect; pause: () => Promise<void> },
): Promise<void> {
  const { frames, rect, pause } = options;
  const window = x.createWindow(rect, 0);
  const gc = x.createGc(window);
  await x.sync();
  for (let frame = 0; frame < frames; frame += 1) {
    x.putImage(window, gc, photo(rect.width, rect.height, { phase: frame, grain: 0 }), [0, 0]);
    await x.sync();
    await pause();
  }
}

export const SCENES = { shapes: drawShapes, photos: drawPhotos, scroll: scrollAndMove, transparent: drawTransparent };

function zigzag(rect: XRect, turns: number): XPoint[] {
  return Array.from({ length: turns }, (_, index) => [
    rect.x + Math.floor((rect.width * index) / (turns - 1)),
    rect.y + (index % 2 === 0 ? 0 : rect.height),
  ]);
}

function star([centreX, centreY]: XPoint, radius: number): XPoint[] {
  return Array.from({ length: 10 }, (_, index) => {
    const angle = (index * Math.PI) / 5 - Math.PI / 2;
    const length = index % 2 === 0 ? radius : radius / 2.5;
    return [Math.round(centreX + length * Math.cos(angle)), Math.round(centreY + length * Math.sin(angle))];
  });
}

function premultiplied(pixel: number, alpha: number): number {
  const part = (shift: number): number => Math.floor((((pixel >> shift) & 0xff) * alpha) / 255) << shift;
  return ((alpha << 24) | part(16) | part(8) | part(0)) >>> 0;
}

interface Render {
  readonly opaqueFormat: number;
  readonly alphaFormat: number;
  createPicture(drawable: number, format: number): number;
  /** The first two rows of the matrix from target to source. */
  setTransform(picture: number, rows: readonly [number, number, number, number, number, number]): void;
  setFilter(picture: number, name: "nearest" | "bilinear"): void;
  over(source: number, target: number, at: XPoint, size: { width: number; height: number }): void;
}

/** RENDER's requests: QueryVersion 0, QueryPictFormats 1, CreatePicture 4, Composite 8, SetPictureTransform 28, SetPictureFilter 30. */
async function openRender(x: XClient): Promise<Render> {
  const { u8, u16, i16, u32, i32 } = xArgument;
  const opcode = await x.extension("RENDER");
  if (opcode === undefined) throw new Error("the guest's X server has no RENDER extension");
  await x.askOf(opcode, 0, [u32(0), u32(11)]);
  const formats = await x.askOf(opcode, 1, []);
  const formatOf = (depth: number, alphaMask: number): number => {
    for (let at = 32; at < 32 + formats.readUInt32LE(8) * 28; at += 28) {
      if (formats[at + 5] === depth && formats.readUInt16LE(at + 22) === alphaMask) return formats.readUInt32LE(at);
    }
    throw new Error(`RENDER has no pictures of depth ${depth}`);
  };
  const fixed = (value: number) => i32(Math.round(value * 65536));
  return {
    opaqueFormat: formatOf(24, 0),
    alphaFormat: formatOf(32, 0xff),
    createPicture(drawable, format) {
      const id = x.newId();
      x.requestOf(opcode, 4, [u32(id), u32(drawable), u32(format), u32(0)]);
      return id;
    },
    setTransform(picture, rows) {
      x.requestOf(opcode, 28, [u32(picture), ...[...rows, 0, 0, 1].map(fixed)]);
    },
    setFilter(picture, name) {
      x.requestOf(opcode, 30, [u32(picture), u16(name.length), u16(0), Buffer.from(name)]);
    },
    over(source, target, at, { width, height }) {
      x.requestOf(opcode, 8, [
        ...[u8(3), u8(0), u16(0), u32(source), u32(0), u32(target), i16(0), i16(0), i16(0), i16(0)],
        ...[i16(at[0]), i16(at[1]), u16(width), u16(height)],
      ]);
    },
  };
}
