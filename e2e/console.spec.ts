import { readFileSync } from "node:fs";
import { expect, test, type Page } from "@playwright/test";
import { expectSketchPad, readSketchPad } from "./lab/sketch-pad.ts";
import { startQemu, type QemuGuest } from "./lab/qemu-guest.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

const HAS_NONE = { keysDown: "none" };

let switchyard: Switchyard;

test.beforeAll(async () => {
  switchyard = await startSwitchyard({ args: ["--demo"] });
});

test.afterAll(async () => {
  await switchyard.stop();
});

/** A page with an empty sketch pad that has the keyboard. */
async function openSketchPad(page: Page): Promise<AppPage> {
  const app = await AppPage.open(page, switchyard.address);
  await app.openGuest("sketch-pad");
  await app.expectLive();
  await app.focusConsole();
  await page.keyboard.press("Control+l");
  await expectSketchPad(app, { text: "", keysDown: "none" });
  return app;
}

/** Chooses in the toolbar's menu, by the labels of what is clicked one after the other. */
async function choose(page: Page, button: string | RegExp, ...items: string[]): Promise<void> {
  await page.getByRole("toolbar", { name: "Console" }).getByRole("button", { name: button }).click();
  const last = items.at(-1);
  for (const item of items) {
    const entry = page.getByRole("menuitem", { name: item, exact: true });
    const choice = page.getByRole("menuitemradio", { name: item, exact: true });
    const check = page.getByRole("menuitemcheckbox", { name: item, exact: true });
    const found = entry.or(choice).or(check);
    if (items.length === 1) await found.click();
    else if (item !== last) {
      await found.focus();
      await page.keyboard.press("ArrowRight");
    } else {
      // By keyboard: on its way to a submenu a pointer that jumps closes it.
      await found.focus();
      await page.keyboard.press("Enter");
    }
  }
}

test.describe("keys", () => {
  test("that browsers and pages like to take reach the guest", async ({ page }) => {
    const app = await openSketchPad(page);
    for (const [key, name] of [
      ["Escape", "Escape"],
      ["Tab", "Tab"],
      ["F1", "F1"],
      ["F5", "F5"],
      ["F12", "F12"],
      ["Backspace", "BackSpace"],
      ["Control+w", "w"],
      ["Control+k", "k"],
      ["Alt+ArrowLeft", "Left"],
    ] as const) {
      await page.keyboard.press(key);
      await expectSketchPad(app, { lastKey: name, keysDown: "none" });
    }
    await expect(app.tab("sketch-pad")).toHaveAttribute("aria-selected", "true");
  });

  test("are typed as they are on the keyboard, and are held as long as they are held", async ({ page }) => {
    const app = await openSketchPad(page);
    await page.keyboard.type("Hello, yard 7 (ok)!");
    await expectSketchPad(app, { text: "Hello, yard 7 (ok)!", keysDown: "none" });
    await page.keyboard.down("Shift");
    await page.keyboard.down("KeyA");
    await expectSketchPad(app, { keysDown: "Shift_L A" });
    await page.keyboard.up("KeyA");
    await page.keyboard.up("Shift");
    await expectSketchPad(app, HAS_NONE);
  });

  test("do not stay down in the guest that is left by a switch", async ({ page }) => {
    const app = await openSketchPad(page);
    await app.openGuest("yard");
    await app.tab("sketch-pad").click();
    await app.focusConsole();
    await page.keyboard.down("Shift");
    await page.keyboard.down("KeyX");
    await expectSketchPad(app, { keysDown: "Shift_L X" });
    await app.tab("yard").click();
    await app.expectLive();
    await page.keyboard.up("KeyX");
    await page.keyboard.up("Shift");
    await app.tab("sketch-pad").click();
    await expectSketchPad(app, HAS_NONE);
  });

  test("do not stay down when the window loses the keyboard", async ({ page }) => {
    const app = await openSketchPad(page);
    await page.keyboard.down("Control");
    await page.keyboard.down("ArrowUp");
    await expectSketchPad(app, { keysDown: "Control_L Up" });
    await page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await expectSketchPad(app, HAS_NONE);
    await page.keyboard.up("ArrowUp");
    await page.keyboard.up("Control");
  });

  test("do not stay down in a guest whose page went away", async ({ page, context }) => {
    const app = await openSketchPad(page);
    await page.keyboard.down("Shift");
    await page.keyboard.down("KeyQ");
    await expectSketchPad(app, { keysDown: "Shift_L Q" });
    const other = await AppPage.open(await context.newPage(), switchyard.address);
    await other.openGuest("sketch-pad");
    await expectSketchPad(other, { keysDown: "Shift_L Q" });
    await page.close({ runBeforeUnload: false });
    await expectSketchPad(other, HAS_NONE);
  });

  test("come by menu where the system keeps them: Ctrl+Alt+Del, function keys, a modifier held", async ({ page }) => {
    const app = await openSketchPad(page);
    await page.keyboard.type("gone soon");
    await expectSketchPad(app, { text: "gone soon" });
    // The sketch pad clears its text at Ctrl+Alt+Del.
    await choose(page, /special keys/i, "Ctrl+Alt+Del");
    await expectSketchPad(app, { text: "", lastKey: "Delete", keysDown: "none" });
    await choose(page, /special keys/i, "F1 … F12", "F9");
    await expectSketchPad(app, { lastKey: "F9", keysDown: "none" });
    await choose(page, /special keys/i, "Alt");
    await expectSketchPad(app, { keysDown: "Alt_L" });
    await choose(page, /special keys/i, "Release all keys");
    await expectSketchPad(app, HAS_NONE);
    // The keyboard is back in the guest.
    await page.keyboard.type("z");
    await expectSketchPad(app, { text: "z" });
  });
});

test.describe("the mouse", () => {
  test("is where it is in the guest's own pixels, in fit and at actual size", async ({ page }) => {
    const app = await openSketchPad(page);
    const box = await app.screen.boundingBox();
    if (box === null) throw new Error("the picture has no place");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
    await page.mouse.down();
    // A scaled picture has its middle between two of the guest's pixels.
    await expect.poll(async () => (await readSketchPad(app))?.pointer).toMatch(/^(399|400),(149|150) {2}left$/);
    await page.mouse.up();
    await expect.poll(async () => (await readSketchPad(app))?.pointer).toMatch(/^(399|400),(149|150) {2}no button$/);

    await choose(page, /^Scaling/, "Actual size");
    const actual = await app.screen.boundingBox();
    expect(actual).toMatchObject({ width: 800, height: 600 });
    await page.mouse.move((actual?.x ?? 0) + 33.5, (actual?.y ?? 0) + 44.5);
    await expectSketchPad(app, { pointer: "33,44  no button" });
  });

  test("releases its button in the guest when the window loses the keyboard", async ({ page }) => {
    const app = await openSketchPad(page);
    const box = await app.screen.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 100, (box?.y ?? 0) + 100);
    await page.mouse.down();
    await expect.poll(async () => (await readSketchPad(app))?.pointer).toMatch(/left$/);
    await page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await expect.poll(async () => (await readSketchPad(app))?.pointer).toMatch(/no button$/);
    await page.mouse.up();
  });
});

test.describe("the picture", () => {
  test("fits, or is 1:1 and scrolls, or the guest takes the window's size", async ({ page }) => {
    await page.setViewportSize({ width: 900, height: 560 });
    const app = await openSketchPad(page);
    const room = async (): Promise<{ width: number; height: number }> =>
      (await page.getByRole("tabpanel").boundingBox()) ?? { width: 0, height: 0 };
    const { width: roomWidth, height: roomHeight } = await room();
    const fit = (await app.screen.boundingBox()) ?? { width: 0, height: 0 };
    expect(fit.width).toBeLessThanOrEqual(roomWidth);
    expect(fit.height).toBeLessThanOrEqual(roomHeight);
    expect(Math.max(fit.width / roomWidth, fit.height / roomHeight)).toBeCloseTo(1, 1);

    await choose(page, /^Scaling/, "Actual size");
    expect(await app.screen.boundingBox()).toMatchObject({ width: 800, height: 600 });
    // The guest's last line lies outside; scrolling brings it in.
    const last = await app.screen.evaluateHandle((canvas) => {
      let element = canvas.parentElement;
      while (element !== null && element.scrollHeight <= element.clientHeight + 1) element = element.parentElement;
      return element;
    });
    const scrolled = await last.evaluate((element) => {
      element?.scrollTo(10_000, 10_000);
      return [element?.scrollLeft, element?.scrollTop];
    });
    expect(scrolled[0]).toBeGreaterThan(0);
    expect(scrolled[1]).toBeGreaterThan(0);

    await choose(page, /^Scaling/, "Resize the guest");
    await expect
      .poll(async () => await app.screen.evaluate(({ width, height }: HTMLCanvasElement) => [width, height]))
      .toEqual([Math.floor(roomWidth), Math.floor(roomHeight)]);
    await page.setViewportSize({ width: 1100, height: 700 });
    await expect
      .poll(async () => await app.screen.evaluate((element: HTMLCanvasElement) => element.width))
      .toBe(Math.floor(roomWidth) + 200);
    await expectSketchPad(app, HAS_NONE);
  });

  test("is saved as a PNG of the guest's size, equal to what is shown", async ({ page }) => {
    const app = await openSketchPad(page);
    await page.keyboard.type("keep this");
    await expectSketchPad(app, { text: "keep this", keysDown: "none" });
    const downloading = page.waitForEvent("download");
    await choose(page, "More", "Save a screenshot");
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^sketch-pad \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/);
    const png = readFileSync(await download.path());
    expect(await app.differingPixels(png)).toBe(0);
  });

  test("fills the screen, with the toolbar from the top edge only", async ({ page }) => {
    const app = await openSketchPad(page);
    const toolbar = page.getByRole("toolbar", { name: "Console" });
    await toolbar.getByRole("button", { name: "Full screen" }).click();
    await expect.poll(async () => await page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
    await page.mouse.move(600, 400);
    await expect(toolbar).toBeHidden();
    await expect(app.tab("sketch-pad")).toBeHidden();
    const viewport = await page.evaluate(() => [innerWidth, innerHeight]);
    expect(await app.panel.boundingBox()).toMatchObject({ x: 0, y: 0, width: viewport[0], height: viewport[1] });
    // Keys go on to the guest, Esc included.
    await page.keyboard.press("Escape");
    await expectSketchPad(app, { lastKey: "Escape" });

    await page.mouse.move(600, 1);
    await expect(toolbar).toBeVisible();
    await toolbar.getByRole("button", { name: "Leave full screen" }).click();
    await expect(app.tab("sketch-pad")).toBeVisible();
  });
});

test.describe("type text", () => {
  test("types what was given, with its progress, in the guest's layout", async ({ page }) => {
    const app = await openSketchPad(page);
    await choose(page, "Type text");
    const dialog = page.getByRole("dialog", { name: "Type text in sketch-pad" });
    await dialog.getByRole("textbox", { name: "Text" }).fill("root: P@ss-w0rd/|{}~");
    await dialog.getByRole("button", { name: "Type", exact: true }).click();
    await expect(dialog).toBeHidden({ timeout: 20_000 });
    await expectSketchPad(app, { text: "root: P@ss-w0rd/|{}~", keysDown: "none" });
  });

  test("shows how far it is and stops at Cancel, with no key down", async ({ page }) => {
    const app = await openSketchPad(page);
    await choose(page, "Type text");
    const dialog = page.getByRole("dialog", { name: "Type text in sketch-pad" });
    await dialog.getByRole("textbox", { name: "Text" }).fill("x".repeat(2_000));
    await dialog.getByRole("button", { name: "Type", exact: true }).click();
    await expect(dialog.getByRole("progressbar", { name: "Typed so far" })).toBeVisible();
    await expect(dialog.getByRole("status")).toContainText(/^[1-9]\d* of 2000$/);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog.getByRole("button", { name: "Type", exact: true })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    const typed = (await readSketchPad(app))?.text ?? "";
    expect(typed.length).toBeGreaterThan(0);
    expect(typed.replaceAll("\n", "").length).toBeLessThan(2_000);
    await expectSketchPad(app, { text: typed, keysDown: "none" });
  });

  test("names the characters that the layout has no keys for, before it types anything", async ({ page }) => {
    const app = await openSketchPad(page);
    await choose(page, "Type text");
    const dialog = page.getByRole("dialog", { name: "Type text in sketch-pad" });
    await dialog.getByRole("textbox", { name: "Text" }).fill("Größe ☃");
    await expect(dialog.getByText("This layout has no keys for ö ß ☃.")).toBeVisible();
    await expect(dialog.getByRole("button", { name: "Type", exact: true })).toBeDisabled();
    await dialog.getByRole("combobox", { name: /layout/i }).selectOption("German");
    await expect(dialog.getByText("This layout has no keys for ☃.")).toBeVisible();
    await page.keyboard.press("Escape");
    await expectSketchPad(app, { text: "" });
  });
});

test.describe("view only", () => {
  test("sends no key and no mouse", async ({ page }) => {
    const app = await openSketchPad(page);
    const box = await app.screen.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 20);
    await page.keyboard.type("before");
    await expectSketchPad(app, { text: "before" });
    await choose(page, "More", "View only");
    await expect(page.getByRole("contentinfo")).toContainText("view only");
    const before = await readSketchPad(app);
    await app.panel.click();
    await page.keyboard.type("nothing");
    await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 200);
    await expect(page.getByRole("button", { name: /special keys/i })).toBeDisabled();
    await choose(page, "More", "View only");
    // What had been sent before would stand before this.
    await app.focusConsole();
    await page.keyboard.type("+");
    await expectSketchPad(app, { text: `${before?.text ?? ""}+` });
  });
});

test.describe("the clipboard", () => {
  test("goes to the guest and comes from it", async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const app = await openSketchPad(page);
    await page.evaluate(async () => {
      await navigator.clipboard.writeText("from the desk: 42");
    });
    await choose(page, "More", "Clipboard to the guest");
    await expectSketchPad(app, { clipboard: "from the desk: 42" });
    // The sketch pad types its clipboard at Ctrl+V, and puts its text there at Ctrl+C.
    await page.keyboard.type("typed in the guest");
    await page.keyboard.press("Control+c");
    await expect
      .poll(async () => await page.evaluate(async () => await navigator.clipboard.readText()))
      .toBe("typed in the guest");
  });
});

test.describe("a guest without a tablet", () => {
  let guest: QemuGuest;
  let ownSwitchyard: Switchyard;

  test.beforeAll(async () => {
    guest = await startQemu({ name: "e2e-mouse" });
    ownSwitchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
  });

  test.afterAll(async () => {
    await ownSwitchyard.stop();
    await guest.stop();
  });

  test("says how to capture the mouse, takes its movements, and gives it back at Ctrl+Alt", async ({ page }) => {
    const app = await AppPage.open(page, ownSwitchyard.address);
    await app.openConsole("e2e-mouse", "VNC");
    await app.expectLive();
    const isLocked = async (): Promise<boolean> => await page.evaluate(() => document.pointerLockElement !== null);
    await expect(app.panel.getByText(/Click to capture the mouse/)).toBeVisible();
    await app.screen.click();
    await expect.poll(isLocked).toBe(true);
    await expect(app.panel.getByText(/Click to capture the mouse/)).toBeHidden();
    await expect(page.getByRole("contentinfo")).toContainText("Keyboard and mouse in guest");
    await page.keyboard.down("Control");
    await page.keyboard.down("Alt");
    await page.keyboard.up("Alt");
    await page.keyboard.up("Control");
    await expect.poll(isLocked).toBe(false);
    await expect(page.getByRole("contentinfo")).toContainText("Keyboard here");
  });
});
