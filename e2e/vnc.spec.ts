import { expect, test } from "@playwright/test";
import { startQemu, type QemuGuest } from "./lab/qemu-guest.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** VGA text mode's cursor blinks in a cell of 9 x 16 pixels; picture and screendump may see it differently. */
const CURSOR_PIXELS = 9 * 16;

test.describe("a VNC console of a real QEMU guest", () => {
  let guest: QemuGuest;
  let switchyard: Switchyard;

  test.beforeEach(async () => {
    guest = await startQemu({ name: "e2e-vnc" });
    switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
  });

  test.afterEach(async () => {
    await switchyard.stop();
    await guest.stop();
  });

  test("shows exactly the guest's pixels", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("e2e-vnc", "VNC");
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
  });

  test("brings typed keys to the guest and shows what they do", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("e2e-vnc", "VNC");
    await app.expectLive();
    await guest.untilShell();
    await app.focusConsole();
    await app.typeKeys("echo Switchyard-123");
    await page.keyboard.press("Enter");
    await expect
      .poll(async () => (await guest.screenText()).match(/Switchyard-123/g)?.length, { timeout: 20_000 })
      .toBe(2);
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
  });

  test("comes back by itself after the guest's process was killed, with the last picture meanwhile", async ({
    page,
  }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("e2e-vnc", "VNC");
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });

    await guest.kill();
    await expect(app.panel).toContainText(/lost|closed|no socket|refused/i);
    await expect(page.locator("[data-dimmed]").first()).toBeVisible();

    await guest.restart();
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
  });

  test("goes on through a reset of the guest", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("e2e-vnc", "VNC");
    await app.expectLive();
    await guest.execute("system_reset");
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
  });
});
