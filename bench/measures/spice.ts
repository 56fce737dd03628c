import { type Browser, type Page } from "playwright";
import { startProcess } from "../../e2e/lab/child-process.ts";
import { startSwitchyard } from "../../e2e/lab/switchyard.ts";
import { AppPage } from "../../e2e/pages/app-page.ts";
import { type Findings } from "../findings.ts";
import { startBrowser } from "../lab/browser.ts";
import { startSpiceReplay, type SpiceReplay } from "../lab/spice-replay.ts";
import { BENCH_SESSIONS, ensureBenchSession } from "../lab/spice-sessions.ts";
import { startVirtualScreen } from "../lab/virtual-screen.ts";
import { sampleOf } from "../statistics.ts";

const ROUNDS = 3;
const WARM_UP_ROUNDS = 1;
/** What spice-html5 has no decoder for: it would be fast by leaving it out. */
const UNKNOWN_TO_HTML5 = new Set(["glz", "lz4", "zlib-glz"]);
const GOAL_TO_HTML5 = 0.2;
const GOAL_TO_SPICY = 1;
const GOAL_TASK_MS = 16;
const LIVE_MARK = "switchyard-bench-live";

type Client = "ours" | "html5" | "spicy";

/** Time to consume a recorded session of a 1080p desktop, codec by codec; and how busy the page's main thread is meanwhile. */
export async function measureSpice(findings: Findings): Promise<void> {
  const screen = await startVirtualScreen();
  const totals: Record<Client, number> = { ours: 0, html5: 0, spicy: 0 };
  let oursBesideHtml5 = 0;
  const longest: number[] = [];
  try {
    for (const name of Object.keys(BENCH_SESSIONS)) {
      await findings.attempt(`spice/${name}`, async () => {
        const replay = await startSpiceReplay(await ensureBenchSession(name));
        try {
          const hasHtml5 = !UNKNOWN_TO_HTML5.has(name);
          const times = await consume(replay, { hasHtml5, display: screen.display, longest });
          const ours = sampleOf(times.ours);
          const spicy = sampleOf(times.spicy);
          totals.ours += ours.median;
          totals.spicy += spicy.median;
          const what = `a recorded 1080p desktop consumed, ${name}`;
          findings.measured(`spice/consume-${name}-spicy`, ours, {
            what,
            unit: "ms",
            peer: { name: "spicy (spice-gtk)", value: spicy },
            compare: "ratio",
          });
          if (!hasHtml5) return;
          const html5 = sampleOf(times.html5);
          totals.html5 += html5.median;
          oursBesideHtml5 += ours.median;
          findings.measured(`spice/consume-${name}-html5`, ours, {
            what,
            unit: "ms",
            peer: { name: "spice-html5", value: html5 },
            compare: "ratio",
          });
        } finally {
          await replay.stop();
        }
      });
    }
    findings.measured("spice/consume-all-spicy", sampleOf([totals.ours]), {
      what: "recorded 1080p desktops consumed, all codecs",
      unit: "ms",
      peer: { name: "spicy (spice-gtk)", value: sampleOf([totals.spicy]) },
      goal: { text: "at least as fast as spice-gtk", maxRatio: GOAL_TO_SPICY },
      compare: "ratio",
    });
    findings.measured("spice/consume-all-html5", sampleOf([oursBesideHtml5]), {
      what: "recorded 1080p desktops consumed, codecs that spice-html5 has",
      unit: "ms",
      peer: { name: "spice-html5", value: sampleOf([totals.html5]) },
      goal: { text: "at least 5 times as fast as spice-html5", maxRatio: GOAL_TO_HTML5 },
      compare: "ratio",
    });
    findings.measured(
      "spice/longest-task",
      { ...sampleOf(longest), median: Math.max(...longest) },
      {
        what: "longest task of the page's main thread while a 1080p session plays at full speed",
        unit: "ms of processor time",
        goal: { text: `no task longer than ${GOAL_TASK_MS} ms`, maxValue: GOAL_TASK_MS },
        compare: "value",
      },
    );
  } finally {
    await screen.stop();
  }
}

async function consume(
  replay: SpiceReplay,
  options: { hasHtml5: boolean; display: string; longest: number[] },
): Promise<Record<Client, number[]>> {
  const switchyard = await startSwitchyard({
    settings: { addressBook: [{ id: "replay", name: "replay", uri: `spice://127.0.0.1:${replay.port}` }] },
  });
  const browser = await startBrowser();
  const peerBrowser = await startBrowser();
  try {
    const page = await browser.newPage();
    const app = await AppPage.open(page, switchyard.address);
    await app.guest("replay").waitFor();
    const peerPage = await peerBrowser.newPage();
    await peerPage.goto(`http://127.0.0.1:${replay.webPort}/`);
    await peerPage.waitForFunction(() => "isReady" in globalThis);
    const times: Record<Client, number[]> = { ours: [], html5: [], spicy: [] };
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      const keep = (client: Client, ms: number): void => {
        if (round >= WARM_UP_ROUNDS) times[client].push(ms);
      };
      keep("ours", await replay.consumedBy(async () => await app.guest("replay").click()));
      await app.tab("replay").click({ button: "middle" });
      if (options.hasHtml5) keep("html5", await replay.consumedBy(async () => await connectHtml5(peerPage)));
      keep("spicy", await consumeInSpicy(replay, options.display));
    }
    // Apart from the times, because a trace costs time itself.
    const task = await longestTaskDuring(browser.browser, page, async () => {
      await replay.consumedBy(async () => await app.guest("replay").click());
    });
    options.longest.push(task);
    return times;
  } finally {
    await browser.stop();
    await peerBrowser.stop();
    await switchyard.stop();
  }
}

async function connectHtml5(page: Page): Promise<void> {
  await page.reload();
  await page.waitForFunction(() => "isReady" in globalThis);
  await page.evaluate(() => {
    (globalThis as unknown as { connect: () => void }).connect();
  });
}

async function consumeInSpicy(replay: SpiceReplay, display: string): Promise<number> {
  let stop: (() => Promise<void>) | undefined;
  try {
    return await replay.consumedBy(() => {
      const viewer = startProcess("spicy", ["-h", "127.0.0.1", "-p", String(replay.port)], {
        env: { DISPLAY: display },
      });
      stop = async () => await viewer.stop("SIGKILL");
      return Promise.resolve();
    });
  } finally {
    await stop?.();
  }
}

/** One event of Chromium's trace; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly tdur?: number;
}

/**
 * The longest task, in milliseconds of processor time (others on the machine do not count), that the page's main thread had from
 * the console's first picture on while `play` ran.
 */
async function longestTaskDuring(browser: Browser, page: Page, play: () => Promise<void>): Promise<number> {
  await page.evaluate((mark) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector("footer")?.textContent.includes("live") !== true) return;
      observer.disconnect();
      performance.mark(mark);
    });
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  }, LIVE_MARK);
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  await play();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const live = trace.traceEvents.find(({ name }) => name === LIVE_MARK);
  if (live === undefined) throw new Error("the console did not become live while it was measured");
  const tasks = trace.traceEvents.filter(
    ({ name, pid, tid, ts }) => name.endsWith("RunTask") && pid === live.pid && tid === live.tid && ts > live.ts,
  );
  if (tasks.length === 0) throw new Error("Chromium's trace has no tasks");
  return Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1000;
}
