/** An OffscreenCanvas that remembers its pixels as 0xAABBGGRR words, and how often it was painted. */
export class FakeViewCanvas {
  paintCount = 0;
  #width = 300;
  #height = 150;
  #pixels = new Uint32Array(this.#width * this.#height);

  get width(): number {
    return this.#width;
  }

  set width(width: number) {
    this.#width = width;
    this.#pixels = new Uint32Array(this.#width * this.#height);
  }

  get height(): number {
    return this.#height;
  }

  set height(height: number) {
    this.#height = height;
    this.#pixels = new Uint32Array(this.#width * this.#height);
  }

  get asOffscreenCanvas(): OffscreenCanvas {
    return this as unknown as OffscreenCanvas;
  }

  /** Row by row. */
  get rows(): number[][] {
    return Array.from({ length: this.#height }, (_, y) => [
      ...this.#pixels.subarray(y * this.#width, (y + 1) * this.#width),
    ]);
  }

  getContext(): this {
    return this;
  }

  /** As the canvas's own: the dirty rectangle is in the picture's coordinates. */
  putImageData(
    image: ImageData,
    x: number,
    y: number,
    dirtyX: number,
    dirtyY: number,
    dirtyWidth: number,
    dirtyHeight: number,
  ): void {
    this.paintCount += 1;
    const words = new Uint32Array(image.data.buffer, image.data.byteOffset, image.data.byteLength / 4);
    for (let row = dirtyY; row < dirtyY + dirtyHeight; row += 1) {
      for (let column = dirtyX; column < dirtyX + dirtyWidth; column += 1) {
        const [atX, atY] = [x + column, y + row];
        if (atX < 0 || atY < 0 || atX >= this.#width || atY >= this.#height) continue;
        this.#pixels[atY * this.#width + atX] = words[row * image.width + column] ?? 0;
      }
    }
  }
}

/** What the worker has and Node lacks. */
export function installFakeImageData(): void {
  globalThis.ImageData = class {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    readonly height: number;

    constructor(data: Uint8ClampedArray, width: number, height: number) {
      this.data = data;
      this.width = width;
      this.height = height;
    }
  } as unknown as typeof ImageData;
}
