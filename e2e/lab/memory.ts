import { readFileSync } from "node:fs";
import type { Browser } from "@playwright/test";

const PAGE_BYTES = 4096;

/** Memory that a process really holds, by /proc/PID/statm (proc(5)). */
export function residentBytesOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES;
}

/** Memory of all pages of a browser, with what lies outside JavaScript's heap: pictures, buffers. */
export async function residentBytesOfPages(browser: Browser): Promise<number> {
  const devTools = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await devTools.send("SystemInfo.getProcessInfo");
    const pages = processInfo.filter(({ type }) => type === "renderer");
    return pages.reduce((sum, { id }) => sum + residentBytesOf(id), 0);
  } finally {
    await devTools.detach();
  }
}
