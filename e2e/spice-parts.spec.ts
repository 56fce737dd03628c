import { expect, test, type Page } from "@playwright/test";
import { startDesktopGuest, type DesktopGuest } from "./lab/desktop/desktop-guest.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** The parts of a SPICE console that have tabs of their own: further screens, text ports. */

let guest: DesktopGuest;
let switchyard: Switchyard;

test.beforeAll(() => {
  // The first of all builds the guest.
  test.setTimeout(600_000);
});

test.beforeEach(async ({ page }) => {
  guest = await startDesktopGuest({ name: "desktop" });
  switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
  const app = await AppPage.open(page, switchyard.address);
  await app.openConsole("desktop", "SPICE");
  await app.expectLive();
});

test.afterEach(async () => {
  await switchyard.stop();
  await guest.stop();
});

const more = async (page: Page, item: string): Promise<void> => {
  await page.getByRole("button", { name: /^More/ }).click();
  await page.getByRole("menuitem", { name: item }).click();
};

test("adds a screen to the guest, in a tab of its own over the same connection", async ({ page }) => {
  const workers = page.workers().length;
  await more(page, "Add a screen");
  // This desktop's window manager switches no screen on by itself.
  await expect(async () => {
    await guest.agent.run("xrandr --output Virtual-2 --auto --right-of Virtual-1");
    await expect(page.getByRole("contentinfo")).toContainText("live", { timeout: 2000 });
  }).toPass();
  await expect(page.getByRole("tab", { name: /screen 2/ })).toHaveAttribute("aria-selected", "true");
  expect(page.workers().length).toBe(workers);
});

test("opens a text port of the guest as a console", async ({ page }) => {
  await more(page, "Open org.switchyard.text");
  await expect(page.getByRole("contentinfo")).toContainText("live");
  let read = "";
  const reading = guest.agent
    .run("exec 3<>/dev/virtio-ports/org.switchyard.text; printf 'hello from the port' >&3; timeout 15 head -c 5 <&3")
    .then((text) => {
      read = text;
    });
  // What is typed before somebody reads in the guest is lost, as on any line.
  await expect
    .poll(async () => {
      await page.keyboard.type("typed");
      return read;
    })
    .toHaveLength("typed".length);
  await reading;
});
