import { expect, test } from "@playwright/test";
import { startQemu, type QemuGuest } from "./lab/qemu-guest.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

const NAMES = ["hk-1", "hk-2", "hk-3", "hk-4", "hk-5"];

test.describe("hotkeys among five guests", () => {
  let guests: QemuGuest[];
  let switchyard: Switchyard;

  test.beforeAll(async () => {
    guests = await Promise.all(NAMES.map(async (name) => await startQemu({ name })));
    const connect = guests.flatMap((guest) => ["--connect", `qmp+unix://${guest.qmpSocket}`]);
    switchyard = await startSwitchyard({ args: connect });
  });

  test.afterAll(async () => {
    await switchyard.stop();
    await Promise.all(guests.map(async (guest) => await guest.stop()));
  });

  test("switch by leader, by held keys, by most recent use and by name, unseen by the guests", async ({ page }) => {
    test.setTimeout(180_000);
    const app = await AppPage.open(page, switchyard.address);
    for (const [index, name] of NAMES.entries()) {
      await app.openConsole(name, "VNC");
      await expect(app.tabs).toHaveCount(index + 1);
      await app.expectLive();
      await guests[index]?.untilShell();
    }
    const expectShown = async (name: string): Promise<void> => {
      await expect(app.tab(name)).toHaveAttribute("aria-selected", "true");
    };
    await app.focusConsole();
    await expectShown("hk-5");

    const leader = async (key: string): Promise<void> => {
      await page.keyboard.press("ControlRight");
      await page.keyboard.press("ControlRight");
      await page.keyboard.press(key);
    };
    await leader("2");
    await expectShown("hk-2");
    await leader("ArrowRight");
    await expectShown("hk-3");
    await page.keyboard.press("Control+Alt+Digit1");
    await expectShown("hk-1");
    await page.keyboard.press("Control+Alt+ArrowLeft");
    await expectShown("hk-5");
    await page.keyboard.press("Control+Alt+Tab");
    await expectShown("hk-1");
    await page.keyboard.press("Scroll" + "Lock");
    await page.keyboard.press("ScrollLock");
    await page.keyboard.press("Digit4");
    await expectShown("hk-4");

    // What is typed now reaches the shown guest, and nothing of the hotkeys reached any.
    await app.typeKeys("echo here");
    await expect.poll(async () => await guests[3]?.screenText()).toContain("iPXE> echo here");
    for (const [index, guest] of guests.entries()) {
      const line = (await guest.screenText()).trimEnd().split("\n").at(-1);
      expect(line, guest.name).toBe(index === 3 ? "iPXE> echo here" : "iPXE>");
    }

    await leader("k");
    await page.keyboard.type("hk-2");
    await page.keyboard.press("Enter");
    await expectShown("hk-2");
    // No modifier stayed down: a plain letter is a plain letter.
    await app.focusConsole();
    await app.typeKeys("b");
    await expect.poll(async () => (await guests[1]?.screenText())?.trimEnd()).toMatch(/iPXE> b$/);
  });
});
