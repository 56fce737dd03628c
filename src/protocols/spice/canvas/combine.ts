import { ALL, NOTHING, OTHER_ALPHA, OTHER_REST, type PorterDuff, type Share } from "./render-operator.ts";

/**
 * Arithmetic on premultiplied pixels as pixman does it with 8 bits a channel: a product is rounded to the nearest 1/255, a sum ends at 255.
 * Two channels share one number, 16 bits each, wherever that is faster.
 */

/** `a * b / 255`, rounded, for 0 to 255. */
export function multiply(a: number, b: number): number {
  const t = a * b + 128;
  return (t + (t >>> 8)) >>> 8;
}

/** All four channels of a pixel times `alpha / 255`. */
export function multiplyPixel(pixel: number, alpha: number): number {
  const low = Math.imul(pixel & 0xff00ff, alpha) + 0x800080;
  const high = Math.imul((pixel >>> 8) & 0xff00ff, alpha) + 0x800080;
  return (((low + ((low >>> 8) & 0xff00ff)) >>> 8) & 0xff00ff) | ((high + ((high >>> 8) & 0xff00ff)) & 0xff00_ff00);
}

/** Channel by channel, ending at 255. */
export function addPixels(a: number, b: number): number {
  let low = (a & 0xff00ff) + (b & 0xff00ff);
  let high = ((a >>> 8) & 0xff00ff) + ((b >>> 8) & 0xff00ff);
  low = (low | (0x1000100 - ((low >>> 8) & 0xff00ff))) & 0xff00ff;
  high = (high | (0x1000100 - ((high >>> 8) & 0xff00ff))) & 0xff00ff;
  return low | (high << 8);
}

/** "source over dest" for `count` pixels of a row of premultiplied pixels, each first multiplied by `alpha / 255`. */
export function overRow(
  dest: Uint32Array,
  destAt: number,
  source: Uint32Array,
  sourceAt: number,
  count: number,
  alpha: number,
  sourceSet: number,
): void {
  const end = destAt + count;
  let from = sourceAt;
  for (let at = destAt; at < end; at++) {
    let s = (source[from++] ?? 0) | sourceSet;
    if (alpha !== 255) s = multiplyPixel(s, alpha);
    const rest = 255 - (s >>> 24);
    if (rest === 0) dest[at] = s;
    else if (s !== 0) dest[at] = addPixels(s, multiplyPixel(dest[at] ?? 0, rest));
  }
}

/** As `overRow`, each pixel first multiplied by its mask's alpha. Both rows begin at their first number. */
export function overMaskedRow(
  dest: Uint32Array,
  destAt: number,
  source: Uint32Array,
  mask: Uint32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const part = (mask[i] ?? 0) >>> 24;
    if (part === 0) continue;
    let s = source[i] ?? 0;
    if (part !== 255) s = multiplyPixel(s, part);
    const rest = 255 - (s >>> 24);
    const at = destAt + i;
    if (rest === 0) dest[at] = s;
    else if (s !== 0) dest[at] = addPixels(s, multiplyPixel(dest[at] ?? 0, rest));
  }
}

/** How a mask's pixels count: by their alpha, or each channel for its own. */
export type MaskUse = "alpha" | "components";

/**
 * Any Porter-Duff operator for `count` pixels. `source` and `mask` begin at their first number; `keep` and `set` hold the destination's form
 * (see Surface).
 */
export function combineSpan(
  operator: PorterDuff,
  dest: Uint32Array,
  destAt: number,
  source: Uint32Array,
  mask: Uint32Array | undefined,
  maskUse: MaskUse,
  count: number,
  keep: number,
  set: number,
): void {
  const { sourceShare, destShare } = operator;
  const byComponent = mask !== undefined && maskUse === "components";
  for (let i = 0; i < count; i++) {
    let s = source[i] ?? 0;
    let alphas = Math.imul(s >>> 24, 0x1010101);
    if (byComponent) {
      const m = mask[i] ?? 0;
      s = multiplyChannels(s, m);
      alphas = multiplyPixel(m, alphas >>> 24);
    } else if (mask !== undefined) {
      s = multiplyPixel(s, (mask[i] ?? 0) >>> 24);
      alphas = Math.imul(s >>> 24, 0x1010101);
    }
    const d = (dest[destAt + i] ?? 0) | set;
    const destAlpha = d >>> 24;
    const result = addPixels(
      multiplyPixel(s, shareOf(sourceShare, destAlpha)),
      byComponent
        ? multiplyChannels(d, shares(destShare, alphas))
        : multiplyPixel(d, shareOf(destShare, alphas >>> 24)),
    );
    dest[destAt + i] = (result & keep) | set;
  }
}

function shareOf(share: Share, alpha: number): number {
  switch (share) {
    case NOTHING:
      return 0;
    case ALL:
      return 255;
    case OTHER_ALPHA:
      return alpha;
    case OTHER_REST:
      return 255 - alpha;
  }
}

/** `shareOf` for four alphas at once. */
function shares(share: Share, alphas: number): number {
  switch (share) {
    case NOTHING:
      return 0;
    case ALL:
      return -1;
    case OTHER_ALPHA:
      return alphas;
    case OTHER_REST:
      return ~alphas;
  }
}

/** Each channel times the same channel of the other. */
function multiplyChannels(a: number, b: number): number {
  return (
    multiply(a & 0xff, b & 0xff) |
    (multiply((a >>> 8) & 0xff, (b >>> 8) & 0xff) << 8) |
    (multiply((a >>> 16) & 0xff, (b >>> 16) & 0xff) << 16) |
    (multiply(a >>> 24, b >>> 24) << 24)
  );
}
