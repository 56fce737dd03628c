import { type Page } from "playwright";
import { startSwitchyard } from "../../e2e/lab/switchyard.ts";
import { delay } from "../../src/shared/lifecycle/timer.ts";
import { type Findings } from "../findings.ts";
import { openWithConsoles, startBrowser } from "../lab/browser.ts";
import { startMovingGuests } from "../lab/moving-guests.ts";
import { installEye, type SeenSwitch } from "../lab/page-eye.ts";
import { openPlainSwitchPage } from "../lab/plain-switch-page.ts";
import { percentile, sampleOf, type Sample } from "../statistics.ts";

const CONSOLES = 20;
const WARM_UP_SWITCHES = 5;
const SWITCHES = 60;
/** Between two switches, so that they meet the display and the pauses of hidden consoles at any phase. */
const PAUSE_MS = { least: 700, step: 37, steps: 12 };

/** How often and how long pictures of hidden consoles are looked at. */
const AGE_LOOKS = 100;
const AGE_LOOK_MS = 130;

const SWITCH_TIMEOUT_MS = 10_000;

const GOAL_FRAMES = 2;
const GOAL_CURRENT_MS = 100;
const GOAL_AGE_MS = 1_000;

export async function measureSwitch(findings: Findings): Promise<void> {
  const guests = await startMovingGuests(CONSOLES);
  const switchyard = await startSwitchyard({
    settings: { addressBook: guests.addressBook },
    args: guests.names.flatMap((name) => ["--open", name]),
  });
  const browser = await startBrowser();
  const plainBrowser = await startBrowser();
  try {
    const page = await browser.newPage();
    await installEye(page);
    const app = await openWithConsoles(page, switchyard.address, CONSOLES);
    await page.waitForFunction(() => globalThis.benchEye.ages().every((age) => age !== undefined), undefined, {
      timeout: 60_000,
    });
    await app.focusConsole();
    const frameMs = await page.evaluate(frameInterval);

    const plainPage = await plainBrowser.newPage();
    await installEye(plainPage);
    await openPlainSwitchPage(plainPage);

    const seen: Record<"ours" | "plain", SeenSwitch[]> = { ours: [], plain: [] };
    for (let index = 0; index < WARM_UP_SWITCHES + SWITCHES; index += 1) {
      await delay(PAUSE_MS.least + PAUSE_MS.step * (index % PAUSE_MS.steps));
      const ours = await switchOnce(page);
      const plain = await switchOnce(plainPage);
      if (index < WARM_UP_SWITCHES) continue;
      seen.ours.push(ours);
      seen.plain.push(plain);
    }
    const framesOf = (which: "ours" | "plain"): number[] =>
      seen[which].map(({ lastPictureMs }) => lastPictureMs / frameMs);
    const currentOf = (which: "ours" | "plain"): number[] =>
      seen[which].map(({ currentPictureMs }) => currentPictureMs);
    const p95 = (values: number[]): Sample => ({ ...sampleOf(values), median: percentile(values, 95) });
    const what = `${CONSOLES} moving consoles, hotkey to`;
    const peerName = "a page with two canvases";

    for (const [suffix, statistic, word] of [
      ["-p95", p95, "p95"],
      ["", sampleOf, "median"],
    ] as const) {
      const isGoal = suffix === "-p95";
      findings.measured(`switch/last-picture${suffix}`, statistic(framesOf("ours")), {
        what: `${what} last picture, ${word}`,
        unit: "frames",
        peer: { name: peerName, value: statistic(framesOf("plain")) },
        ...(isGoal ? { goal: { text: `at most ${GOAL_FRAMES} display frames`, maxValue: GOAL_FRAMES } } : {}),
        compare: "ratio",
      });
      findings.measured(`switch/current-picture${suffix}`, statistic(currentOf("ours")), {
        what: `${what} a picture drawn after the key, ${word}`,
        unit: "ms",
        peer: { name: peerName, value: statistic(currentOf("plain")) },
        ...(isGoal ? { goal: { text: `at most ${GOAL_CURRENT_MS} ms`, maxValue: GOAL_CURRENT_MS } } : {}),
        compare: "ratio",
      });
    }

    const ages: number[] = [];
    for (let look = 0; look < AGE_LOOKS; look += 1) {
      await delay(AGE_LOOK_MS);
      ages.push(...(await page.evaluate(() => globalThis.benchEye.ages())).filter((age) => age !== undefined));
    }
    findings.measured(
      "switch/hidden-age-max",
      { ...sampleOf(ages), median: Math.max(...ages) },
      {
        what: "age of a hidden console's picture, oldest seen",
        unit: "ms",
        goal: { text: `never above ${GOAL_AGE_MS} ms`, maxValue: GOAL_AGE_MS },
        compare: "value",
      },
    );
  } finally {
    await browser.stop();
    await plainBrowser.stop();
    await switchyard.stop();
    await guests.stop();
  }
}

/** Presses the hotkey for the next console and watches what comes of it. */
async function switchOnce(page: Page): Promise<SeenSwitch> {
  await page.evaluate(() => {
    globalThis.benchEye.watchSwitch("ArrowRight");
  });
  await page.keyboard.down("Control");
  await page.keyboard.down("Alt");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.up("Alt");
  await page.keyboard.up("Control");
  return await page.evaluate(async (timeoutMs) => {
    const seen = await Promise.race([
      globalThis.benchEye.seen,
      new Promise<undefined>((resolve) => setTimeout(resolve, timeoutMs)),
    ]);
    if (seen === undefined) throw new Error("the other guest's picture did not come");
    return seen;
  }, SWITCH_TIMEOUT_MS);
}

/** In the page: the display's interval. */
async function frameInterval(): Promise<number> {
  const frames = await new Promise<number[]>((resolve) => {
    const starts: number[] = [];
    const count = (frameMs: number): void => {
      starts.push(frameMs);
      if (starts.length > 120) resolve(starts);
      else requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  const intervals = frames.slice(1).map((start, index) => start - (frames[index] ?? 0));
  return intervals.sort((a, b) => a - b)[Math.floor(intervals.length / 2)] ?? 0;
}
