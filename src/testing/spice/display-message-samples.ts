import { DISPLAY_MESSAGE } from "../../protocols/spice/constants/message-types.ts";
import {
  bitmapImage,
  body,
  cachedImage,
  drawCopy,
  drawFill,
  IMAGE_TYPE,
  image,
  packedImage,
  plainImage,
  streamCreate,
  streamData,
  surfaceCreate,
  surfaceImage,
  type Placed,
} from "./display-messages.ts";

export interface DisplaySample {
  readonly type: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

const SIZE = { width: 2, height: 2 };
const PIXELS = Uint8Array.from({ length: 16 }, (_, index) => index * 15);

/** One of each way in which a picture stands in a message. */
const IMAGES: readonly Placed[] = [
  plainImage(0x112233, { ...SIZE, id: 7n, flags: 1 }),
  bitmapImage(5, SIZE, Uint8Array.of(0, 1, 1, 0), { id: 5n, colours: [0xff0000, 0x0000ff], shouldCache: true }),
  bitmapImage(5, SIZE, Uint8Array.of(0, 1, 1, 0), { id: 5n }),
  packedImage(IMAGE_TYPE.quic, SIZE, PIXELS),
  packedImage(IMAGE_TYPE.lzRgb, SIZE, PIXELS),
  packedImage(IMAGE_TYPE.glzRgb, SIZE, PIXELS),
  packedImage(IMAGE_TYPE.jpeg, SIZE, PIXELS),
  packedImage(IMAGE_TYPE.lz4, SIZE, PIXELS),
  image(IMAGE_TYPE.zlibGlzRgb, SIZE, body().u32(40, PIXELS.length).raw(PIXELS)),
  image(IMAGE_TYPE.jpegAlpha, SIZE, body().u8(1).u32(8, PIXELS.length).raw(PIXELS)),
  image(IMAGE_TYPE.lzPlt, SIZE, body().u8(2).u32(PIXELS.length).u64(5n).raw(PIXELS)),
  cachedImage(7n, SIZE),
  cachedImage(7n, SIZE, IMAGE_TYPE.fromCacheLossless),
  surfaceImage(0, SIZE),
];

const BOX = [1, 2, 9, 10] as const;
const CLIP = [
  [1, 2, 3, 4],
  [5, 6, 7, 8],
] as const;
const MASK = bitmapImage(2, SIZE, Uint8Array.of(0x80, 0x40));

function drawSamples(source: Placed): readonly DisplaySample[] {
  const on = (): ReturnType<typeof body> => body().base(0, BOX, CLIP);
  const area = [0, 0, 2, 2] as const;
  return [
    {
      type: DISPLAY_MESSAGE.drawOpaque,
      body: on().pointer(source).rect(area).solid(1).u16(8).u8(1).mask(MASK).finish(),
    },
    { type: DISPLAY_MESSAGE.drawCopy, body: on().pointer(source).rect(area).u16(8).u8(0).mask(MASK).finish() },
    { type: DISPLAY_MESSAGE.drawBlend, body: on().pointer(source).rect(area).u16(64).u8(0).mask().finish() },
    { type: DISPLAY_MESSAGE.drawRop3, body: on().pointer(source).rect(area).solid(1).u8(0xca, 0).mask().finish() },
    { type: DISPLAY_MESSAGE.drawTransparent, body: on().pointer(source).rect(area).u32(1, 2).finish() },
    { type: DISPLAY_MESSAGE.drawAlphaBlend, body: on().u8(0, 128).pointer(source).rect(area).finish() },
    {
      type: DISPLAY_MESSAGE.drawFill,
      body: on().pattern(source, 3, 4).u16(8).mask(MASK, { isInverted: true }).finish(),
    },
    {
      type: DISPLAY_MESSAGE.drawComposite,
      body: on()
        .u32(3 | (7 << 19))
        .pointer(source)
        .pointer(source)
        .i32(65536, 0, 0, 0, 65536, 0, 65536, 0, 0, 0, 65536, 0)
        .u16(1, 2, 3, 4)
        .finish(),
    },
  ];
}

const PATH = body().u32(2).u8(1).u32(2).i32(0, 0, 160, 160).u8(2).u32(1).i32(320, 0);
const DASHES = body().i32(48, 16);
const TEXT = body().u16(1).u8(1).i32(2, 3, -1, -2).u16(9, 2).u8(0x80, 0, 0xff, 0x80);

/** At least one well-formed message of each type that a display channel's server sends. */
export const DISPLAY_SAMPLES: readonly DisplaySample[] = [
  { type: DISPLAY_MESSAGE.mode, body: body().u32(20, 20, 32).finish() },
  { type: DISPLAY_MESSAGE.surfaceCreate, body: surfaceCreate(0, 20, 20) },
  { type: DISPLAY_MESSAGE.surfaceCreate, body: surfaceCreate(3, 8, 8, { format: 96 }) },
  { type: DISPLAY_MESSAGE.mark, body: new Uint8Array(0) },
  { type: DISPLAY_MESSAGE.drawFill, body: drawFill(0, BOX, 0x123456) },
  { type: DISPLAY_MESSAGE.drawBlackness, body: body().base(0, BOX).mask().finish() },
  { type: DISPLAY_MESSAGE.drawWhiteness, body: body().base(0, BOX).mask(MASK).finish() },
  { type: DISPLAY_MESSAGE.drawInvers, body: body().base(0, BOX).mask().finish() },
  {
    type: DISPLAY_MESSAGE.drawStroke,
    body: body()
      .base(0, BOX)
      .pointer((offset) => PATH.place(offset))
      .u8(8 | 4, 2)
      .pointer((offset) => DASHES.place(offset))
      .solid(0xff)
      .u16(8, 8)
      .finish(),
  },
  {
    type: DISPLAY_MESSAGE.drawText,
    body: body()
      .base(0, BOX)
      .pointer((offset) => TEXT.place(offset))
      .rect([1, 2, 9, 9])
      .solid(0xffffff)
      .u8(0)
      .u16(8, 0)
      .finish(),
  },
  { type: DISPLAY_MESSAGE.copyBits, body: body().base(0, BOX).i32(0, 0).finish() },
  ...IMAGES.flatMap(drawSamples),
  { type: DISPLAY_MESSAGE.drawCopy, body: drawCopy(3, [0, 0, 2, 2], plainImage(1, SIZE)) },
  { type: DISPLAY_MESSAGE.invalList, body: body().u16(2).u8(1).u64(7n).u8(1).u64(8n).finish() },
  { type: DISPLAY_MESSAGE.invalPalette, body: body().u64(5n).finish() },
  { type: DISPLAY_MESSAGE.invalAllPalettes, body: new Uint8Array(0) },
  { type: DISPLAY_MESSAGE.invalAllPixmaps, body: body().u8(1, 2, 1).u64(9n).finish() },
  {
    type: DISPLAY_MESSAGE.streamCreate,
    body: streamCreate({ width: 4, height: 4, destination: [0, 0, 8, 8], clip: CLIP }),
  },
  { type: DISPLAY_MESSAGE.streamActivateReport, body: body().u32(1, 77, 5, 1000).finish() },
  { type: DISPLAY_MESSAGE.streamData, body: streamData(1, 1000, PIXELS) },
  {
    type: DISPLAY_MESSAGE.streamDataSized,
    body: body().u32(1, 1010, 4, 4).rect([0, 0, 4, 4]).u32(PIXELS.length).raw(PIXELS).finish(),
  },
  { type: DISPLAY_MESSAGE.streamClip, body: body().u32(1).clip(CLIP).finish() },
  { type: DISPLAY_MESSAGE.streamDestroy, body: body().u32(1).finish() },
  { type: DISPLAY_MESSAGE.streamDestroyAll, body: new Uint8Array(0) },
  {
    type: DISPLAY_MESSAGE.monitorsConfig,
    body: body().u16(2, 4).u32(0, 0, 10, 20, 0, 0, 0).u32(1, 0, 10, 20, 10, 0, 0).finish(),
  },
  { type: DISPLAY_MESSAGE.glScanoutUnix, body: body().u32(640, 480, 2560, 1, 0).finish() },
  { type: DISPLAY_MESSAGE.glDraw, body: body().u32(0, 0, 640, 480).finish() },
  { type: DISPLAY_MESSAGE.qualityIndicator, body: new Uint8Array(4) },
  { type: DISPLAY_MESSAGE.surfaceDestroy, body: body().u32(3).finish() },
  { type: DISPLAY_MESSAGE.reset, body: new Uint8Array(0) },
];
