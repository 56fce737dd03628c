import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess, until } from "../../e2e/lab/child-process.ts";
import { type Findings } from "../findings.ts";
import { type BenchBrowser, startBrowser } from "../lab/browser.ts";
import { sampleOf } from "../statistics.ts";

const ROUNDS = 5;
const WARM_UP_ROUNDS = 1;

/** `npm start`, built, to a list of guests in a page that can be used; beside what npm, Node and Chromium take with nothing to do. */
export async function measureStart(findings: Findings): Promise<void> {
  const browser = await startBrowser();
  try {
    const totals: number[] = [];
    const programs: number[] = [];
    const pages: number[] = [];
    const floors: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      const { programMs, pageMs } = await startOnce(browser);
      const floorMs = await startNothing(browser);
      if (round < WARM_UP_ROUNDS) continue;
      programs.push(programMs);
      pages.push(pageMs);
      totals.push(programMs + pageMs);
      floors.push(floorMs);
    }
    findings.measured("start/list", sampleOf(totals), {
      what: "npm start (built) to a usable list",
      unit: "ms",
      peer: { name: "npm, an empty Node server and an empty page", value: sampleOf(floors) },
      compare: "ratio",
    });
    findings.measured("start/program", sampleOf(programs), { what: "… of it npm and the program", unit: "ms" });
    findings.measured("start/page", sampleOf(pages), { what: "… of it the page", unit: "ms" });
  } finally {
    await browser.stop();
  }
}

async function startOnce(browser: BenchBrowser): Promise<{ programMs: number; pageMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-start-"));
  const startedMs = performance.now();
  const program = startProcess("npm", ["start", "--", "--web", "--demo", "--config", folder]);
  try {
    const address = await untilAddress(program);
    const addressMs = performance.now();
    // The browser runs already, as a window of it would start meanwhile; the page is new, with nothing in its cache.
    const page = await browser.newPage();
    await page.goto(address, { waitUntil: "commit" });
    await page.waitForFunction(
      () => document.querySelector('[role="treeitem"][data-row-kind="guest"]') !== null,
      undefined,
      {
        polling: "raf",
      },
    );
    const listMs = performance.now();
    await page.context().close();
    return { programMs: addressMs - startedMs, pageMs: listMs - addressMs };
  } finally {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const EMPTY_SERVER = `
  const html = "<!doctype html><title>empty</title><p role=treeitem data-row-kind=guest>one</p>";
  const server = require("node:http").createServer((_, response) => response.end(html));
  server.listen(0, "127.0.0.1", () => console.log("It is at http://127.0.0.1:" + server.address().port + "/"));`;

async function startNothing(browser: BenchBrowser): Promise<number> {
  const startedMs = performance.now();
  const program = startProcess("npm", ["exec", "--offline", "--", "node", "-e", EMPTY_SERVER]);
  try {
    const address = await untilAddress(program);
    const page = await browser.newPage();
    await page.goto(address, { waitUntil: "commit" });
    await page.waitForFunction(() => document.querySelector('[role="treeitem"]') !== null, undefined, {
      polling: "raf",
    });
    const listMs = performance.now();
    await page.context().close();
    return listMs - startedMs;
  } finally {
    await program.stop();
  }
}

async function untilAddress(program: { output: () => string; hasEnded: () => boolean }): Promise<string> {
  return await until(
    "the address is printed",
    () => {
      if (program.hasEnded()) throw new Error(`it ended: ${program.output()}`);
      return / is at (http:\S+)/.exec(program.output())?.[1];
    },
    60_000,
  );
}
