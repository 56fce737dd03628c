import { Emitter } from "../../../../shared/lifecycle/event.ts";
import { intersectionOf, isEmpty, pixelBoundsOf, type Rect } from "./geometry.ts";
import { characterAdvancePx, distanceToSegment, glyphMask, type TextStyle } from "./glyph-mask.ts";

/** What happened to a canvas, for those who keep a copy of it. */
export type CanvasChange =
  | { readonly kind: "painted"; readonly rect: Rect }
  /** The area `rect` now shows what stood at (`fromX`, `fromY`). */
  | { readonly kind: "copied"; readonly rect: Rect; readonly fromX: number; readonly fromY: number }
  | { readonly kind: "resized" };

/**
 * A picture in memory, one number 0xRRGGBB a pixel, with smooth-edged shapes. Draw inside `paint`, which clips and
 * tells the watchers what changed.
 */
export class PixelCanvas {
  #width: number;
  #height: number;
  #pixels: Uint32Array;
  #clip: Rect;
  readonly #changed = new Emitter<CanvasChange>();
  readonly onChange = this.#changed.event;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#pixels = new Uint32Array(width * height);
    this.#clip = this.bounds;
  }

  get width(): number {
    return this.#width;
  }

  get height(): number {
    return this.#height;
  }

  get bounds(): Rect {
    return { x: 0, y: 0, width: this.#width, height: this.#height };
  }

  /** Row by row; read only. */
  get pixels(): Uint32Array {
    return this.#pixels;
  }

  /** Gives it another size, all black; whoever resizes paints anew. */
  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
    this.#pixels = new Uint32Array(width * height);
    this.#clip = this.bounds;
    this.#changed.fire({ kind: "resized" });
  }

  /** Draws with everything outside `rect` left alone. */
  paint(rect: Rect, draw: () => void): void {
    const clip = intersectionOf(rect, this.bounds);
    if (isEmpty(clip)) return;
    this.#clip = clip;
    try {
      draw();
    } finally {
      this.#clip = this.bounds;
    }
    this.#changed.fire({ kind: "painted", rect: clip });
  }

  /** Moves what stands in `rect` by whole pixels within `rect`, as a scrolling area does. What is uncovered keeps its old picture. */
  scroll(rect: Rect, dx: number, dy: number): void {
    const target = intersectionOf(rect, { x: rect.x + dx, y: rect.y + dy, width: rect.width, height: rect.height });
    if (isEmpty(target)) return;
    const fromX = target.x - dx;
    const fromY = target.y - dy;
    for (let row = 0; row < target.height; row += 1) {
      // Rows in the order in which none is overwritten before it was read.
      const line = dy > 0 ? target.height - 1 - row : row;
      const from = (fromY + line) * this.#width + fromX;
      this.#pixels.copyWithin((target.y + line) * this.#width + target.x, from, from + target.width);
    }
    this.#changed.fire({ kind: "copied", rect: target, fromX, fromY });
  }

  fill(rect: Rect, colour: number, opacity = 1): void {
    const area = intersectionOf(rect, this.#clip);
    if (isEmpty(area)) return;
    for (let y = area.y; y < area.y + area.height; y += 1) {
      const start = y * this.#width + area.x;
      if (opacity >= 1) this.#pixels.fill(colour, start, start + area.width);
      else for (let at = start; at < start + area.width; at += 1) this.#blend(at, colour, opacity);
    }
  }

  /** Copies the same place of another picture of the same size. */
  restore(source: PixelCanvas, rect: Rect): void {
    const area = intersectionOf(rect, this.#clip);
    for (let y = area.y; y < area.y + area.height; y += 1) {
      const start = y * this.#width + area.x;
      this.#pixels.set(source.pixels.subarray(start, start + area.width), start);
    }
  }

  /** Any shape from its cover, 0 to 1, at a pixel's centre. */
  shape(bounds: Rect, colour: number, coverAt: (x: number, y: number) => number): void {
    const area = intersectionOf(bounds, this.#clip);
    for (let y = area.y; y < area.y + area.height; y += 1) {
      for (let x = area.x; x < area.x + area.width; x += 1) {
        const cover = coverAt(x + 0.5, y + 0.5);
        if (cover > 0) this.#blend(y * this.#width + x, colour, cover);
      }
    }
  }

  line(from: readonly [number, number], to: readonly [number, number], widthPx: number, colour: number): void {
    const [x1, y1] = from;
    const [x2, y2] = to;
    const reach = widthPx / 2 + 1;
    const bounds = pixelBoundsOf(
      Math.min(x1, x2) - reach,
      Math.min(y1, y2) - reach,
      Math.max(x1, x2) + reach,
      Math.max(y1, y2) + reach,
    );
    this.shape(bounds, colour, (x, y) => widthPx / 2 - distanceToSegment(x, y, x1, y1, x2, y2) + 0.5);
  }

  disc(centreX: number, centreY: number, radius: number, colour: number, opacity = 1): void {
    const bounds = pixelBoundsOf(
      centreX - radius - 1,
      centreY - radius - 1,
      centreX + radius + 1,
      centreY + radius + 1,
    );
    this.shape(bounds, colour, (x, y) => Math.min(1, radius - Math.hypot(x - centreX, y - centreY) + 0.5) * opacity);
  }

  /** A soft light around a point. */
  glow(centreX: number, centreY: number, radius: number, colour: number, opacity: number): void {
    const bounds = pixelBoundsOf(centreX - radius, centreY - radius, centreX + radius, centreY + radius);
    this.shape(bounds, colour, (x, y) => {
      const near = Math.max(0, 1 - Math.hypot(x - centreX, y - centreY) / radius);
      return near * near * opacity;
    });
  }

  roundRect(rect: Rect, radius: number, colour: number, opacity = 1): void {
    const halfWidth = rect.width / 2;
    const halfHeight = rect.height / 2;
    this.shape(rect, colour, (x, y) => {
      const dx = Math.abs(x - rect.x - halfWidth) - halfWidth + radius;
      const dy = Math.abs(y - rect.y - halfHeight) - halfHeight + radius;
      const outside = Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
      return Math.min(1, 0.5 - outside) * opacity;
    });
  }

  gradient(rect: Rect, stops: readonly (readonly [number, number])[]): void {
    for (let y = rect.y; y < rect.y + rect.height; y += 1) {
      this.fill({ x: rect.x, y, width: rect.width, height: 1 }, colourAt(stops, (y - rect.y) / rect.height));
    }
  }

  text(x: number, y: number, text: string, style: TextStyle): void {
    const advance = characterAdvancePx(style.dotPx);
    let left = Math.round(x);
    const top = Math.round(y);
    for (const character of text) {
      if (character !== " ") this.#glyph(left, top, character, style);
      left += advance;
    }
  }

  #glyph(left: number, top: number, character: string, style: TextStyle): void {
    const mask = glyphMask(character, style);
    const area = intersectionOf({ x: left, y: top, width: mask.width, height: mask.height }, this.#clip);
    for (let y = area.y; y < area.y + area.height; y += 1) {
      for (let x = area.x; x < area.x + area.width; x += 1) {
        const cover = mask.cover[(y - top) * mask.width + x - left] ?? 0;
        if (cover > 0) this.#blend(y * this.#width + x, style.colour, cover / 255);
      }
    }
  }

  #blend(at: number, colour: number, cover: number): void {
    this.#pixels[at] = mixColours(this.#pixels[at] ?? 0, colour, cover);
  }
}

/** `share` 0 is all `from`, 1 all `to`. */
export function mixColours(from: number, to: number, share: number): number {
  if (share >= 1) return to;
  const keep = 1 - share;
  const red = ((from >> 16) & 255) * keep + ((to >> 16) & 255) * share;
  const green = ((from >> 8) & 255) * keep + ((to >> 8) & 255) * share;
  const blue = (from & 255) * keep + (to & 255) * share;
  return (Math.round(red) << 16) | (Math.round(green) << 8) | Math.round(blue);
}

function colourAt(stops: readonly (readonly [number, number])[], at: number): number {
  let before = stops[0] ?? [0, 0];
  for (const stop of stops) {
    if (stop[0] >= at)
      return stop[0] === before[0] ? stop[1] : mixColours(before[1], stop[1], (at - before[0]) / (stop[0] - before[0]));
    before = stop;
  }
  return before[1];
}
