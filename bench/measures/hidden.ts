import { startSwitchyard } from "../../e2e/lab/switchyard.ts";
import { delay } from "../../src/shared/lifecycle/timer.ts";
import { type Findings } from "../findings.ts";
import { openWithConsoles, startQuietBrowser } from "../lab/browser.ts";
import { startMovingGuests, type MovingGuests } from "../lab/moving-guests.ts";
import { costOfTrees } from "../lab/process-cost.ts";
import { sampleOf } from "../statistics.ts";

const HIDDEN = 50;
/** The moving guests' screens are 1024x768 at 4 bytes a pixel. */
const FRAMEBUFFER_MIB = (1024 * 768 * 4) / 2 ** 20;
const GOAL_OVER_FRAMEBUFFER_MIB = 4;
const GOAL_CPU_PERCENT = 0.2;

const SETTLE_MS = 10_000;
const WINDOW_MS = 8_000;
const WINDOWS = 3;
const ROUNDS = 2;

const SCREEN_WIDTH_PX = 1024;

/** What the browser and the program use with a number of consoles open, one of them shown. */
interface Use {
  readonly memoryMiB: number;
  /** In percent of one core, one value for each window of time. */
  readonly cpuPercents: readonly number[];
}

export async function measureHidden(findings: Findings): Promise<void> {
  const guests = await startMovingGuests(HIDDEN + 1);
  try {
    const memory: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const few = await useWith(guests, 1);
      const many = await useWith(guests, HIDDEN + 1);
      memory.push((many.memoryMiB - few.memoryMiB) / HIDDEN);
      const idle = sampleOf(few.cpuPercents).median;
      cpu.push(...many.cpuPercents.map((percent) => (percent - idle) / HIDDEN));
    }
    findings.measured("hidden/memory", sampleOf(memory), {
      what: `memory of each of ${HIDDEN} hidden consoles, 1024x768, browser and host`,
      unit: "MiB",
      goal: {
        text: `at most framebuffer (${FRAMEBUFFER_MIB} MiB) + ${GOAL_OVER_FRAMEBUFFER_MIB} MB`,
        maxValue: FRAMEBUFFER_MIB + GOAL_OVER_FRAMEBUFFER_MIB,
      },
      compare: "value",
    });
    findings.measured("hidden/cpu", sampleOf(cpu), {
      what: `processor time of each of ${HIDDEN} hidden moving consoles, browser and host`,
      unit: "% of a core",
      goal: { text: `under ${GOAL_CPU_PERCENT} %`, maxValue: GOAL_CPU_PERCENT },
      compare: "value",
    });
  } finally {
    await guests.stop();
  }
}

/** Opens so many of these guests' consoles, and measures once they have settled. `widthPx`: of each guest's screen, once it is there. */
export async function useWith(
  guests: Pick<MovingGuests, "names" | "addressBook">,
  count: number,
  options: { readonly widthPx?: number } = { widthPx: SCREEN_WIDTH_PX },
): Promise<Use> {
  const switchyard = await startSwitchyard({
    settings: { addressBook: guests.addressBook },
    args: guests.names.slice(0, count).flatMap((name) => ["--open", name]),
  });
  const browser = await startQuietBrowser();
  try {
    await browser.visit(async (page) => {
      await openWithConsoles(page, switchyard.address, count);
      if (options.widthPx === undefined) return;
      await page.waitForFunction(
        (widthPx) =>
          [...document.querySelectorAll<HTMLCanvasElement>('[data-testid="guest-screen"]')].every(
            (canvas) => canvas.width === widthPx,
          ),
        options.widthPx,
        { timeout: 60_000 },
      );
    });
    const pids = [browser.pid, switchyard.process.pid];
    await delay(SETTLE_MS);
    const cpuPercents: number[] = [];
    for (let window = 0; window < WINDOWS; window += 1) {
      const before = costOfTrees(pids);
      const startedMs = performance.now();
      await delay(WINDOW_MS);
      const seconds = (performance.now() - startedMs) / 1000;
      cpuPercents.push(((costOfTrees(pids).processorSeconds - before.processorSeconds) / seconds) * 100);
    }
    return { memoryMiB: costOfTrees(pids).memoryBytes / 2 ** 20, cpuPercents };
  } finally {
    await browser.stop();
    await switchyard.stop();
  }
}
