import { DISPLAY_MESSAGE } from "../../constants/message-types.ts";
import type { SpiceReader } from "../../wire/spice-reader.ts";
import type { DrawBase, DrawOperation, ScaleMode } from "../draw-types.ts";
import { parseBrush, parseMask } from "./brush.ts";
import { malformed, parseNeededPointer, parsePoint, parsePoint16, parseRect, parseTransform } from "./geometry.ts";
import { parseImagePointer, parseNeededImage, type ParsedImage } from "./image.ts";
import { parseLineStyle, parsePath, parseString } from "./text-and-path.ts";

export type ParsedDraw = DrawOperation<ParsedImage>;

type ParseDraw = (reader: SpiceReader, base: DrawBase) => ParsedDraw;

/** spice.proto "composite_flags": which of the optional parts stand in the message. */
const COMPOSITE_HAS = { mask: 1 << 19, sourceTransform: 1 << 20, maskTransform: 1 << 21 } as const;

/** spice.proto "DisplayChannel", DRAW_*: what follows the base, by message number. */
export const parseDrawByType: Readonly<Partial<Record<number, ParseDraw>>> = {
  [DISPLAY_MESSAGE.drawFill]: (reader, base) => ({
    op: "fill",
    base,
    brush: parseBrush(reader),
    rop: reader.u16(),
    mask: parseMask(reader),
  }),
  [DISPLAY_MESSAGE.drawOpaque]: (reader, base) => ({
    op: "opaque",
    base,
    source: parseSource(reader),
    sourceArea: parseRect(reader),
    brush: parseBrush(reader),
    rop: reader.u16(),
    scaleMode: parseScaleMode(reader),
    mask: parseMask(reader),
  }),
  [DISPLAY_MESSAGE.drawCopy]: (reader, base) => parseCopy(reader, base, "copy"),
  [DISPLAY_MESSAGE.drawBlend]: (reader, base) => parseCopy(reader, base, "blend"),
  [DISPLAY_MESSAGE.drawBlackness]: (reader, base) => ({ op: "blackness", base, mask: parseMask(reader) }),
  [DISPLAY_MESSAGE.drawWhiteness]: (reader, base) => ({ op: "whiteness", base, mask: parseMask(reader) }),
  [DISPLAY_MESSAGE.drawInvers]: (reader, base) => ({ op: "invers", base, mask: parseMask(reader) }),
  [DISPLAY_MESSAGE.drawRop3]: (reader, base) => ({
    op: "rop3",
    base,
    source: parseSource(reader),
    sourceArea: parseRect(reader),
    brush: parseBrush(reader),
    rop3: reader.u8(),
    scaleMode: parseScaleMode(reader),
    mask: parseMask(reader),
  }),
  [DISPLAY_MESSAGE.drawStroke]: (reader, base) => ({
    op: "stroke",
    base,
    path: parsePath(parseNeededPointer(reader, "path")),
    style: parseLineStyle(reader),
    brush: parseBrush(reader),
    foreMode: reader.u16(),
    backMode: reader.u16(),
  }),
  [DISPLAY_MESSAGE.drawText]: (reader, base) => ({
    op: "text",
    base,
    ...parseString(parseNeededPointer(reader, "text")),
    backArea: parseRect(reader),
    foreBrush: parseBrush(reader),
    backBrush: parseBrush(reader),
    foreMode: reader.u16(),
    backMode: reader.u16(),
  }),
  [DISPLAY_MESSAGE.drawTransparent]: (reader, base) => {
    const source = parseSource(reader);
    const sourceArea = parseRect(reader);
    // src_color is in the source's own format; true_color is the same as 0x00RRGGBB.
    reader.skip(4);
    return { op: "transparent", base, source, sourceArea, transparentColour: reader.u32() };
  },
  [DISPLAY_MESSAGE.drawAlphaBlend]: (reader, base) => ({
    op: "alphaBlend",
    base,
    alphaFlags: reader.u8(),
    alpha: reader.u8(),
    source: parseSource(reader),
    sourceArea: parseRect(reader),
  }),
  [DISPLAY_MESSAGE.drawComposite]: parseComposite,
  [DISPLAY_MESSAGE.copyBits]: (reader, base) => ({ op: "copyBits", base, sourcePosition: parsePoint(reader) }),
};

function parseSource(reader: SpiceReader): ParsedImage {
  return parseNeededImage(reader, "source picture");
}

function parseCopy(reader: SpiceReader, base: DrawBase, op: "copy" | "blend"): ParsedDraw {
  return {
    op,
    base,
    source: parseSource(reader),
    sourceArea: parseRect(reader),
    rop: reader.u16(),
    scaleMode: parseScaleMode(reader),
    mask: parseMask(reader),
  };
}

function parseComposite(reader: SpiceReader, base: DrawBase): ParsedDraw {
  const flags = reader.u32();
  const source = parseSource(reader);
  const hasMask = (flags & COMPOSITE_HAS.mask) !== 0;
  return {
    op: "composite",
    base,
    flags,
    source,
    mask: hasMask ? parseImagePointer(reader) : undefined,
    sourceTransform: (flags & COMPOSITE_HAS.sourceTransform) === 0 ? undefined : parseTransform(reader),
    maskTransform: (flags & COMPOSITE_HAS.maskTransform) === 0 ? undefined : parseTransform(reader),
    sourceOrigin: parsePoint16(reader),
    maskOrigin: parsePoint16(reader),
  };
}

/** spice.proto "image_scale_mode". */
function parseScaleMode(reader: SpiceReader): ScaleMode {
  const mode = reader.u8();
  if (mode > 1) throw malformed(`scale mode ${String(mode)} is not known`);
  return mode === 0 ? "interpolate" : "nearest";
}
