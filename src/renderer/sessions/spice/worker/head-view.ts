import type { DisplaySurface, Head } from "../../../../protocols/spice/display/display-events.ts";
import type { Rect } from "../../../../protocols/spice/display/draw-types.ts";

/** What a view shows of a surface that is there. */
export interface ShownHead {
  readonly surface: DisplaySurface;
  readonly head: Head;
}

/** A drawing place in the worker: an OffscreenCanvas, or a test's fake. */
export interface ViewCanvas {
  width: number;
  height: number;
  getContext(kind: "2d", options: { alpha: boolean }): ViewContext | null;
}

export interface ViewContext {
  putImageData(
    image: ImageData,
    x: number,
    y: number,
    dirtyX: number,
    dirtyY: number,
    dirtyWidth: number,
    dirtyHeight: number,
  ): void;
}

/** More rectangles than this are painted as the one that holds them all: a call costs more than some pixels. */
const MAX_PAINTED_RECTS = 64;

const imageBySurface = new WeakMap<DisplaySurface, ImageData>();

/** A surface's own memory as the browser takes it: nothing is copied. */
function imageOf(surface: DisplaySurface): ImageData {
  let image = imageBySurface.get(surface);
  if (image === undefined) {
    const { pixels, width, height } = surface;
    const bytes = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    image = new ImageData(bytes, width, height);
    imageBySurface.set(surface, image);
  }
  return image;
}

/** The smallest rectangle that holds both. */
export function unionOf(a: Rect, b: Rect): Rect {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** Where a head lies in its surface; never outside of it, whatever the server said. */
export function areaOf({ surface, head }: ShownHead): Rect {
  const left = Math.min(Math.max(head.x, 0), surface.width);
  const top = Math.min(Math.max(head.y, 0), surface.height);
  return {
    left,
    top,
    right: Math.max(left, Math.min(head.x + head.width, surface.width)),
    bottom: Math.max(top, Math.min(head.y + head.height, surface.height)),
  };
}

/** One head's picture on one canvas: copies what changed, straight from the surface's memory. */
export class HeadView {
  readonly #canvas: ViewCanvas;
  readonly #context: ViewContext | null;
  #shownSurface: DisplaySurface | undefined;
  #shownArea: Rect | undefined;
  #pending: Rect[] = [];

  constructor(canvas: ViewCanvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false });
  }

  /** Remembers where the surface changed, until `paint`. */
  addDamage(rects: readonly Rect[]): void {
    for (const rect of rects) this.#pending.push(rect);
    const [first, ...others] = this.#pending;
    if (first !== undefined && this.#pending.length > MAX_PAINTED_RECTS)
      this.#pending = [others.reduce(unionOf, first)];
  }

  get hasDamage(): boolean {
    return this.#pending.length > 0;
  }

  /** Paints what is pending, all of it where the head is new to this canvas. True when anything was painted. */
  paint(shown: ShownHead): boolean {
    const context = this.#context;
    const area = areaOf(shown);
    const widthPx = area.right - area.left;
    const heightPx = area.bottom - area.top;
    if (context === null || widthPx === 0 || heightPx === 0) return false;
    const isSame = this.#shownSurface === shown.surface && isEqual(this.#shownArea, area);
    const rects = isSame ? this.#pending : [area];
    this.#pending = [];
    if (!isSame) {
      this.#shownSurface = shown.surface;
      this.#shownArea = area;
      // Setting a size clears a canvas even where it is the same.
      if (this.#canvas.width !== widthPx) this.#canvas.width = widthPx;
      if (this.#canvas.height !== heightPx) this.#canvas.height = heightPx;
    }
    const image = imageOf(shown.surface);
    let hasPainted = false;
    for (const rect of rects) {
      const left = Math.max(rect.left, area.left);
      const top = Math.max(rect.top, area.top);
      const width = Math.min(rect.right, area.right) - left;
      const height = Math.min(rect.bottom, area.bottom) - top;
      if (width <= 0 || height <= 0) continue;
      context.putImageData(image, -area.left, -area.top, left, top, width, height);
      hasPainted = true;
    }
    return hasPainted;
  }
}

function isEqual(a: Rect | undefined, b: Rect): boolean {
  return a?.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom;
}
