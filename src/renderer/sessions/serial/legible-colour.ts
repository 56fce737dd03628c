/** WCAG 2.2, 1.4.3 "Contrast (Minimum)": 4.5 to 1 for text of normal size. */
export const MIN_TEXT_CONTRAST = 4.5;

/** A colour as 0xRRGGBB. */
type Rgb = number;

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminanceOf(rgb: Rgb): number {
  const linear = (byte: number): number => {
    const part = byte / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear((rgb >> 16) & 0xff) + 0.7152 * linear((rgb >> 8) & 0xff) + 0.0722 * linear(rgb & 0xff);
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export function contrastOf(one: Rgb, other: Rgb): number {
  const [a, b] = [luminanceOf(one), luminanceOf(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const STEPS = 10;

function mix(rgb: Rgb, target: Rgb, part: number): Rgb {
  const channel = (shift: number): number => {
    const from = (rgb >> shift) & 0xff;
    const to = (target >> shift) & 0xff;
    return Math.round(from + (to - from) * part) << shift;
  };
  return channel(16) | channel(8) | channel(0);
}

/** The ink itself where it can be read on the ground, else the nearest mixture with black or white that can. */
export function legibleInk(ink: Rgb, ground: Rgb): Rgb {
  if (contrastOf(ink, ground) >= MIN_TEXT_CONTRAST) return ink;
  const [black, white] = [0x000000, 0xffffff];
  const target = contrastOf(black, ground) >= contrastOf(white, ground) ? black : white;
  for (let step = 1; step < STEPS; step += 1) {
    const mixed = mix(ink, target, step / STEPS);
    if (contrastOf(mixed, ground) >= MIN_TEXT_CONTRAST) return mixed;
  }
  return target;
}
