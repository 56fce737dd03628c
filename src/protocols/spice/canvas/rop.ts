import type { RopDescriptor } from "../display/draw-types.ts";

/**
 * A raster operation on source and destination, bit by bit. Its bits are its results: bit 0 where both are 1, bit 1 where only the source
 * is 1, bit 2 where only the destination is 1, bit 3 where both are 0 (the numbering of X11's GX functions).
 */
export type Rop = number;

export const ROP_CLEAR: Rop = 0;
export const ROP_AND: Rop = 1;
export const ROP_COPY: Rop = 3;
export const ROP_NOOP: Rop = 5;
export const ROP_XOR: Rop = 6;
export const ROP_OR: Rop = 7;
export const ROP_INVERT: Rop = 10;
export const ROP_SET: Rop = 15;

/** SPICE_ROPD_* (spice-protocol, enums.h, SpiceRopd). */
export const ROPD = {
  INVERS_SRC: 1,
  INVERS_BRUSH: 2,
  INVERS_DEST: 4,
  OP_PUT: 8,
  OP_OR: 16,
  OP_AND: 32,
  OP_XOR: 64,
  OP_BLACKNESS: 128,
  OP_WHITENESS: 256,
  OP_INVERS: 512,
  INVERS_RES: 1024,
} as const;

/** What stands for "source" in an operation: its picture or its brush. */
export type RopInput = "source" | "brush";

/** What stands for "dest": the surface, or (in OPAQUE) the source that was drawn on it before. */
export type RopTarget = "dest" | "source";

const SOURCE_BITS = 0b0011;
const DEST_BITS = 0b0101;
const ALL_BITS = 0b1111;

/**
 * The operation a descriptor means. Of several OP bits the lowest counts; a descriptor without one is a copy, whatever it inverts, and
 * INVERS_RES does nothing to BLACKNESS, WHITENESS and INVERS. That is how the reference client reads them.
 */
export function ropOf(descriptor: RopDescriptor, input: RopInput, target: RopTarget = "dest"): Rop {
  const invertsSource = (descriptor & (input === "source" ? ROPD.INVERS_SRC : ROPD.INVERS_BRUSH)) !== 0;
  const source = invertsSource ? SOURCE_BITS ^ ALL_BITS : SOURCE_BITS;
  const invertsDest = (descriptor & (target === "source" ? ROPD.INVERS_SRC : ROPD.INVERS_DEST)) !== 0;
  const dest = invertsDest ? DEST_BITS ^ ALL_BITS : DEST_BITS;
  const flip = (descriptor & ROPD.INVERS_RES) !== 0 ? ALL_BITS : 0;
  if ((descriptor & ROPD.OP_PUT) !== 0) return source ^ flip;
  if ((descriptor & ROPD.OP_OR) !== 0) return (source | dest) ^ flip;
  if ((descriptor & ROPD.OP_AND) !== 0) return (source & dest) ^ flip;
  if ((descriptor & ROPD.OP_XOR) !== 0) return source ^ dest ^ flip;
  if ((descriptor & ROPD.OP_BLACKNESS) !== 0) return ROP_CLEAR;
  if ((descriptor & ROPD.OP_WHITENESS) !== 0) return ROP_SET;
  if ((descriptor & ROPD.OP_INVERS) !== 0) return ROP_INVERT;
  return ROP_COPY;
}

/** With a source that is one value, every operation is `(dest & and) ^ xor`. */
export function solidRop(rop: Rop, value: number): { and: number; xor: number } {
  const whereDestIs1 = select(value, rop & 1, rop & 4);
  const whereDestIs0 = select(value, rop & 2, rop & 8);
  return { and: whereDestIs1 ^ whereDestIs0, xor: whereDestIs0 };
}

function select(value: number, whereSet: number, whereClear: number): number {
  return (whereSet === 0 ? 0 : value) | (whereClear === 0 ? 0 : ~value);
}

/**
 * `dest = (dest ROP source) & keep | set` for `count` pixels. `keep` and `set` hold the destination's form (see Surface).
 */
export function combineRow(
  rop: Rop,
  dest: Uint32Array,
  destAt: number,
  source: Uint32Array,
  sourceAt: number,
  count: number,
  keep: number,
  set: number,
): void {
  const end = destAt + count;
  let from = sourceAt;
  switch (rop) {
    case ROP_COPY:
      for (let at = destAt; at < end; at++) dest[at] = ((source[from++] ?? 0) & keep) | set;
      return;
    case ROP_AND:
      for (let at = destAt; at < end; at++) dest[at] = ((source[from++] ?? 0) & (dest[at] ?? 0) & keep) | set;
      return;
    case ROP_OR:
      for (let at = destAt; at < end; at++) dest[at] = (((source[from++] ?? 0) | (dest[at] ?? 0)) & keep) | set;
      return;
    case ROP_XOR:
      for (let at = destAt; at < end; at++) dest[at] = (((source[from++] ?? 0) ^ (dest[at] ?? 0)) & keep) | set;
      return;
    default:
      combineAny(rop, dest, destAt, end, source, sourceAt, keep, set);
  }
}

/** Any two-input function is a sum (XOR) of 1, source, dest and source AND dest, each taken or not. */
function combineAny(
  rop: Rop,
  dest: Uint32Array,
  destAt: number,
  end: number,
  source: Uint32Array,
  sourceAt: number,
  keep: number,
  set: number,
): void {
  const both = -(rop & 1);
  const onlySource = -((rop >> 1) & 1);
  const onlyDest = -((rop >> 2) & 1);
  const one = -((rop >> 3) & 1);
  const takeSource = one ^ onlySource;
  const takeDest = one ^ onlyDest;
  const takeBoth = one ^ onlySource ^ onlyDest ^ both;
  let from = sourceAt;
  for (let at = destAt; at < end; at++) {
    const s = source[from++] ?? 0;
    const d = dest[at] ?? 0;
    dest[at] = ((one ^ (s & takeSource) ^ (d & takeDest) ^ (s & d & takeBoth)) & keep) | set;
  }
}
