/**
 * What jsdom lacks and a console needs: canvases that remember their pixels, observers that never fire, a screen's pixel ratio.
 * Call once at the top of a test file.
 */
export function installFakePage(): void {
  globalThis.ResizeObserver = class {
    observe(): void {
      // Nothing is ever laid out.
    }
    unobserve(): void {
      // Nothing is ever laid out.
    }
    disconnect(): void {
      // Nothing is ever laid out.
    }
  };
  globalThis.ImageData = FakeImageData as unknown as typeof ImageData;
  HTMLCanvasElement.prototype.getContext = function getContext(this: HTMLCanvasElement) {
    let context = contextByCanvas.get(this);
    if (context === undefined) contextByCanvas.set(this, (context = new FakeContext(this)));
    return context as unknown as CanvasRenderingContext2D;
  } as unknown as typeof HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.toDataURL = () => "data:,";
  HTMLCanvasElement.prototype.transferControlToOffscreen = () => ({}) as OffscreenCanvas;
  HTMLCanvasElement.prototype.getBoundingClientRect = function getBoundingClientRect(this: HTMLCanvasElement) {
    const { width, height } = this;
    return { x: 0, y: 0, left: 0, top: 0, right: width, bottom: height, width, height, toJSON: () => "" };
  };
  // noVNC says on the console when it is not.
  Object.defineProperty(window, "isSecureContext", { value: true, configurable: true });
}

class FakeImageData {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

const contextByCanvas = new WeakMap<HTMLCanvasElement, FakeContext>();

/** Pixels as 0xAABBGGRR words by "x,y"; only unscaled copies are made. */
class FakeContext {
  readonly #canvas: HTMLCanvasElement;
  readonly pixels = new Map<string, number>();
  #size: string;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#size = this.#currentSize();
  }

  putImageData(image: FakeImageData, x: number, y: number): void {
    this.#clearWhenResized();
    const words = new Uint32Array(image.data.slice().buffer);
    words.forEach((word, at) => {
      this.pixels.set(`${x + (at % image.width)},${y + Math.floor(at / image.width)}`, word);
    });
  }

  getImageData(): FakeImageData {
    return new FakeImageData(new Uint8ClampedArray(0), 0, 0);
  }

  drawImage(source: HTMLCanvasElement): void {
    this.#clearWhenResized();
    for (const [at, word] of contextByCanvas.get(source)?.pixels ?? []) this.pixels.set(at, word);
  }

  clearRect(): void {
    this.pixels.clear();
  }

  #clearWhenResized(): void {
    if (this.#size === this.#currentSize()) return;
    this.#size = this.#currentSize();
    this.pixels.clear();
  }

  #currentSize(): string {
    return `${this.#canvas.width}x${this.#canvas.height}`;
  }
}

/** The pixel of a canvas as 0xAABBGGRR; undefined where nothing was painted. */
export function pixelOf(canvas: HTMLCanvasElement, x: number, y: number): number | undefined {
  return contextByCanvas.get(canvas)?.pixels.get(`${x},${y}`);
}
