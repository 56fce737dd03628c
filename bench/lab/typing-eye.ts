import { type Page } from "playwright";

/** A frame that is this much longer than the display's interval left one out. */
const DROPPED_FACTOR = 1.5;

interface TypingEye {
  /** Resolves with the time from the next key to the end of the frame in which what it changed was painted. */
  next(selector: string): Promise<number>;
}

declare global {
  var benchTyping: TypingEye;
}

/** Puts the eye into the page before the app's own code. */
export async function installTypingEye(page: Page): Promise<void> {
  await page.addInitScript(() => {
    let watch: ((downMs: number) => void) | undefined;
    window.addEventListener(
      "keydown",
      (event) => {
        watch?.(event.timeStamp);
        watch = undefined;
      },
      true,
    );
    globalThis.benchTyping = {
      next: (selector) =>
        new Promise((resolve) => {
          watch = (downMs) => {
            const target = document.querySelector(selector)?.parentElement ?? document.body;
            const observer = new MutationObserver(() => {
              observer.disconnect();
              // Changed now; painted at the end of the coming frame, which is over when the one after it begins.
              requestAnimationFrame(() => {
                requestAnimationFrame((frameMs) => {
                  resolve(frameMs - downMs);
                });
              });
            });
            observer.observe(target, { childList: true, subtree: true, characterData: true, attributes: true });
          };
        }),
    };
  });
}

/** Types letter by letter; each waits until the list that `selector` names has followed. */
export async function typeAndWatch(page: Page, text: string, selector: string): Promise<number[]> {
  const times: number[] = [];
  for (const letter of text) {
    await page.evaluate((list) => {
      (globalThis as { benchNext?: Promise<number> }).benchNext = globalThis.benchTyping.next(list);
    }, selector);
    await page.keyboard.press(letter);
    times.push(
      await page.evaluate(async () => {
        const { benchNext } = globalThis as { benchNext?: Promise<number> };
        // A letter may leave the list as it is: then nothing is painted for it, and nothing is counted.
        const nothing = new Promise<number>((resolve) => setTimeout(resolve, 1_000, -1));
        return await Promise.race([benchNext ?? -1, nothing]);
      }),
    );
  }
  return times.filter((ms) => ms >= 0);
}

/** How many frames of the display the page showed and left out while something was done. */
export async function framesDuring(
  page: Page,
  ms: number,
  act: (isOver: () => boolean) => Promise<void>,
): Promise<{ shown: number; dropped: number }> {
  const counting = page.evaluate(
    ({ durationMs, droppedFactor }) =>
      new Promise<{ shown: number; dropped: number }>((resolve) => {
        const starts: number[] = [];
        const count = (frameMs: number): void => {
          starts.push(frameMs);
          if (frameMs - (starts[0] ?? 0) < durationMs) {
            requestAnimationFrame(count);
            return;
          }
          const intervals = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
          const intervalMs = intervals.toSorted((a, b) => a - b)[Math.floor(intervals.length / 2)] ?? 0;
          const dropped = intervals
            .filter((each) => each > intervalMs * droppedFactor)
            .reduce((sum, each) => sum + Math.round(each / intervalMs) - 1, 0);
          resolve({ shown: intervals.length, dropped });
        };
        requestAnimationFrame(count);
      }),
    { durationMs: ms, droppedFactor: DROPPED_FACTOR },
  );
  let isOver = false;
  const acting = act(() => isOver);
  const frames = await counting;
  isOver = true;
  await acting;
  return frames;
}
