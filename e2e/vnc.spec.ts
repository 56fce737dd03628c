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
    await app.focusConsole();
    // iPXE takes Ctrl-B for a moment while it starts.
    await expect(async () => {
      await page.keyboard.press("Control+b");
      expect(await screenText(guest)).toContain("iPXE>");
    }).toPass({ timeout: 60_000, intervals: [300] });
    await page.keyboard.type("echo Switchyard-123", { delay: 40 });
    await page.keyboard.press("Enter");
    await expect
      .poll(async () => (await screenText(guest)).match(/Switchyard-123/g)?.length, { timeout: 20_000 })
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

/** The guest's text screen, read from video memory: independent of any picture. VGA text memory is at 0xb8000, two bytes a cell. */
async function screenText(guest: QemuGuest): Promise<string> {
  const dump = (await guest.execute("human-monitor-command", { "command-line": "xp /2000hx 0xb8000" })) as string;
  const cells = [...dump.matchAll(/0x([0-9a-f]{4})/g)].map((match) => parseInt(match[1] ?? "0", 16) & 0xff);
  const characters = cells.map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : " ")).join("");
  return (characters.match(/.{1,80}/g) ?? []).map((line) => line.trimEnd()).join("\n");
}
