import { type Page } from "playwright";
import { CLOCK_CELL_PX, clockBits } from "./guest-clock.ts";

declare global {
  var benchClockBits: (time: number) => boolean[];
}

/**
 * The least that a switch can take in this browser on this machine at this time: a page with nothing but two canvases that move,
 * of which a key shows the other. The eye sees it as it sees the program's page.
 */
export async function openPlainSwitchPage(page: Page): Promise<void> {
  await page.goto("data:text/html,<!doctype html><title>plain</title><body></body>");
  // The one function that page and guest share goes over as text.
  await page.evaluate(
    `const CLOCK_BITS = 32, CLOCK_CHECK_BITS = 8; globalThis.benchClockBits = ${clockBits.toString()}`,
  );
  await page.evaluate((cellPx) => {
    const canvases = [0, 1].map((index) => {
      const canvas = document.createElement("canvas");
      canvas.dataset["testid"] = "guest-screen";
      canvas.width = 1024;
      canvas.height = 768;
      canvas.style.cssText = `position:absolute;inset:0;visibility:${index === 0 ? "visible" : "hidden"}`;
      document.body.append(canvas);
      return canvas;
    });
    const draw = (): void => {
      for (const canvas of canvases) {
        const context = canvas.getContext("2d");
        for (const [at, bit] of globalThis
          .benchClockBits(Math.floor(performance.timeOrigin + performance.now()) % 2 ** 32)
          .entries()) {
          if (context === null) continue;
          context.fillStyle = bit ? "white" : "black";
          context.fillRect(at * cellPx, 0, cellPx, cellPx);
        }
      }
    };
    draw();
    setInterval(draw, 40);
    window.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight") return;
      for (const { style } of canvases) style.visibility = style.visibility === "visible" ? "hidden" : "visible";
    });
  }, CLOCK_CELL_PX);
}
