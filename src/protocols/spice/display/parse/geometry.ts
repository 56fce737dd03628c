import { ProtocolError } from "../../../bytes/protocol-error.ts";
import type { SpiceReader } from "../../wire/spice-reader.ts";
import { MAX_CLIP_RECTS } from "../display-limits.ts";
import type { Clip, DrawBase, Point, Rect, Transform } from "../draw-types.ts";

const RECT_BYTES = 16;

export function malformed(what: string): ProtocolError {
  return new ProtocolError("malformed", what);
}

export function overLimit(what: string): ProtocolError {
  return new ProtocolError("limit", what);
}

/** spice.proto "Point". */
export function parsePoint(reader: SpiceReader): Point {
  const x = reader.i32();
  return { x, y: reader.i32() };
}

/** spice.proto "Point16". */
export function parsePoint16(reader: SpiceReader): Point {
  const x = reader.i16();
  return { x, y: reader.i16() };
}

/** spice.proto "Rect": top, left, bottom, right. Throws where an edge lies before its opposite; empty ones are allowed. */
export function parseRect(reader: SpiceReader): Rect {
  const top = reader.i32();
  const left = reader.i32();
  const bottom = reader.i32();
  const right = reader.i32();
  if (left > right || top > bottom) {
    throw malformed(`rectangle from ${String(left)},${String(top)} ends at ${String(right)},${String(bottom)}`);
  }
  return { left, top, right, bottom };
}

/** spice.proto "Clip": the rectangles stand in place. */
export function parseClip(reader: SpiceReader): Clip {
  const type = reader.u8();
  if (type === 0) return undefined;
  if (type !== 1) throw malformed(`clip type ${String(type)} is not known`);
  const count = reader.u32();
  if (count > MAX_CLIP_RECTS) throw overLimit(`clip of ${String(count)} rectangles`);
  expectBytes(reader, count * RECT_BYTES);
  return Array.from({ length: count }, () => parseRect(reader));
}

/** spice.proto "DisplayBase". */
export function parseBase(reader: SpiceReader): DrawBase {
  const surfaceId = reader.u32();
  const box = parseRect(reader);
  return { surfaceId, box, clip: parseClip(reader) };
}

/** spice.proto "Transform": 16.16 fixed point, signed as pixman reads it. */
export function parseTransform(reader: SpiceReader): Transform {
  return [reader.i32(), reader.i32(), reader.i32(), reader.i32(), reader.i32(), reader.i32()];
}

/** Before allocating by a count that stood on the wire. */
export function expectBytes(reader: SpiceReader, count: number): void {
  if (count > reader.remaining) throw malformed(`message ends ${String(count - reader.remaining)} bytes too early`);
}

/** A reader at the offset that stands next; undefined for 0, which says that there is nothing. */
export function parsePointer(reader: SpiceReader): SpiceReader | undefined {
  const offset = reader.u32();
  return offset === 0 ? undefined : reader.at(offset);
}

/** Like `parsePointer` where spice.proto says @nonnull, or where nothing can be drawn without. */
export function parseNeededPointer(reader: SpiceReader, what: string): SpiceReader {
  const target = parsePointer(reader);
  if (target === undefined) throw malformed(`no ${what}`);
  return target;
}
