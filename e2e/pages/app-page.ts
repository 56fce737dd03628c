import { expect, type Locator, type Page } from "@playwright/test";

/** Where a console's picture is. */
const SCREEN = '[data-testid="guest-screen"]';

/** How often a picture is compared while it is waited for. */
const COMPARE_INTERVALS_MS = [100, 250, 500];

/** The page, as a person uses it. Waits for visible facts. */
export class AppPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(page: Page, address: string): Promise<AppPage> {
    await page.goto(address);
    const app = new AppPage(page);
    await expect(
      page
        .getByRole("tree", { name: "Guests" })
        .or(page.getByRole("button", { name: "Add a host" }))
        .first(),
    ).toBeVisible();
    return app;
  }

  guest(name: string): Locator {
    return this.page.getByRole("treeitem", { name, exact: true });
  }

  get tabs(): Locator {
    return this.page.getByRole("tablist", { name: "Consoles" }).getByRole("tab");
  }

  tab(name: string): Locator {
    return this.page.getByRole("tablist", { name: "Consoles" }).getByRole("tab", { name, exact: true });
  }

  /** The console that is shown. */
  get panel(): Locator {
    return this.page.getByRole("tabpanel");
  }

  /** The picture that is shown. */
  get screen(): Locator {
    return this.page.locator(SCREEN).and(this.page.locator(":visible"));
  }

  async openGuest(name: string): Promise<void> {
    await this.guest(name).click();
    await expect(this.tab(name)).toHaveAttribute("aria-selected", "true");
  }

  /** Opens one console of a guest that has several. */
  async openConsole(name: string, console: string): Promise<void> {
    await this.guest(name).click({ button: "right" });
    const item = this.page.getByRole("menuitem", { name: console });
    const submenu = this.page.getByRole("menuitem", { name: /open console/i });
    if ((await item.count()) === 0) await submenu.hover();
    await item.first().click();
  }

  /** Waits until the console that is shown is live. */
  async expectLive(): Promise<void> {
    await expect(this.page.getByRole("contentinfo")).toContainText("live");
  }

  /**
   * Pixels in which the shown picture differs from a PNG, by more than `tolerance` in a colour; undefined while there is no
   * picture of its size.
   */
  async differingPixels(png: Buffer, tolerance = 0): Promise<number | undefined> {
    const canvas = this.screen.first();
    if ((await canvas.count()) === 0) return undefined;
    return await canvas.evaluate(
      async (element: HTMLCanvasElement, { base64, limit }) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }), {
          colorSpaceConversion: "none",
        });
        if (bitmap.width !== element.width || bitmap.height !== element.height) return undefined;
        const pixelsOf = (source: CanvasImageSource): Uint8ClampedArray => {
          const copy = new OffscreenCanvas(bitmap.width, bitmap.height);
          const context = copy.getContext("2d", { willReadFrequently: true });
          if (context === null) throw new Error("no 2d context");
          context.drawImage(source, 0, 0);
          return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
        };
        const shown = pixelsOf(element);
        const truth = pixelsOf(bitmap);
        let count = 0;
        for (let at = 0; at < truth.length; at += 4) {
          const isNear = [0, 1, 2].every(
            (part) => Math.abs((shown[at + part] ?? 0) - (truth[at + part] ?? 0)) <= limit,
          );
          if (!isNear) count += 1;
        }
        return count;
      },
      { base64: png.toString("base64"), limit: tolerance },
    );
  }

  /**
   * Waits until the shown picture equals the guest's own, to the pixel, but for `toleratedPixels` (a blinking text cursor), or,
   * where it was compressed with loss, to the shade.
   */
  async expectPictureOf(
    guest: { screendump(): Promise<Buffer> },
    options: { toleratedPixels?: number; toleratedShades?: number } = {},
  ): Promise<void> {
    await expect(async () => {
      const differing = await this.differingPixels(await guest.screendump(), options.toleratedShades);
      expect(differing).toBeDefined();
      expect(differing).toBeLessThanOrEqual(options.toleratedPixels ?? 0);
    }).toPass({ timeout: 30_000, intervals: COMPARE_INTERVALS_MS });
  }

  /** Changes with every change of the shown picture. */
  async pictureMark(): Promise<string> {
    return await this.screen.first().evaluate(async (element: HTMLCanvasElement) => {
      const context = new OffscreenCanvas(element.width, element.height).getContext("2d");
      if (context === null) throw new Error("no 2d context");
      context.drawImage(element, 0, 0);
      const { data } = context.getImageData(0, 0, element.width, element.height);
      const digest = await crypto.subtle.digest("SHA-256", data);
      return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    });
  }

  /** Waits until the shown picture has changed twice: one change may be the late end of what was before. */
  async expectMoving(): Promise<void> {
    for (let change = 0; change < 2; change += 1) {
      const before = await this.pictureMark();
      await expect.poll(async () => await this.pictureMark()).not.toBe(before);
    }
  }

  /** Gives the keyboard to the guest, by a click into its picture. */
  async focusConsole(): Promise<void> {
    await this.panel.click();
  }

  /** Takes keyboard and mouse back from the guest, by Ctrl+Alt. */
  async leaveConsole(): Promise<void> {
    await this.page.keyboard.down("Control");
    await this.page.keyboard.down("Alt");
    await this.page.keyboard.up("Alt");
    await this.page.keyboard.up("Control");
    await expect(this.page.getByRole("contentinfo")).toContainText("Keyboard here");
  }

  /** Types as fingers do: capitals with Shift, one key after the other. */
  async typeKeys(text: string): Promise<void> {
    for (const character of text) {
      const isCapital = character !== character.toLowerCase();
      await this.page.keyboard.press(isCapital ? `Shift+Key${character}` : character === " " ? "Space" : character, {
        delay: 20,
      });
    }
  }
}
