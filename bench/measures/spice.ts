import { type Page } from "playwright";
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
        unit: "ms",
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
      await page.evaluate(watchTasks);
      keep("ours", await replay.consumedBy(async () => await app.guest("replay").click()));
      const task = await page.evaluate(longestTask);
      if (round >= WARM_UP_ROUNDS) options.longest.push(task);
      await app.tab("replay").click({ button: "middle" });
      if (options.hasHtml5) keep("html5", await replay.consumedBy(async () => await connectHtml5(peerPage)));
      keep("spicy", await consumeInSpicy(replay, options.display));
    }
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

/** In the page: the delay of a message to itself, over and over, is as long as the task that was before it. */
function watchTasks(): void {
  const state = globalThis as unknown as { benchLongest: number; benchStop?: () => void };
  state.benchStop?.();
  state.benchLongest = 0;
  const { port1, port2 } = new MessageChannel();
  let lastMs = performance.now();
  port1.onmessage = () => {
    const nowMs = performance.now();
    state.benchLongest = Math.max(state.benchLongest, nowMs - lastMs);
    lastMs = nowMs;
    // Not without a pause, so that the watch itself is no load.
    setTimeout(() => {
      lastMs = performance.now();
      port2.postMessage(0);
    }, 1);
  };
  state.benchStop = () => {
    port1.close();
  };
  port2.postMessage(0);
}

function longestTask(): number {
  return (globalThis as unknown as { benchLongest: number }).benchLongest;
}
