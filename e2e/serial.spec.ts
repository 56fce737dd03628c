import { expect, test, type Page } from "@playwright/test";
import { startQemu, type QemuGuest } from "./lab/qemu-guest.ts";
import { startLibvirt, type Libvirt } from "./lab/libvirt.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { startTelnetServer, type TelnetServer } from "./lab/telnet-server.ts";
import { AppPage } from "./pages/app-page.ts";

const LIBVIRT_GUEST = "ser-one";

/** SeaBIOS and iPXE speak on the serial port with this; so its shell echoes what is typed there. */
const SERIAL_FIRMWARE = ["-machine", "graphics=off"];

/** A console of the text kind: what is on it, and how it is read. */
class TextConsole {
  readonly app: AppPage;
  readonly page: Page;

  constructor(app: AppPage) {
    this.app = app;
    this.page = app.page;
  }

  /** The lines that are in sight. */
  async text(): Promise<string> {
    const rows = this.app.panel.locator(".xterm-rows:visible > div");
    return (await rows.allInnerTexts()).join("\n").replaceAll("\u00a0", " ");
  }

  async expectText(text: string | RegExp): Promise<void> {
    await expect.poll(async () => await this.text(), { timeout: 30_000 }).toMatch(text);
  }

  async focus(): Promise<void> {
    await this.app.panel.click();
  }
}

async function openText(page: Page, address: string, guest: string, console?: string): Promise<TextConsole> {
  // Without WebGL the terminal paints with elements, whose text can be read.
  await page.addInitScript(() => {
    const getContext = Reflect.get(HTMLCanvasElement.prototype, "getContext") as (...args: unknown[]) => unknown;
    Reflect.set(HTMLCanvasElement.prototype, "getContext", function (this: unknown, ...args: unknown[]) {
      return String(args[0]).startsWith("webgl") ? null : getContext.apply(this, args);
    });
  });
  const app = await AppPage.open(page, address);
  if (console === undefined) await app.openGuest(guest);
  else await app.openConsole(guest, console);
  await app.expectLive();
  const text = new TextConsole(app);
  await text.focus();
  return text;
}

test.describe("the sample shell", () => {
  let switchyard: Switchyard;

  test.beforeAll(async () => {
    switchyard = await startSwitchyard({ args: ["--demo"] });
  });

  test.afterAll(async () => {
    await switchyard.stop();
  });

  test("takes what is typed, Tab, Esc and Ctrl keys included, and shows what comes", async ({ page }) => {
    const shell = await openText(page, switchyard.address, "shell");
    await shell.expectText(/Switchyard sample console/);
    await page.keyboard.type("echo öäü and 1+1");
    await page.keyboard.press("Enter");
    await shell.expectText(/\nöäü and 1\+1/);
    await page.keyboard.type("top");
    await page.keyboard.press("Enter");
    await shell.expectText(/switchman/);
    await page.keyboard.press("Control+c");
    await shell.expectText(/echo öäü/);
  });

  test("keeps what scrolled away, and finds it", async ({ page }) => {
    const shell = await openText(page, switchyard.address, "shell");
    await page.keyboard.type("echo needle-1");
    await page.keyboard.press("Enter");
    await page.keyboard.type("count 500");
    await page.keyboard.press("Enter");
    await shell.expectText(/\n500\n/);
    expect(await shell.text()).not.toContain("needle-1");
    await page.getByRole("button", { name: "Find" }).click();
    const find = page.getByRole("textbox", { name: "Find in this console" });
    await find.fill("needle-1");
    await find.press("Enter");
    await shell.expectText(/needle-1/);
    await find.fill("never there");
    await expect(shell.app.panel.getByRole("status")).toHaveText("Not found");
    await find.press("Escape");
    await expect(find).toBeHidden();
    // The keyboard is back in the console.
    await page.keyboard.type("echo again");
    await page.keyboard.press("Enter");
    await shell.expectText(/\nagain/);
    await shell.app.panel.hover();
    await page.mouse.wheel(0, -120);
    await expect.poll(async () => await shell.text()).not.toContain("again");
    await shell.focus();
    await expect(async () => {
      await page.keyboard.press("Shift+PageUp");
      expect(await shell.text()).toContain("Switchyard sample console");
    }).toPass({ intervals: [20] });
  });

  test("copies what is selected, and pastes", async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const shell = await openText(page, switchyard.address, "shell");
    await page.keyboard.type("echo copyme");
    await page.keyboard.press("Enter");
    await shell.expectText(/\ncopyme/);
    // The found text is the selected text.
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("textbox", { name: "Find in this console" }).fill("copyme");
    await page.getByRole("button", { name: "Copy the selection" }).click();
    await expect.poll(async () => await page.evaluate(async () => await navigator.clipboard.readText())).toBe("copyme");
    await page.evaluate(async () => {
      await navigator.clipboard.writeText("echo pasted text");
    });
    await page.getByRole("button", { name: "Paste" }).click();
    await shell.expectText(/echo pasted text/);
    await page.keyboard.press("Enter");
    await shell.expectText(/\npasted text/);
  });

  test("has the size of its place, and follows it", async ({ page }) => {
    await openText(page, switchyard.address, "shell");
    const size = async (): Promise<number[]> => {
      const text = (await page.getByRole("contentinfo").textContent()) ?? "";
      return /(\d+)×(\d+)/.exec(text)?.slice(1).map(Number) ?? [];
    };
    const [columns = 0, rows = 0] = await size();
    expect(columns).toBeGreaterThan(80);
    await page.setViewportSize({ width: 1000, height: 600 });
    await expect.poll(async () => ((await size())[0] ?? columns) < columns).toBe(true);
    expect((await size())[1]).toBeLessThan(rows);
  });
});

test.describe("a telnet server", () => {
  let server: TelnetServer;
  let switchyard: Switchyard;

  test.beforeAll(async () => {
    server = await startTelnetServer();
    switchyard = await startSwitchyard({
      settings: { addressBook: [{ id: "t", name: "switch-3", uri: `telnet://127.0.0.1:${server.port}` }] },
    });
  });

  test.afterAll(async () => {
    await switchyard.stop();
    await server.stop();
  });

  test("is typed to, without a byte of its negotiation on the screen, and is told the size", async ({ page }) => {
    const text = await openText(page, switchyard.address, "switch-3");
    await text.expectText(/^telnet lab\n> /);
    await page.keyboard.type("show version");
    await page.keyboard.press("Enter");
    await text.expectText(/> show version\nyou typed it\n>/);
    await expect.poll(() => server.sizes.at(-1)).toMatch(/^\d+x\d+$/);
    const status = (await page.getByRole("contentinfo").textContent()) ?? "";
    expect(status).toContain(server.sizes.at(-1)?.replace("x", "×") ?? "?");
    const count = server.sizes.length;
    await page.setViewportSize({ width: 1000, height: 600 });
    await expect.poll(() => server.sizes.length).toBeGreaterThan(count);
  });
});

test.describe("the serial port of a real guest", () => {
  test("on a Unix socket of QEMU echoes what is typed, and comes back after a restart", async ({ page }) => {
    const guest: QemuGuest = await startQemu({ name: "ser-qemu", args: SERIAL_FIRMWARE });
    const switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
    try {
      const text = await openText(page, switchyard.address, "ser-qemu", "Serial 0");
      await text.expectText(/iPXE>/);
      await text.focus();
      await page.keyboard.type("echo serial-echo");
      await page.keyboard.press("Enter");
      await text.expectText(/echo serial-echo\s*\nserial-echo/);
      await guest.kill();
      await expect(text.app.panel.getByText(/Failed at:/)).toBeVisible();
      // What was read stays to be read.
      await expect(page.locator("[data-dimmed]")).toBeVisible();
      await guest.restart();
      await text.app.expectLive();
      await text.focus();
      await page.keyboard.press("Enter");
      await text.expectText(/iPXE>/);
    } finally {
      await switchyard.stop();
      await guest.stop();
    }
  });

  test("through libvirt's own stream echoes what is typed", async ({ page }) => {
    const libvirt: Libvirt = await startLibvirt();
    let switchyard: Switchyard | undefined;
    try {
      libvirt.remove(LIBVIRT_GUEST);
      libvirt.define({
        name: LIBVIRT_GUEST,
        graphics: "",
        devices: "<interface type='user'><model type='virtio'/></interface>",
        hasSerialFirmware: true,
      });
      libvirt.virsh("start", LIBVIRT_GUEST);
      switchyard = await startSwitchyard({ args: ["--connect", "qemu:///system"] });
      const text = await openText(page, switchyard.address, LIBVIRT_GUEST);
      // Ctrl+B opens iPXE's shell, in the seconds in which iPXE looks for it.
      await expect(async () => {
        await page.keyboard.press("Control+b");
        expect(await text.text()).toContain("iPXE>");
      }).toPass({ timeout: 60_000, intervals: [500] });
      await page.keyboard.type("echo through-libvirt");
      await page.keyboard.press("Enter");
      await text.expectText(/echo through-libvirt\s*\nthrough-libvirt/);
    } finally {
      await switchyard?.stop();
      libvirt.remove(LIBVIRT_GUEST);
      await libvirt.stop();
    }
  });
});
