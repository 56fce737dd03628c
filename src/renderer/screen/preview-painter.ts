/** Callers ask for one or two widths (tree, switch display); more than this many are not kept. */
const MAX_KEPT_WIDTHS = 4;

interface Kept {
  readonly canvas: HTMLCanvasElement;
  version: number;
}

/** Draws small copies of one picture, one canvas for each width asked for, again only when the picture has changed. */
export class PreviewPainter {
  readonly #keptByWidth = new Map<number, Kept>();

  /** `version` counts the picture's changes. Undefined while the picture is empty. */
  paint(picture: HTMLCanvasElement, version: number, maxWidthPx: number): HTMLCanvasElement | undefined {
    if (picture.width === 0 || picture.height === 0) return undefined;
    const kept = this.#keptFor(maxWidthPx);
    if (kept.version === version) return kept.canvas;
    if (!copyScaled(picture, kept.canvas, maxWidthPx)) return undefined;
    kept.version = version;
    return kept.canvas;
  }

  #keptFor(maxWidthPx: number): Kept {
    const known = this.#keptByWidth.get(maxWidthPx);
    if (known !== undefined) return known;
    const [oldest] = this.#keptByWidth.keys();
    if (oldest !== undefined && this.#keptByWidth.size >= MAX_KEPT_WIDTHS) this.#keptByWidth.delete(oldest);
    const kept = { canvas: document.createElement("canvas"), version: -1 };
    this.#keptByWidth.set(maxWidthPx, kept);
    return kept;
  }
}

function copyScaled(picture: HTMLCanvasElement, target: HTMLCanvasElement, maxWidthPx: number): boolean {
  const shrink = Math.min(1, maxWidthPx / picture.width);
  const width = Math.max(1, Math.round(picture.width * shrink));
  const height = Math.max(1, Math.round(picture.height * shrink));
  // Setting a size clears a canvas and makes room anew, so only when it differs.
  if (target.width !== width) target.width = width;
  if (target.height !== height) target.height = height;
  const context = target.getContext("2d");
  if (context === null) return false;
  context.imageSmoothingQuality = "medium";
  context.drawImage(picture, 0, 0, width, height);
  return true;
}

/** A copy of its own of a picture; undefined while it is empty. */
export function copyOfPicture(picture: HTMLCanvasElement): HTMLCanvasElement | undefined {
  if (picture.width === 0 || picture.height === 0) return undefined;
  const copy = document.createElement("canvas");
  return copyScaled(picture, copy, picture.width) ? copy : undefined;
}
