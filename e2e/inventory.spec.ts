import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { startFakeRfbServer, type FakeRfbServer } from "../src/testing/fake-rfb-server.ts";
import { startQemu, type QemuGuest } from "./lab/qemu-guest.ts";
import { makeConfigFolder, startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

const NO_LIBVIRT = { libvirt: false, mdns: false };
const QEMU_NAME = "inv-found-by-itself";

interface SavedSettings {
  theme?: string;
  hasSampleGuests?: boolean;
  hosts?: { uri: string; label?: string }[];
  addressBook?: { name: string; uri: string; group?: string }[];
  console?: { quality?: number };
}

const savedSettings = (folder: string): SavedSettings =>
  JSON.parse(readFileSync(join(folder, "settings.json"), "utf8")) as SavedSettings;

async function chooseInMenu(page: Page, menu: string, item: string): Promise<void> {
  await page.getByRole("button", { name: menu, exact: true }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

test.describe("the first page", () => {
  test("tells what was looked for, and offers a host and the sample guests", async ({ page }) => {
    const switchyard = await startSwitchyard({ settings: { discovery: { ...NO_LIBVIRT, qemu: true } } });
    try {
      await AppPage.open(page, switchyard.address);
      const findings = page.getByRole("region", { name: "Looked for on this computer" });
      await expect(findings).toContainText("QEMU processes");
      await expect(findings).toContainText("/proc");
    } finally {
      await switchyard.stop();
    }
  });

  test("shows the sample guests at a click, and lets a host be added", async ({ page }) => {
    const switchyard = await startSwitchyard();
    try {
      const app = await AppPage.open(page, switchyard.address);
      await expect(page.getByRole("heading", { name: "No guests yet" })).toBeVisible();
      await page.getByRole("button", { name: "Add a host" }).click();
      await expect(page.getByRole("dialog", { name: "Add a host" })).toBeVisible();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Try the sample guests" }).click();
      await app.openGuest("yard");
      await app.expectLive();
      expect(savedSettings(switchyard.configFolder).hasSampleGuests).toBe(true);
    } finally {
      await switchyard.stop();
    }
  });
});

test.describe("the tree of guests", () => {
  let switchyard: Switchyard;

  test.beforeAll(async () => {
    switchyard = await startSwitchyard({ args: ["--demo"] });
  });

  test.afterAll(async () => {
    await switchyard.stop();
  });

  test("has roles, names and states for a screen reader", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await expect(app.guest("yard")).toHaveAttribute("aria-level", "2");
    await expect(app.guest("yard")).toHaveAttribute("aria-description", /^running, .*vnc, on Sample guests/);
    await expect(app.guest("depot")).toHaveAttribute("aria-description", /^off, /);
    await expect(app.guest("Sample guests")).toHaveAttribute("aria-expanded", "true");
    await app.openGuest("yard");
    await expect(page.getByRole("tablist", { name: "Consoles" })).toBeVisible();
    await expect(page.getByRole("tabpanel", { name: "yard" })).toBeVisible();
    // Its state is said as it comes, by a live region.
    await expect(page.getByRole("status").filter({ hasText: /^yard: live$/ })).toHaveCount(1);
    await expect(app.guest("yard")).toHaveAttribute("aria-current", "true");
  });

  test("is filtered by typing, and Enter opens the first that is left", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    const filter = page.getByRole("textbox", { name: "Find a guest" });
    await filter.fill("tele");
    await expect(app.guest("yard")).toHaveCount(0);
    await expect(app.guest("telemetry")).toBeVisible();
    await expect(page.getByRole("search").getByRole("status")).toHaveText("1 found");
    await filter.press("Escape");
    await expect(app.guest("yard")).toBeVisible();
    await filter.fill("ske");
    await filter.press("Enter");
    await expect(app.tab("sketch-pad")).toHaveAttribute("aria-selected", "true");
  });

  test("is walked by arrow keys and letters, folded, and opened by Enter", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await page.getByRole("textbox", { name: "Find a guest" }).press("ArrowDown");
    await page.keyboard.press("Home");
    await expect(app.guest("Sample guests")).toBeFocused();
    await page.keyboard.press("ArrowLeft");
    await expect(app.guest("yard")).toHaveCount(0);
    await page.keyboard.press("ArrowRight");
    await expect(app.guest("yard")).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await expect(app.guest("depot")).toBeFocused();
    await page.keyboard.press("y");
    await expect(app.guest("yard")).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(app.tab("yard")).toHaveAttribute("aria-selected", "true");
    await app.expectLive();
  });

  test("follows power actions: a guest that is off is started, then forced off after a question", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.guest("depot").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Start", exact: true }).click();
    await expect(app.guest("depot")).toHaveAttribute("aria-description", /^running/);
    await app.openGuest("depot");
    await app.expectLive();
    await app.guest("depot").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Force off…" }).click();
    const question = page.getByRole("alertdialog", { name: "Force depot off?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(app.guest("depot")).toHaveAttribute("aria-description", /^running/);
    await app.guest("depot").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Force off…" }).click();
    await question.getByRole("button", { name: "Force off" }).click();
    await expect(app.guest("depot")).toHaveAttribute("aria-description", /^off/);
    await expect(app.panel).toContainText("depot is off");
    // Started from its own tab, it is live by itself.
    await app.panel.getByRole("button", { name: "Start" }).click();
    await app.expectLive();
  });
});

test.describe("hosts and the address book", () => {
  let server: FakeRfbServer;
  let guest: QemuGuest;
  let switchyard: Switchyard;

  test.beforeAll(async () => {
    server = await startFakeRfbServer({ colour: 0x225577 });
    guest = await startQemu({ name: "inv-named", hasNetwork: false });
    switchyard = await startSwitchyard();
  });

  test.afterAll(async () => {
    await switchyard.stop();
    await guest.stop();
    await server.close();
  });

  test("a host is added, refused when its address is wrong, edited and removed", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await chooseInMenu(page, "Switchyard menu", "Add a host…");
    const dialog = page.getByRole("dialog", { name: "Add a host" });
    const address = dialog.getByRole("textbox", { name: "Address", exact: true });
    await address.fill("gopher://somewhere");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await expect(dialog.getByText(/“gopher:\/\/somewhere” is not an address that Switchyard knows/)).toBeVisible();
    await expect(address).toHaveAttribute("aria-invalid", "true");
    await address.fill(`qmp+unix://${guest.qmpSocket}`);
    await dialog.getByRole("textbox", { name: /^Name in the list/ }).fill("lab box");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(app.guest("lab box")).toBeVisible();
    await expect(app.guest("inv-named")).toBeVisible();

    await app.guest("lab box").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Edit…" }).click();
    const edit = page.getByRole("dialog", { name: "Edit lab box" });
    await edit.getByRole("textbox", { name: /^Name in the list/ }).fill("rack 7");
    await edit.getByRole("button", { name: "Save" }).click();
    await expect(app.guest("rack 7")).toBeVisible();
    await expect(app.guest("inv-named")).toBeVisible();
    expect(savedSettings(switchyard.configFolder).hosts).toEqual([
      { uri: `qmp+unix://${guest.qmpSocket}`, label: "rack 7" },
    ]);

    await app.guest("rack 7").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Remove…" }).click();
    await page.getByRole("alertdialog", { name: "Remove rack 7?" }).getByRole("button", { name: "Remove" }).click();
    await expect(app.guest("rack 7")).toHaveCount(0);
    await expect(app.guest("inv-named")).toHaveCount(0);
    expect(savedSettings(switchyard.configFolder).hosts).toEqual([]);
  });

  test("entries are added, grouped, opened, exported, removed and imported again", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await chooseInMenu(page, "Switchyard menu", "Address book…");
    const book = page.getByRole("dialog", { name: "Address book" });
    await book.getByRole("button", { name: "Add an entry" }).click();
    await book.getByRole("textbox", { name: "Name" }).fill("front desk");
    await book.getByRole("combobox", { name: /^Group/ }).fill("Reception");
    await book.getByRole("textbox", { name: "Address", exact: true }).fill(`vnc://${server.address}`);
    await book.getByRole("button", { name: /^(Add|Save)$/ }).click();
    await expect(book.getByRole("region", { name: "Reception" })).toContainText("front desk");

    const downloading = page.waitForEvent("download");
    await book.getByRole("button", { name: "Export…" }).click();
    const file = await (await downloading).path();
    expect(readFileSync(file, "utf8")).toContain("front desk");

    await book.getByRole("button", { name: "Remove front desk" }).click();
    await expect(book.getByText("No entries yet.")).toBeVisible();
    await expect(book.getByRole("status")).toContainText("front desk was removed.");
    await book.locator('input[type="file"]').setInputFiles(file);
    await expect(book.getByRole("status")).toContainText("1 entry was imported.");
    await book.locator('input[type="file"]').setInputFiles({
      name: "wrong.json",
      mimeType: "application/json",
      buffer: Buffer.from("{ no book"),
    });
    await expect(book.getByText(/could not be imported/)).toBeVisible();
    await book.getByRole("button", { name: "Done" }).click();

    await expect(app.guest("Reception")).toBeVisible();
    await app.openGuest("front desk");
    await app.expectLive();
  });
});

test.describe("settings", () => {
  test("take effect at once and are there after a restart", async ({ browser }) => {
    const configFolder = makeConfigFolder({ hasSampleGuests: true });
    let switchyard = await startSwitchyard({ configFolder });
    const page = await browser.newPage({ colorScheme: "light" });
    try {
      await AppPage.open(page, switchyard.address);
      const ground = async (): Promise<string> =>
        await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await ground();
      await page.keyboard.press("Control+,");
      const dialog = page.getByRole("dialog", { name: "Settings" });
      await dialog.getByRole("radio", { name: "Dark" }).click();
      await expect.poll(ground).not.toBe(light);
      await dialog.getByRole("tab", { name: "Discovery" }).click();
      await dialog.getByRole("switch", { name: "Sample guests" }).click();
      await page.keyboard.press("Escape");
      await expect(page.getByRole("treeitem", { name: "yard" })).toHaveCount(0);
      await expect.poll(() => savedSettings(configFolder)).toMatchObject({ theme: "dark", hasSampleGuests: false });
      const dark = await ground();
      await switchyard.stop();
      switchyard = await startSwitchyard({ configFolder });
      await AppPage.open(page, switchyard.address);
      await expect.poll(ground).toBe(dark);
      await expect(page.getByRole("treeitem", { name: "yard" })).toHaveCount(0);
    } finally {
      await page.close();
      await switchyard.stop();
      rmSync(configFolder, { recursive: true, force: true });
    }
  });

  test("in a file of a later version are set aside, not overwritten", async ({ page }) => {
    const configFolder = makeConfigFolder();
    writeFileSync(join(configFolder, "settings.json"), '{"version": 99, "fromTheFuture": true}');
    const switchyard = await startSwitchyard({ configFolder, args: ["--demo"] });
    try {
      await AppPage.open(page, switchyard.address);
      await expect(page.getByText(/settings file could not be read/i)).toBeVisible();
    } finally {
      await switchyard.stop();
      rmSync(configFolder, { recursive: true, force: true });
    }
  });
});

test.describe("QEMU processes of this machine", () => {
  test("are found, driven and lost by themselves", async ({ page }) => {
    const switchyard = await startSwitchyard({ settings: { discovery: { ...NO_LIBVIRT, qemu: true } } });
    let guest: QemuGuest | undefined;
    try {
      const app = await AppPage.open(page, switchyard.address);
      await expect(app.guest(QEMU_NAME)).toHaveCount(0);
      guest = await startQemu({ name: QEMU_NAME, hasNetwork: false });
      const { execute } = guest;
      const status = async (): Promise<unknown> => ((await execute("query-status")) as { status: unknown }).status;
      await expect(app.guest(QEMU_NAME)).toHaveAttribute("aria-description", /^running/);
      await app.openConsole(QEMU_NAME, "VNC");
      await app.expectLive();
      await app.expectPictureOf(guest, { toleratedPixels: 9 * 16 });

      await app.guest(QEMU_NAME).click({ button: "right" });
      await page.getByRole("menuitem", { name: "Pause", exact: true }).click();
      await expect.poll(status).toBe("paused");
      await expect(app.guest(QEMU_NAME)).toHaveAttribute("aria-description", /^paused/);
      await app.guest(QEMU_NAME).click({ button: "right" });
      await page.getByRole("menuitem", { name: "Resume", exact: true }).click();
      await expect.poll(status).toBe("running");

      await app.guest(QEMU_NAME).click({ button: "right" });
      await page.getByRole("menuitem", { name: "Force off…" }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Force off" }).click();
      await expect(app.guest(QEMU_NAME)).toHaveCount(0);
      await expect(app.panel).toContainText("is not there");
    } finally {
      await switchyard.stop();
      await guest?.stop();
    }
  });
});
