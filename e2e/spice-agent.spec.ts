import { expect, test, type Page } from "@playwright/test";
import { startDesktopGuest, type DesktopGuest } from "./lab/desktop/desktop-guest.ts";
import { drawShapes } from "./lab/desktop/scenes.ts";
import { XClient } from "./lab/desktop/x-client.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** spice-vdagent and the guest's X server make a screen's width a multiple of this. */
const WIDTH_STEP_PX = 8;
/** More than the agent takes in one message. */
const FILE_BYTES = 300_000;

let guest: DesktopGuest;
let switchyard: Switchyard;

test.beforeEach(async () => {
  // The first of all builds the guest.
  test.setTimeout(600_000);
  guest = await startDesktopGuest({ name: "desktop" });
  switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
});

test.afterEach(async () => {
  await switchyard.stop();
  await guest.stop();
});

async function openDesktop(page: Page): Promise<AppPage> {
  const app = await AppPage.open(page, switchyard.address);
  await app.openConsole("desktop", "SPICE");
  await app.expectLive();
  await app.expectPictureOf(guest);
  return app;
}

/** Size of the guest's screen, as its X server says it. */
async function guestSize(): Promise<{ width: number; height: number }> {
  const facts = await guest.agent.run("xdpyinfo | grep dimensions");
  const [, width, height] = /(\d+)x(\d+) pixels/.exec(facts) ?? [];
  return { width: Number(width), height: Number(height) };
}

async function chooseInMenu(page: Page, button: string | RegExp, item: string): Promise<void> {
  await page.getByRole("toolbar", { name: "Console" }).getByRole("button", { name: button }).click();
  const entry = page.getByRole("menuitem", { name: item, exact: true });
  await entry.or(page.getByRole("menuitemradio", { name: item, exact: true })).click();
}

test.describe("a desktop with SPICE's agent", () => {
  test("shares the clipboard both ways, once the user has allowed it", async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await openDesktop(page);
    const readHere = async (): Promise<string> => await page.evaluate(async () => await navigator.clipboard.readText());
    await page.evaluate(async () => {
      await navigator.clipboard.writeText("before");
    });
    await guest.agent.run("printf 'from the guest: äß☃' | xclip -selection clipboard -i >/dev/null 2>&1");
    await expect(page.getByText("Something was copied in this guest")).toBeVisible();
    expect(await readHere()).toBe("before");
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await expect.poll(readHere).toBe("from the guest: äß☃");

    await page.evaluate(async () => {
      await navigator.clipboard.writeText("from the desk: äß☃");
    });
    await chooseInMenu(page, "More", "Clipboard to the guest");
    await expect
      .poll(async () => await guest.agent.run("timeout 2 xclip -selection clipboard -o || true"))
      .toBe("from the desk: äß☃");
  });

  test("takes the size of the window, and shows that exactly", async ({ page }) => {
    const app = await openDesktop(page);
    await guest.followMonitors();
    await chooseInMenu(page, /^Scaling/, "Resize the guest");
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 1120, height: 700 },
    ]) {
      await page.setViewportSize(viewport);
      const room = await app.panel.boundingBox();
      const isNear = ({ width, height }: { width: number; height: number }): boolean =>
        Math.abs(width - (room?.width ?? 0)) < WIDTH_STEP_PX && Math.abs(height - (room?.height ?? 0)) < 2;
      await expect.poll(async () => isNear(await guestSize())).toBe(true);
      const x = await XClient.open(guest.xPort);
      await drawShapes(x);
      await app.expectPictureOf(guest);
      x.close();
    }
  });

  test("takes a dropped file whole", async ({ page }) => {
    const app = await openDesktop(page);
    const drop = async (type: string): Promise<void> => {
      await app.panel.evaluate(
        (element, { name, size }) => {
          const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 31) & 0xff);
          const data = new DataTransfer();
          data.items.add(new File([bytes], "notes of today.bin"));
          element.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
        },
        { name: type, size: FILE_BYTES },
      );
    };
    await drop("dragenter");
    await expect(page.getByText("Drop to give the files to the guest")).toBeVisible();
    await drop("dragover");
    await drop("drop");
    await expect(page.getByRole("list", { name: "Files to the guest" })).toContainText("in the guest");
    const received = await guest.agent.run("base64 -w0 '/root/received/notes of today.bin'");
    const sent = Buffer.from(Uint8Array.from({ length: FILE_BYTES }, (_, index) => (index * 31) & 0xff));
    expect(Buffer.from(received, "base64").equals(sent)).toBe(true);
  });

  test("has its pointer where the mouse is, with its buttons, and gets keys", async ({ page }) => {
    const app = await openDesktop(page);
    const x = await XClient.open(guest.xPort);
    const box = await app.screen.boundingBox();
    const scale = (box?.width ?? 0) / 1024;
    for (const [guestX, guestY] of [
      [100, 100],
      [900, 700],
      [512, 384],
    ] as const) {
      await page.mouse.move((box?.x ?? 0) + guestX * scale, (box?.y ?? 0) + guestY * scale);
      await expect
        .poll(async () => {
          const at = await x.pointer();
          return Math.max(Math.abs(at.x - guestX), Math.abs(at.y - guestY));
        })
        .toBeLessThanOrEqual(2);
    }
    await page.mouse.down();
    await expect.poll(async () => (await x.pointer()).buttons & 0x100).toBe(0x100);
    await page.mouse.up();
    await expect.poll(async () => (await x.pointer()).buttons & 0x100).toBe(0);
    await page.keyboard.press("Escape");

    const terminal = await guest.agent.start(
      "xterm -geometry 60x20+300+200 -e sh -c 'read line; echo $line > /tmp/typed; sleep 1000'",
    );
    await expect.poll(async () => await guest.agent.run("xwininfo -root -tree | grep -c XTerm || true")).toContain("1");
    // It has the guest's keyboard as soon as the window manager has given it; keys before that go nowhere.
    const active = "$(xprop -root 32x '\\t$0' _NET_ACTIVE_WINDOW | cut -f2)";
    await expect.poll(async () => await guest.agent.run(`xprop -id ${active} WM_CLASS || true`)).toContain("XTerm");
    await app.typeKeys("Hello Yard-7/ok");
    await page.keyboard.press("Enter");
    await expect
      .poll(async () => await guest.agent.run("cat /tmp/typed 2>/dev/null || true"))
      .toBe("Hello Yard-7/ok\n");
    await terminal.stop();
    x.close();
  });
});
