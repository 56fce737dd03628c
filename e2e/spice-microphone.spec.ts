import { expect, test, type Page } from "@playwright/test";
import config from "../playwright.config.ts";
import { startDesktopGuest, type DesktopGuest } from "./lab/desktop/desktop-guest.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** Two seconds of silence are packed to less, and any sound to more. (Looking at each sample takes the emulated guest too long.) */
const PACKED_SILENCE_BYTES = 3000;

test.use({
  launchOptions: {
    ...config.use?.launchOptions,
    args: [
      ...(config.use?.launchOptions?.args ?? []),
      // A microphone that beeps, and nobody who has to allow it.
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  },
});

test.describe("the microphone over SPICE", () => {
  let guest: DesktopGuest;
  let switchyard: Switchyard;

  test.beforeAll(() => {
    // The first of all builds the guest.
    test.setTimeout(600_000);
  });

  test.beforeEach(async () => {
    guest = await startDesktopGuest({ name: "desktop" });
    switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
  });

  test.afterEach(async () => {
    await switchyard.stop();
    await guest.stop();
  });

  test("is heard by a guest that listens, and only once the user allows it", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("desktop", "SPICE");
    await app.expectLive();
    const listen = "arecord -q -t raw -f S16_LE -r 48000 -c 2 /tmp/heard.raw";
    const packedBytes = async (): Promise<number> =>
      Number(await guest.agent.run("tail -c 384000 /tmp/heard.raw | gzip -1 | wc -c"));

    await guest.agent.run(`timeout 4 ${listen}; true`);
    expect(Number(await guest.agent.run("wc -c < /tmp/heard.raw"))).toBeGreaterThan(384_000);
    expect(await packedBytes()).toBeLessThan(PACKED_SILENCE_BYTES);

    const listening = await guest.agent.start(listen);
    await toggleMore(page, "Microphone to the guest");
    await expect.poll(packedBytes, { timeout: 30_000 }).toBeGreaterThan(2 * PACKED_SILENCE_BYTES);
    await listening.stop();
  });
});

async function toggleMore(page: Page, item: string): Promise<void> {
  await page.getByRole("toolbar", { name: "Console" }).getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitemcheckbox", { name: item, exact: true }).click();
}
