import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess, until } from "../../e2e/lab/child-process.ts";
import { delay } from "../../src/shared/lifecycle/timer.ts";

const WIDTH_PX = 1280;
const HEIGHT_PX = 900;
/** Lines that are looked at, and how often: the same eye for every program. */
const LINE_STEP_PX = 25;
const LOOK_MS = 3;
/** Viewers may compress with loss. */
const COLOUR_TOLERANCE = 8;

/** A real X server whose screen is a file in memory, so that pixels are seen at once and without asking it. */
export interface VirtualScreen {
  readonly display: string;
  /** The share of the looked-at pixels that have this colour, 0 to 1. */
  shareOf(colour: number): number;
  /** Milliseconds since the epoch when the share is first above (or below) a limit. */
  untilShare(colour: number, limit: { above: number } | { below: number }, timeoutMs: number): Promise<number>;
  stop(): Promise<void>;
}

export async function startVirtualScreen(): Promise<VirtualScreen> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-screen-"));
  const server = startProcess("Xvfb", [
    ...["-displayfd", "1", "-screen", "0", `${WIDTH_PX}x${HEIGHT_PX}x24`],
    ...["-fbdir", folder, "-nolisten", "tcp", "-ac"],
  ]);
  const number = await until("Xvfb tells its display", () => {
    if (server.hasEnded()) throw new Error(`Xvfb ended: ${server.output()}`);
    return /^(\d+)\s*$/m.exec(server.output())?.[1];
  });
  const file = openSync(join(folder, "Xvfb_screen0"), "r");
  // X11/XWDFile.h: fields of 32 bits, big-endian; header size, bytes a line, colours of 12 bytes each before the pixels.
  const header = Buffer.alloc(100);
  readSync(file, header, 0, header.length, 0);
  const bytesPerLine = header.readUInt32BE(48);
  const pixelsAt = header.readUInt32BE(0) + header.readUInt32BE(76) * 12;

  const line = Buffer.alloc(WIDTH_PX * 4);
  const shareOf = (colour: number): number => {
    const blue = colour & 0xff;
    const green = (colour >> 8) & 0xff;
    const red = (colour >> 16) & 0xff;
    let hits = 0;
    let looks = 0;
    for (let y = LINE_STEP_PX; y < HEIGHT_PX; y += LINE_STEP_PX) {
      readSync(file, line, 0, line.length, pixelsAt + y * bytesPerLine);
      for (let at = 0; at < line.length; at += 32) {
        looks += 1;
        const isHit =
          Math.abs((line[at] ?? 0) - blue) <= COLOUR_TOLERANCE &&
          Math.abs((line[at + 1] ?? 0) - green) <= COLOUR_TOLERANCE &&
          Math.abs((line[at + 2] ?? 0) - red) <= COLOUR_TOLERANCE;
        if (isHit) hits += 1;
      }
    }
    return hits / looks;
  };
  return {
    display: `:${number}`,
    shareOf,
    async untilShare(colour, limit, timeoutMs) {
      const endMs = performance.now() + timeoutMs;
      for (;;) {
        const share = shareOf(colour);
        if ("above" in limit ? share > limit.above : share < limit.below) {
          return performance.timeOrigin + performance.now();
        }
        if (performance.now() > endMs)
          throw new Error(`the screen did not show the guest's picture in ${timeoutMs} ms`);
        await delay(LOOK_MS);
      }
    },
    async stop() {
      closeSync(file);
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
