import { type Page } from "playwright";
import { CLOCK_BITS, CLOCK_CELL_PX, CLOCK_CHECK_BITS } from "./guest-clock.ts";

/** What one switch looked like, in milliseconds since the key went down. */
export interface SeenSwitch {
  /** Until the frame with the other guest's canvas was over. */
  readonly lastPictureMs: number;
  /** Until the frame with a picture was over that the guest drew after the key went down. */
  readonly currentPictureMs: number;
  /** How old the picture was that was there at once. */
  readonly lastPictureAgeMs: number;
}

/** In the page; see `installEye`. */
interface Eye {
  watchSwitch(key: string): void;
  readonly seen: Promise<SeenSwitch> | undefined;
  /** Age of each console's picture, shown or not; undefined where there is none. */
  ages(): (number | undefined)[];
}

declare global {
  var benchEye: Eye;
}

/**
 * Puts an eye into the page before the app's own code. A frame's pictures are what is in the page when its animation callbacks
 * run; it counts as on the screen when the next frame begins, one display interval later at the latest.
 */
export async function installEye(page: Page): Promise<void> {
  await page.addInitScript(
    ({ cellPx, bits, checkBits }) => {
      const width = cellPx * (bits + checkBits);
      const probe = new OffscreenCanvas(width, 1).getContext("2d", { willReadFrequently: true });
      if (probe === null) throw new Error("no 2d context");

      const canvases = (): HTMLCanvasElement[] => [
        ...document.querySelectorAll<HTMLCanvasElement>('[data-testid="guest-screen"]'),
      ];
      const shownCanvas = (): HTMLCanvasElement | undefined =>
        canvases().find((canvas) => canvas.checkVisibility({ visibilityProperty: true }));

      /** When the guest drew it, or undefined when there is no whole clock in it. */
      const timeOf = (canvas: HTMLCanvasElement): number | undefined => {
        if (canvas.width < width) return undefined;
        probe.clearRect(0, 0, width, 1);
        probe.drawImage(canvas, 0, cellPx / 2, width, 1, 0, 0, width, 1);
        const { data } = probe.getImageData(0, 0, width, 1);
        const read = (from: number, count: number): number => {
          let value = 0;
          for (let bit = from; bit < from + count; bit += 1) {
            value = value * 2 + ((data[(bit * cellPx + cellPx / 2) * 4] ?? 0) > 127 ? 1 : 0);
          }
          return value;
        };
        const time = read(0, bits);
        const sum = [0, 8, 16, 24].reduce((total, shift) => total + ((time >>> shift) & 0xff), 0) & 0xff;
        return time > 0 && sum === read(bits, checkBits) ? time : undefined;
      };
      const clock = (pageMs: number): number => (performance.timeOrigin + pageMs) % 2 ** bits;

      let watch: { readonly key: string; readonly resolve: (seen: SeenSwitch) => void } | undefined;
      // Before the app's own listener, which lets nobody after it see a hotkey.
      window.addEventListener(
        "keydown",
        (event) => {
          if (event.key !== watch?.key) return;
          const { resolve } = watch;
          watch = undefined;
          const downMs = event.timeStamp;
          const before = shownCanvas();
          let lastPictureMs: number | undefined;
          let lastPictureAgeMs = 0;
          let isShown = false;
          let isCurrent = false;
          const look = (frameMs: number): void => {
            if (isShown) lastPictureMs ??= frameMs - downMs;
            if (isCurrent) {
              resolve({ lastPictureMs: lastPictureMs ?? 0, currentPictureMs: frameMs - downMs, lastPictureAgeMs });
              return;
            }
            const canvas = shownCanvas();
            if (canvas !== undefined && canvas !== before) {
              const time = timeOf(canvas);
              if (time !== undefined && !isShown) {
                isShown = true;
                lastPictureAgeMs = clock(performance.now()) - time;
              }
              if (time !== undefined && time >= clock(downMs)) isCurrent = true;
            }
            requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        },
        true,
      );

      globalThis.benchEye = {
        seen: undefined,
        watchSwitch(key) {
          const eye = this as { seen: Promise<SeenSwitch> | undefined };
          eye.seen = new Promise((resolve) => {
            watch = { key, resolve };
          });
        },
        ages() {
          return canvases().map((canvas) => {
            const time = timeOf(canvas);
            return time === undefined ? undefined : clock(performance.now()) - time;
          });
        },
      };
    },
    { cellPx: CLOCK_CELL_PX, bits: CLOCK_BITS, checkBits: CLOCK_CHECK_BITS },
  );
}
