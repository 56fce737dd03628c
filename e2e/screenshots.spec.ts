import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { startLibvirt, type Libvirt } from "./lab/libvirt.ts";
import { startQemu, type QemuGuest } from "./lab/qemu-guest.ts";
import { startSwitchyard, type SwitchyardOptions } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** The pictures of README and docs, of real guests: `npm run screenshots`. */

/** README shows these; all others are for looking at only. */
const DOCUMENT_FOLDER = "docs/screenshots";
const DOCUMENT_PICTURES = new Set(["switch-display-dark", "switch-display-light"]);
const LOOK_FOLDER = "test-results-screenshots";

/** Debian's graphical installer (package debian-installer-12-netboot-amd64); without it its guest shows iPXE. */
const INSTALLER_FOLDER = "/usr/lib/debian-installer/images/12/amd64/gtk/debian-installer/amd64";

const HAS_INSTALLER = existsSync(INSTALLER_FOLDER);

/** The installer's list of languages has 97 KB as PNG, the empty page before it 20 KB. */
const INSTALLER_PICTURE_BYTES = 60_000;

/** A guest that draws its own screen as PNG every moment does not get on with booting. */
const LOOK_INTERVAL_MS = 2_000;

/** A terminal with a screen of text; an empty one has 4 KB. */
const TERMINAL_PICTURE_BYTES = 25_000;

/** The guest's pointer is in its own screendump, but not in the console's picture. */
const POINTER_PIXELS = 2_000;

/** From power-on to the installer's first question under emulation: 60 s on two idle cores. */
const BOOT_TIMEOUT_MS = 300_000;

const LIBVIRT_GUEST = "web-1";

const INSTALLER_ARGS = [
  ...["-kernel", join(INSTALLER_FOLDER, "linux"), "-initrd", join(INSTALLER_FOLDER, "initrd.gz")],
  ...["-append", "vga=788 --- quiet", "-m", "1024", "-usb", "-device", "usb-tablet"],
];

async function savePicture(page: Page, name: string): Promise<void> {
  const folder = DOCUMENT_PICTURES.has(name) ? DOCUMENT_FOLDER : LOOK_FOLDER;
  mkdirSync(folder, { recursive: true });
  // The mouse leaves, so that no hint is shown.
  await page.mouse.move(0, 799);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
}

async function choose(page: Page, item: string | RegExp): Promise<void> {
  await page.getByRole("button", { name: "Switchyard menu" }).click();
  await page.getByRole("menuitem", { name: item }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
}

test.describe("pictures", { tag: "@screenshots" }, () => {
  let libvirt: Libvirt;
  let desktop: QemuGuest;
  let netboot: QemuGuest;
  let router: QemuGuest;

  test.beforeAll(async () => {
    test.setTimeout(BOOT_TIMEOUT_MS);
    libvirt = await startLibvirt();
    libvirt.remove(LIBVIRT_GUEST);
    libvirt.define({ name: LIBVIRT_GUEST });
    libvirt.virsh("start", LIBVIRT_GUEST);
    desktop = await startQemu({
      name: "debian-12",
      hasNetwork: !HAS_INSTALLER,
      args: HAS_INSTALLER ? INSTALLER_ARGS : [],
    });
    // Firmware and iPXE then speak on the serial line.
    router = await startQemu({ name: "router", args: ["-machine", "graphics=off"] });
    netboot = await startQemu({ name: "build-runner" });
    if (HAS_INSTALLER) {
      await expect
        .poll(async () => (await desktop.screendump()).length, {
          timeout: BOOT_TIMEOUT_MS,
          intervals: [LOOK_INTERVAL_MS],
        })
        .toBeGreaterThan(INSTALLER_PICTURE_BYTES);
    }
  });

  test.afterAll(async () => {
    libvirt.remove(LIBVIRT_GUEST);
    for (const guest of [desktop, router, netboot]) await guest.stop();
    await libvirt.stop();
  });

  async function withProgram(
    page: Page,
    options: SwitchyardOptions,
    use: (app: AppPage) => Promise<void>,
  ): Promise<void> {
    await page.setViewportSize({ width: 1280, height: 800 });
    const program = await startSwitchyard(options);
    try {
      await use(await AppPage.open(page, program.address));
    } finally {
      await program.stop();
    }
  }

  async function leader(page: Page, key?: string): Promise<void> {
    await page.keyboard.press("ScrollLock");
    await page.keyboard.press("ScrollLock");
    await expect(page.getByRole("region", { name: "Switch display" })).toBeVisible();
    if (key !== undefined) await page.keyboard.press(key);
  }

  for (const theme of ["dark", "light"]) {
    test(`of real guests, ${theme}`, async ({ page }) => {
      test.setTimeout(BOOT_TIMEOUT_MS);
      const discovery = { libvirt: false, qemu: true, mdns: false };
      const args = ["--connect", "qemu:///system"];
      await withProgram(page, { settings: { theme, discovery }, args }, async (app) => {
        const open = async (name: string, console: string): Promise<void> => {
          await app.openConsole(name, console);
          await expect(app.tab(name)).toHaveAttribute("aria-selected", "true");
          await app.expectLive();
        };
        await open("router", "Serial");
        // What a serial line said before is gone.
        await router.execute("system_reset");
        await open("build-runner", "VNC");
        await netboot.untilShell();
        await open(LIBVIRT_GUEST, "VNC");
        await leader(page, "Digit1");
        await expect
          .poll(async () => (await app.panel.screenshot()).length, { timeout: BOOT_TIMEOUT_MS })
          .toBeGreaterThan(TERMINAL_PICTURE_BYTES);
        await savePicture(page, `serial-${theme}`);

        await open("debian-12", "VNC");
        await app.focusConsole();
        await app.expectPictureOf(desktop, { toleratedPixels: POINTER_PIXELS });
        await savePicture(page, `overview-${theme}`);
        await leader(page);
        await savePicture(page, `switch-display-${theme}`);
        await page.keyboard.press("Digit2");
        await expect(app.tab("build-runner")).toHaveAttribute("aria-selected", "true");
        await savePicture(page, `switched-${theme}`);

        await page.keyboard.press("Control+Alt+Enter");
        await savePicture(page, `full-screen-${theme}`);
        await page.keyboard.press("Control+Alt+Enter");
        await leader(page, "KeyK");
        await savePicture(page, `palette-${theme}`);
        await page.keyboard.press("Escape");
        await leader(page, "F1");
        await savePicture(page, `help-${theme}`);
        await page.keyboard.press("Escape");
        await choose(page, "Add a host…");
        await savePicture(page, `add-host-${theme}`);
        await page.keyboard.press("Escape");
        await choose(page, /^Settings/);
        await page.getByRole("tab", { name: "Hotkeys" }).click();
        await savePicture(page, `settings-${theme}`);
      });
    });

    test(`of the first run, ${theme}`, async ({ page }) => {
      const settings = { theme, discovery: { libvirt: true, qemu: true, mdns: true } };
      await withProgram(page, { settings }, async () => {
        await expect(page.getByRole("treeitem", { name: LIBVIRT_GUEST })).toBeVisible();
        await savePicture(page, `first-run-${theme}`);
      });
    });

    test(`of a failed host, ${theme}`, async ({ page }) => {
      const args = ["--demo", "--connect", "qemu+tcp://127.0.0.1:1/system"];
      await withProgram(page, { settings: { theme }, args }, async (app) => {
        await expect(page.getByText(/connection refused/i).first()).toBeVisible();
        await app.openGuest("yard");
        await app.expectLive();
        await savePicture(page, `failed-host-${theme}`);
      });
    });
  }
});
