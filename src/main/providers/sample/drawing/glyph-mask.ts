import { GLYPH_COLUMNS, GLYPH_ROWS, glyphColumns } from "./glyphs.ts";

/** How text is drawn. */
export interface TextStyle {
  /** Distance between two dots of a glyph: 1.5 gives 9 x 16 pixel cells. */
  readonly dotPx: number;
  readonly colour: number;
  readonly weight?: "regular" | "bold";
}

/** Cover of a glyph's cell, 0 to 255 a pixel. */
export interface GlyphMask {
  readonly width: number;
  readonly height: number;
  readonly cover: Uint8Array;
}

/** Width of one character's cell; the typeface is monospaced. */
export function characterAdvancePx(dotPx: number): number {
  return Math.round(dotPx * (GLYPH_COLUMNS + 1));
}

/** Height of one line's cell. */
export function lineHeightPx(dotPx: number): number {
  return Math.round(dotPx * (GLYPH_ROWS + 1.7));
}

interface Stroke {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Dots that touch are joined; a diagonal only where no straight way round exists. */
function strokesOf(columns: readonly number[]): Stroke[] {
  const isSet = (x: number, y: number): boolean => y >= 0 && ((columns[x] ?? 0) & (1 << y)) !== 0;
  const strokes: Stroke[] = [];
  for (let x = 0; x < GLYPH_COLUMNS; x += 1) {
    for (let y = 0; y < GLYPH_ROWS; y += 1) {
      if (!isSet(x, y)) continue;
      strokes.push({ x1: x, y1: y, x2: x, y2: y });
      if (isSet(x + 1, y)) strokes.push({ x1: x, y1: y, x2: x + 1, y2: y });
      if (isSet(x, y + 1)) strokes.push({ x1: x, y1: y, x2: x, y2: y + 1 });
      if (isSet(x + 1, y + 1) && !isSet(x + 1, y) && !isSet(x, y + 1)) {
        strokes.push({ x1: x, y1: y, x2: x + 1, y2: y + 1 });
      }
      if (isSet(x + 1, y - 1) && !isSet(x + 1, y) && !isSet(x, y - 1)) {
        strokes.push({ x1: x, y1: y, x2: x + 1, y2: y - 1 });
      }
    }
  }
  return strokes;
}

/** Distance from a point to a segment. */
export function distanceToSegment(px: number, py: number, x1: number, y1: number, x2: number, y2: number): number {
  const dx = x2 - x1;
  const dy = y2 - y1;
  const lengthSquared = dx * dx + dy * dy;
  const along = lengthSquared === 0 ? 0 : Math.max(0, Math.min(1, ((px - x1) * dx + (py - y1) * dy) / lengthSquared));
  return Math.hypot(px - (x1 + along * dx), py - (y1 + along * dy));
}

const maskByKey = new Map<string, GlyphMask>();

/** The cache holds every character at every size in use: a few hundred entries; cleared when a bug lets it grow. */
const MAX_CACHED_MASKS = 4096;

export function glyphMask(character: string, style: TextStyle): GlyphMask {
  const weight = style.weight ?? "regular";
  const key = `${character}|${style.dotPx}|${weight}`;
  const known = maskByKey.get(key);
  if (known !== undefined) return known;
  if (maskByKey.size >= MAX_CACHED_MASKS) maskByKey.clear();
  const mask = drawMask(character, style.dotPx, weight);
  maskByKey.set(key, mask);
  return mask;
}

function drawMask(character: string, dotPx: number, weight: "regular" | "bold"): GlyphMask {
  const width = characterAdvancePx(dotPx);
  const height = lineHeightPx(dotPx);
  const cover = new Uint8Array(width * height);
  if (character === "█") return { width, height, cover: cover.fill(255) };
  const radius = dotPx * (weight === "bold" ? 0.62 : 0.4);
  const strokes = strokesOf(glyphColumns(character));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      // In dots, from the centre of the first one.
      const dotX = (x + 0.5) / dotPx - 1;
      const dotY = (y + 0.5) / dotPx - 1.4;
      let nearest = Infinity;
      for (const { x1, y1, x2, y2 } of strokes) {
        nearest = Math.min(nearest, distanceToSegment(dotX, dotY, x1, y1, x2, y2));
      }
      const covered = Math.max(0, Math.min(1, radius - nearest * dotPx + 0.5));
      cover[y * width + x] = Math.round(covered * 255);
    }
  }
  return { width, height, cover };
}
