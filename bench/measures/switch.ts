import { startSwitchyard } from "../../e2e/lab/switchyard.ts";
import { delay } from "../../src/shared/lifecycle/timer.ts";
import { type Findings } from "../findings.ts";
import { openWithConsoles, startBrowser } from "../lab/browser.ts";
import { startMovingGuests } from "../lab/moving-guests.ts";
import { installEye, type SeenSwitch } from "../lab/page-eye.ts";
import { percentile, sampleOf } from "../statistics.ts";

const CONSOLES = 20;
const WARM_UP_SWITCHES = 5;
const SWITCHES = 60;
/** Between two switches, so that they meet the display and the pauses of hidden consoles at any phase. */
const PAUSE_MS = { least: 700, step: 37, steps: 12 };

/** How often and how long pictures of hidden consoles are looked at. */
const AGE_LOOKS = 100;
const AGE_LOOK_MS = 130;

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
  try {
    const page = await browser.newPage();
    await installEye(page);
    const app = await openWithConsoles(page, switchyard.address, CONSOLES);
    await page.waitForFunction(() => globalThis.benchEye.ages().every((age) => age !== undefined), undefined, {
      timeout: 60_000,
    });
    await app.focusConsole();
    const frameMs = await page.evaluate(frameInterval);

    const seen: SeenSwitch[] = [];
    for (let index = 0; index < WARM_UP_SWITCHES + SWITCHES; index += 1) {
      await delay(PAUSE_MS.least + PAUSE_MS.step * (index % PAUSE_MS.steps));
      await page.evaluate(() => {
        globalThis.benchEye.watchSwitch("ArrowRight");
      });
      await page.keyboard.down("Control");
      await page.keyboard.down("Alt");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.up("Alt");
      await page.keyboard.up("Control");
      const one = await page.evaluate(async () =>
        Promise.race([
          globalThis.benchEye.seen,
          new Promise<undefined>((_, reject) =>
            setTimeout(() => {
              reject(new Error("no switch was seen"));
            }, 10_000),
          ),
        ]),
      );
      if (one !== undefined && index >= WARM_UP_SWITCHES) seen.push(one);
    }
    const of = (part: keyof SeenSwitch): number[] => seen.map((one) => one[part]);
    const p95 = (values: number[]) => ({ ...sampleOf(values), median: percentile(values, 95) });

    const lastPictureFrames = of("lastPictureMs").map((ms) => ms / frameMs);
    const what = `${CONSOLES} moving consoles, hotkey to`;
    findings.measured("switch/last-picture-p95", p95(lastPictureFrames), {
      what: `${what} last picture, p95`,
      unit: "frames",
      goal: { text: `at most ${GOAL_FRAMES} display frames`, maxValue: GOAL_FRAMES },
      compare: "value",
    });
    findings.measured("switch/last-picture", sampleOf(of("lastPictureMs")), {
      what: `${what} last picture, median`,
      unit: "ms",
    });
    findings.measured("switch/current-picture-p95", p95(of("currentPictureMs")), {
      what: `${what} a picture drawn after the key, p95`,
      unit: "ms",
      goal: { text: `at most ${GOAL_CURRENT_MS} ms`, maxValue: GOAL_CURRENT_MS },
      compare: "value",
    });
    findings.measured("switch/current-picture", sampleOf(of("currentPictureMs")), {
      what: `${what} a picture drawn after the key, median`,
      unit: "ms",
    });

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
    await switchyard.stop();
    await guests.stop();
  }
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
