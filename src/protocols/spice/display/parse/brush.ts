import type { SpiceReader } from "../../wire/spice-reader.ts";
import type { Brush, Mask } from "../draw-types.ts";
import { malformed, parsePoint } from "./geometry.ts";
import { parseImagePointer, parseNeededImage, type ParsedImage } from "./image.ts";

/** spice.proto "Brush". */
export function parseBrush(reader: SpiceReader): Brush<ParsedImage> {
  const type = reader.u8();
  switch (type) {
    case 0:
      return { kind: "none" };
    case 1:
      return { kind: "solid", colour: reader.u32() };
    case 2: {
      const image = parseNeededImage(reader, "picture of a pattern");
      return { kind: "pattern", image, origin: parsePoint(reader) };
    }
    default:
      throw malformed(`brush type ${String(type)} is not known`);
  }
}

/** spice.proto "QMask". */
export function parseMask(reader: SpiceReader): Mask<ParsedImage> {
  const isInverted = (reader.u8() & 1) !== 0;
  const origin = parsePoint(reader);
  const image = parseImagePointer(reader);
  return image === undefined ? undefined : { image, origin, isInverted };
}
