import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { Mask, Rect } from "../display/draw-types.ts";
import { bandEnd, type Region } from "./region.ts";

/** Alpha of a mask's pixel from which on its bit counts as set. */
const SET_ALPHA = 0x80;

/**
 * The part of a region where the mask allows drawing. The mask's `origin` lies on the box's corner; outside of the mask's picture nothing is
 * drawn, whether it is inverted or not. Throws ProtocolError for a picture that is no mask.
 */
export function maskedRegion(region: Region, box: Rect, mask: Mask): Region {
  if (mask === undefined) return region;
  const { image, isInverted } = mask;
  if (image.alpha !== "mask") throw new ProtocolError("malformed", "mask with colours");
  const offsetX = mask.origin.x - box.left;
  const offsetY = mask.origin.y - box.top;
  const runs = new RunList();
  for (let start = 0; start < region.length;) {
    const end = bandEnd(region, start);
    const top = Math.max(region[start + 1] ?? 0, -offsetY);
    const bottom = Math.min(region[start + 3] ?? 0, image.height - offsetY);
    for (let y = top; y < bottom; y++) {
      const row = (y + offsetY) * image.width + offsetX;
      for (let i = start; i < end; i += 4) {
        const right = Math.min(region[i + 2] ?? 0, image.width - offsetX);
        let x = Math.max(region[i] ?? 0, -offsetX);
        while (x < right) {
          while (x < right && isSet(image.pixels, row + x) === isInverted) x++;
          const left = x;
          while (x < right && isSet(image.pixels, row + x) !== isInverted) x++;
          if (left < x) runs.add(left, y, x);
        }
      }
    }
    start = end;
  }
  return runs.finish();
}

function isSet(pixels: Uint32Array, at: number): boolean {
  return (pixels[at] ?? 0) >>> 24 >= SET_ALPHA;
}

/** Pieces of rows, in order; a piece that repeats the one above it makes it higher when both are alone in their row. */
class RunList {
  #numbers = new Int32Array(256);
  #length = 0;
  #rowStart = 0;
  #rowBefore = -1;

  add(left: number, y: number, right: number): void {
    if (this.#length > 0 && this.#numbers[this.#rowStart + 1] !== y) this.#endRow();
    if (this.#length === this.#numbers.length) {
      const larger = new Int32Array(this.#length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length] = left;
    this.#numbers[this.#length + 1] = y;
    this.#numbers[this.#length + 2] = right;
    this.#numbers[this.#length + 3] = y + 1;
    this.#length += 4;
  }

  finish(): Region {
    if (this.#length > 0) this.#endRow();
    return this.#numbers.slice(0, this.#length);
  }

  #endRow(): void {
    const numbers = this.#numbers;
    const start = this.#rowStart;
    const before = this.#rowBefore;
    const isAlone = this.#length - start === 4 && start - before === 4;
    if (
      isAlone &&
      numbers[start] === numbers[before] &&
      numbers[start + 2] === numbers[before + 2] &&
      numbers[start + 1] === numbers[before + 3]
    ) {
      numbers[before + 3] = numbers[start + 3] ?? 0;
      this.#length = start;
      return;
    }
    this.#rowBefore = start;
    this.#rowStart = this.#length;
  }
}
