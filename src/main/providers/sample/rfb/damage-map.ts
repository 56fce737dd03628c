import { intersectionOf, isEmpty, type Rect } from "../drawing/geometry.ts";

/** Fine enough that a moving figure does not drag its whole surroundings along, coarse enough to merge quickly. */
const CELL_PX = 16;

/** Which parts of a picture a viewer has not seen yet. */
export class DamageMap {
  #width: number;
  #height: number;
  #columns: number;
  #isDirty: Uint8Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#columns = Math.ceil(width / CELL_PX);
    this.#isDirty = new Uint8Array(this.#columns * Math.ceil(height / CELL_PX));
  }

  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
    this.#columns = Math.ceil(width / CELL_PX);
    this.#isDirty = new Uint8Array(this.#columns * Math.ceil(height / CELL_PX));
  }

  add(rect: Rect): void {
    this.#eachRow(rect, (start, end) => {
      this.#isDirty.fill(1, start, end);
    });
  }

  touches(rect: Rect): boolean {
    let isTouched = false;
    this.#eachRow(rect, (start, end) => {
      isTouched ||= this.#isDirty.subarray(start, end).includes(1);
    });
    return isTouched;
  }

  /** The unseen parts as few areas, and forgets them. */
  take(): Rect[] {
    const rects: Rect[] = [];
    for (let start = this.#isDirty.indexOf(1); start >= 0; start = this.#isDirty.indexOf(1, start)) {
      rects.push(this.#takeBlock(start));
    }
    return rects;
  }

  /** The widest run of cells from `start`, and as many rows below as have all of it. */
  #takeBlock(start: number): Rect {
    const column = start % this.#columns;
    let columnCount = 1;
    while (column + columnCount < this.#columns && this.#isDirty[start + columnCount] === 1) columnCount += 1;
    let rowCount = 0;
    for (let at = start; at < this.#isDirty.length; at += this.#columns) {
      if (this.#isDirty.subarray(at, at + columnCount).includes(0)) break;
      this.#isDirty.fill(0, at, at + columnCount);
      rowCount += 1;
    }
    const x = column * CELL_PX;
    const y = Math.floor(start / this.#columns) * CELL_PX;
    return {
      x,
      y,
      width: Math.min(columnCount * CELL_PX, this.#width - x),
      height: Math.min(rowCount * CELL_PX, this.#height - y),
    };
  }

  #eachRow(rect: Rect, visit: (start: number, end: number) => void): void {
    const area = intersectionOf(rect, { x: 0, y: 0, width: this.#width, height: this.#height });
    if (isEmpty(area)) return;
    const firstColumn = Math.floor(area.x / CELL_PX);
    const endColumn = Math.ceil((area.x + area.width) / CELL_PX);
    const endRow = Math.ceil((area.y + area.height) / CELL_PX);
    for (let row = Math.floor(area.y / CELL_PX); row < endRow; row += 1) {
      visit(row * this.#columns + firstColumn, row * this.#columns + endColumn);
    }
  }
}
