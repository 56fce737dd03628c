import { expect, test } from "@playwright/test";
import { startQemu, type QemuGuest } from "./lab/qemu-guest.ts";
import { IMAGE_COMPRESSIONS, startSpiceGuest, type SpiceGuest } from "./lab/spice/spice-guest.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** VGA text mode's cursor blinks in a cell of 9 x 16 pixels; picture and screendump may see it differently. */
const CURSOR_PIXELS = 9 * 16;

for (const vga of ["qxl", "virtio"] as const) {
  test.describe(`SPICE consoles of guests with a ${vga} card`, () => {
    let guests: SpiceGuest[];
    let switchyard: Switchyard;

    test.beforeAll(async () => {
      guests = await Promise.all(
        IMAGE_COMPRESSIONS.map(async (imageCompression) => {
          const name = `${vga}-${imageCompression}`;
          return await startSpiceGuest({ name, vga, spice: { imageCompression } });
        }),
      );
      const connect = guests.flatMap((guest) => ["--connect", `qmp+unix://${guest.qmpSocket}`]);
      switchyard = await startSwitchyard({ args: connect });
    });

    test.afterAll(async () => {
      await switchyard.stop();
      await Promise.all(guests.map(async (guest) => await guest.stop()));
    });

    test("show exactly the guest's pixels and what typing does, whatever the compression", async ({ page }) => {
      test.setTimeout(180_000);
      const app = await AppPage.open(page, switchyard.address);
      for (const guest of guests) {
        await test.step(guest.name, async () => {
          await app.openConsole(guest.name, "SPICE");
          await app.expectLive();
          await guest.untilShell();
          await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
          await app.focusConsole();
          await app.typeKeys("echo Yard-7");
          await page.keyboard.press("Enter");
          await expect.poll(async () => (await guest.screenText()).match(/Yard-7/g)?.length).toBe(2);
          await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
          // Without a tablet the mouse is captured.
          await app.leaveConsole();
        });
      }
      // All of them are open at once; each still shows its own guest.
      await expect(app.tabs).toHaveCount(guests.length);
      for (const guest of guests) {
        await app.tab(guest.name).click();
        await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
      }
    });
  });
}

test.describe("a SPICE console of a real QEMU guest", () => {
  let guest: SpiceGuest;
  let other: QemuGuest | undefined;
  let switchyard: Switchyard;

  test.afterEach(async () => {
    await switchyard.stop();
    await guest.stop();
    await other?.stop();
    other = undefined;
  });

  test("comes back by itself after the guest's process was killed, with the last picture meanwhile", async ({
    page,
  }) => {
    guest = await startSpiceGuest({ name: "e2e-spice", vga: "qxl", spice: {} });
    switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("e2e-spice", "SPICE");
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
    guest = await startSpiceGuest({ name: "e2e-spice", vga: "qxl", spice: {} });
    switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("e2e-spice", "SPICE");
    await app.expectLive();
    await guest.untilShell();
    await guest.execute("system_reset");
    await expect.poll(async () => await guest.screenText()).not.toContain("iPXE>");
    await app.expectLive();
    await guest.untilShell();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
  });

  test("is a tab beside a VNC console, switched by hotkey, and each gets its own keys", async ({ page }) => {
    guest = await startSpiceGuest({ name: "by-spice", vga: "std", spice: {} });
    other = await startQemu({ name: "by-vnc" });
    switchyard = await startSwitchyard({
      args: [guest, other].flatMap(({ qmpSocket }) => ["--connect", `qmp+unix://${qmpSocket}`]),
    });
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("by-vnc", "VNC");
    await app.expectLive();
    await app.openConsole("by-spice", "SPICE");
    await expect(app.tabs).toHaveCount(2);
    await app.expectLive();
    await guest.untilShell();
    await other.untilShell();

    await app.focusConsole();
    await app.typeKeys("echo spice");
    await expect.poll(async () => await guest.screenText()).toContain("iPXE> echo spice");
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
    await page.keyboard.press("Control+Alt+ArrowLeft");
    await expect(app.tab("by-vnc")).toHaveAttribute("aria-selected", "true");
    await app.typeKeys("echo vnc");
    await expect.poll(async () => await other?.screenText()).toContain("iPXE> echo vnc");
    await app.expectPictureOf(other, { toleratedPixels: CURSOR_PIXELS });
    await page.keyboard.press("Control+Alt+ArrowLeft");
    await expect(app.tab("by-spice")).toHaveAttribute("aria-selected", "true");
    await app.typeKeys("b");
    await expect.poll(async () => (await guest.screenText()).trimEnd()).toMatch(/iPXE> echo spiceb$/);
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
  });

  test("over a Unix socket needs no port", async ({ page }) => {
    guest = await startSpiceGuest({ name: "e2e-socket", vga: "qxl", spice: { transport: "unix" } });
    switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
    const app = await AppPage.open(page, switchyard.address);
    await app.openConsole("e2e-socket", "SPICE");
    await app.expectLive();
    await app.expectPictureOf(guest, { toleratedPixels: CURSOR_PIXELS });
  });
});
