import { existsSync } from "node:fs";
import { startProcess, until } from "./child-process.ts";

const FIRST_DISPLAY = 140;
const DISPLAY_COUNT = 60;

/** A number that no X server of this machine has. */
export function freeDisplay(): string {
  for (let number = FIRST_DISPLAY; number < FIRST_DISPLAY + DISPLAY_COUNT; number += 1) {
    if (!existsSync(`/tmp/.X11-unix/X${number}`) && !existsSync(`/tmp/.X${number}-lock`)) return `:${number}`;
  }
  throw new Error("no X display is free");
}

/** A screen without a screen. */
export interface XDisplay {
  readonly display: string;
  stop(): Promise<void>;
}

export async function startXDisplay(): Promise<XDisplay> {
  const display = freeDisplay();
  const server = startProcess("Xvfb", [display, "-screen", "0", "1280x800x24", "-nolisten", "tcp"]);
  await until("Xvfb has its socket", () => {
    if (server.hasEnded()) throw new Error(`Xvfb ended: ${server.output()}`);
    return existsSync(`/tmp/.X11-unix/X${display.slice(1)}`);
  });
  return { display, stop: async () => await server.stop() };
}
