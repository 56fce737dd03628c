import type { MaskUse } from "./combine.ts";
import type { Coverage, CoverageShare } from "./render-operator.ts";

/**
 * Operators that divide by an alpha are worked out in 32-bit floating point, as pixman does, and not in 8 bits. As there, a float becomes
 * 8 bits by cutting `value * 256`. pixman goes back to a simpler operator in 8 bits where it knows that a picture is opaque, so results
 * can differ from it by 1 of 255; no known guest uses these operators.
 */
export function combineCoverageSpan(
  operator: Coverage,
  dest: Uint32Array,
  destAt: number,
  source: Uint32Array,
  mask: Uint32Array | undefined,
  maskUse: MaskUse,
  count: number,
  keep: number,
  set: number,
): void {
  for (let i = 0; i < count; i++) {
    const s = source[i] ?? 0;
    const m = mask === undefined ? -1 : (mask[i] ?? 0);
    const d = (dest[destAt + i] ?? 0) | set;
    const destAlpha = channel(d, 24);
    const sourceAlpha = channel(s, 24);
    const maskAlpha = channel(m, 24);
    let result = 0;
    for (let shift = 0; shift < 32; shift += 8) {
      const weight = maskUse === "components" ? channel(m, shift) : maskAlpha;
      const own = mask === undefined ? channel(s, shift) : f32(channel(s, shift) * weight);
      const alpha = mask === undefined ? sourceAlpha : f32(sourceAlpha * weight);
      // The source's share follows from its alpha after the mask, in each channel for itself.
      const sourceShare = shareOf(operator.sourceShare, alpha, destAlpha);
      const destShare = shareOf(operator.destShare, destAlpha, alpha);
      const sum = f32(f32(own * sourceShare) + f32(channel(d, shift) * destShare));
      result |= cut(sum) << shift;
    }
    dest[destAt + i] = (result & keep) | set;
  }
}

const f32 = Math.fround;
const UNIT = f32(1 / 255);

function channel(pixel: number, shift: number): number {
  return f32(((pixel >>> shift) & 0xff) * UNIT);
}

function cut(value: number): number {
  return Math.min(Math.trunc(Math.min(value, 1) * 256), 255);
}

function shareOf(share: CoverageShare, own: number, other: number): number {
  switch (share) {
    case "nothing":
      return 0;
    case "all":
      return 1;
    case "disjointOut":
      return own === 0 ? 1 : clamp(f32(f32(1 - other) / own));
    case "disjointIn":
      return own === 0 ? 0 : clamp(f32(1 - f32(f32(1 - other) / own)));
    case "conjointOut":
      return own === 0 ? 0 : clamp(f32(1 - f32(other / own)));
    case "conjointIn":
      return own === 0 ? 1 : clamp(f32(other / own));
  }
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
