import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { startLibvirt, type Libvirt } from "./lab/libvirt.ts";
import { startQemu, type QemuGuest } from "./lab/qemu-guest.ts";
import { startSwitchyard, type Switchyard, type SwitchyardOptions } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** The pictures of README and docs, of real guests: `npm run screenshots`. */

/** README and docs show these; all others are for looking at only. */
const DOCUMENT_FOLDER = "docs/screenshots";
const DOCUMENT_PICTURES = new Set(["overview-dark", "overview-light", "switch-display-dark"]);
const LOOK_FOLDER = "test-results-screenshots";

/** Debian's installer (package debian-installer-12-netboot-amd64); without it its two guests show iPXE. */
const INSTALLER_FOLDER = "/usr/lib/debian-installer/images/12/amd64";

/** From power-on to the installer's first question under emulation: 60 s on two idle cores. */
const BOOT_TIMEOUT_MS = 240_000;

const LIBVIRT_GUEST = "web-1";

function installerArgs(kind: "gtk" | "text", kernelOptions: string): string[] {
  const folder = join(INSTALLER_FOLDER, kind, "debian-installer", "amd64");
  if (!existsSync(folder)) return [];
  const files = ["-kernel", join(folder, "linux"), "-initrd", join(folder, "initrd.gz"), "-append", kernelOptions];
  return [...files, "-m", "1024", "-usb", "-device", "usb-tablet"];
}

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
    const gtk = installerArgs("gtk", "vga=788 --- quiet");
    const text = installerArgs("text", "console=ttyS0 --- quiet");
    desktop = await startQemu({ name: "debian-12", hasNetwork: gtk.length === 0, args: gtk });
    router = await startQemu({ name: "router", hasNetwork: text.length === 0, args: text });
    netboot = await startQemu({ name: "build-runner" });
  });

  test.afterAll(async () => {
    libvirt.remove(LIBVIRT_GUEST);
    await libvirt.stop();
    for (const guest of [desktop, router, netboot]) await guest.stop();
  });

  const guestsArgs = ["--connect", "qemu:///system", "--connect", "qemu+tcp://127.0.0.1:1/system"];

  async function withProgram(
    page: Page,
    options: SwitchyardOptions,
    use: (app: AppPage, program: Switchyard) => Promise<void>,
  ): Promise<void> {
    const program = await startSwitchyard(options);
    try {
      await use(await AppPage.open(page, program.address), program);
    } finally {
      await program.stop();
    }
  }

  for (const theme of ["dark", "light"]) {
    test(`of real guests, ${theme}`, async ({ page }) => {
      test.setTimeout(BOOT_TIMEOUT_MS);
      await page.setViewportSize({ width: 1280, height: 800 });
      const settings = { theme, discovery: { libvirt: false, qemu: true, mdns: false } };
      await withProgram(page, { settings, args: guestsArgs }, async (app) => {
        await app.openConsole(LIBVIRT_GUEST, "VNC");
        await app.expectLive();
        await app.openConsole("build-runner", "VNC");
        await app.expectLive();
        await netboot.untilShell();
        await app.openConsole("router", "Serial");
        await app.expectLive();
        await savePicture(page, `serial-${theme}`);
        await app.openConsole("debian-12", "VNC");
        await app.expectLive();
        if (existsSync(INSTALLER_FOLDER)) {
          const screen = app.screen.first();
          await expect(screen).toHaveAttribute("width", "800", { timeout: BOOT_TIMEOUT_MS });
          // The first question is there when the picture has more than the kernel's few colours.
          await expect
            .poll(async () => (await desktop.screendump()).length, { timeout: BOOT_TIMEOUT_MS })
            .toBeGreaterThan(20_000);
        }
        await app.expectPictureOf(desktop, { toleratedPixels: 2_000 });
        await savePicture(page, `overview-${theme}`);

        await app.focusConsole();
        await page.keyboard.press("ScrollLock");
        await page.keyboard.press("ScrollLock");
        await expect(page.getByRole("region", { name: "Switch display" })).toBeVisible();
        await savePicture(page, `switch-display-${theme}`);
        await page.keyboard.press("Digit2");
        await expect(app.tab("build-runner")).toHaveAttribute("aria-selected", "true");
        await savePicture(page, `switched-${theme}`);

        await page.keyboard.press("Control+Alt+Enter");
        await savePicture(page, `full-screen-${theme}`);
        await page.keyboard.press("Control+Alt+Enter");
        await page.keyboard.press("ScrollLock");
        await page.keyboard.press("ScrollLock");
        await page.keyboard.press("KeyK");
        await savePicture(page, `palette-${theme}`);
        await page.keyboard.press("Escape");
        await page.keyboard.press("ScrollLock");
        await page.keyboard.press("ScrollLock");
        await page.keyboard.press("F1");
        await savePicture(page, `help-${theme}`);
        await page.keyboard.press("Escape");
        await choose(page, "Add a host…");
        await savePicture(page, `add-host-${theme}`);
        await page.keyboard.press("Escape");
        await choose(page, /^Settings/);
        await savePicture(page, `settings-${theme}`);
      });
    });

    test(`of the first run, ${theme}`, async ({ page }) => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await withProgram(page, { settings: { theme } }, async () => {
        await savePicture(page, `first-run-${theme}`);
      });
    });
  }
});
