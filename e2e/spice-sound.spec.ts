import { expect, test, type Page } from "@playwright/test";
import { startDesktopGuest, type DesktopGuest } from "./lab/desktop/desktop-guest.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** Half the width of what the spectrum tells apart, at 48 kHz and 8192 samples. */
const FREQUENCY_TOLERANCE_HZ = 10;

declare global {
  var testSpectra: AnalyserNode[];
}

/** Listens to everything that the page sends to its loudspeakers. */
async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    globalThis.testSpectra = [];
    const prototype = AudioNode.prototype as unknown as { connect: (...args: unknown[]) => unknown };
    const { connect } = prototype;
    prototype.connect = function (this: AudioNode, ...args: unknown[]) {
      const [target] = args;
      if (target instanceof AudioDestinationNode) {
        const spectrum = target.context.createAnalyser();
        spectrum.fftSize = 8192;
        spectrum.smoothingTimeConstant = 0;
        connect.call(this, spectrum);
        globalThis.testSpectra.push(spectrum);
      }
      return connect.apply(this, args);
    };
  });
}

/** The loudest frequency that is heard, in hertz; undefined while it is silent. */
async function loudestFrequency(page: Page): Promise<number | undefined> {
  return await page.evaluate(() => {
    for (const spectrum of globalThis.testSpectra) {
      const decibels = new Float32Array(spectrum.frequencyBinCount);
      spectrum.getFloatFrequencyData(decibels);
      const loudest = decibels.reduce((best, value, at) => (value > (decibels[best] ?? 0) ? at : best), 0);
      if ((decibels[loudest] ?? -Infinity) > -60) return (loudest * spectrum.context.sampleRate) / spectrum.fftSize;
    }
    return undefined;
  });
}

/** Opus, and plain samples. */
const TONES = [
  { playbackCompression: "on", hertz: 1_000 },
  { playbackCompression: "off", hertz: 440 },
] as const;

for (const { playbackCompression, hertz } of TONES) {
  test.describe(`sound of a desktop over SPICE, playback-compression=${playbackCompression}`, () => {
    let guest: DesktopGuest;
    let switchyard: Switchyard;

    test.beforeEach(async () => {
      // The first of all builds the guest.
      test.setTimeout(600_000);
      guest = await startDesktopGuest({ name: "desktop", spice: { playbackCompression } });
      switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
    });

    test.afterEach(async () => {
      await switchyard.stop();
      await guest.stop();
    });

    test("is heard at the pitch at which it is played", async ({ page }) => {
      await listen(page);
      const app = await AppPage.open(page, switchyard.address);
      await app.openConsole("desktop", "SPICE");
      await app.expectLive();
      await app.focusConsole();
      await guest.agent.start(`speaker-test -t sine -f ${hertz} -l 0`);
      await expect
        .poll(async () => Math.abs(((await loudestFrequency(page)) ?? 0) - hertz))
        .toBeLessThanOrEqual(FREQUENCY_TOLERANCE_HZ);
    });
  });
}
