import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

/** Evaluated, not put into the page as a script: the page's CSP takes none from elsewhere. */
const AXE_SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const THEMES = ["dark", "light"] as const;

let switchyard: Switchyard;

test.beforeAll(async () => {
  switchyard = await startSwitchyard({ args: ["--demo"] });
});

test.afterAll(async () => {
  await switchyard.stop();
});

interface AxeWindow {
  readonly axe: { run(options: object): Promise<AxeResults> };
}

/** What is wrong with what is on the screen: rule, and where. */
async function expectNothingWrong(page: Page): Promise<void> {
  await page.evaluate(AXE_SOURCE);
  const { violations } = await page.evaluate(() =>
    (window as unknown as AxeWindow).axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"],
      // The palette's list is scrolled by the arrow keys of its field, which keeps the focus (ARIA's combobox pattern).
      rules: { "scrollable-region-focusable": { enabled: false } },
    }),
  );
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} (${node.any[0]?.message ?? node.failureSummary ?? ""})`),
  );
  expect(found).toEqual([]);
}

for (const theme of THEMES) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ colorScheme: theme, reducedMotion: "reduce" });

    test("the first page, the tree and a console have names, roles and contrast", async ({ page }) => {
      const app = await AppPage.open(page, switchyard.address);
      await expectNothingWrong(page);
      await app.openGuest("sketch-pad");
      await app.expectLive();
      await expectNothingWrong(page);
    });

    test("dialogs and menus have names, roles and contrast", async ({ page }) => {
      await AppPage.open(page, switchyard.address);
      for (const item of ["Add a host…", "Address book…", "Settings…", "Keys and hotkeys", "Go to a guest…"]) {
        await page.getByRole("button", { name: "Switchyard menu" }).click();
        await expectNothingWrong(page);
        await page.getByRole("menuitem", { name: item }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await expectNothingWrong(page);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toBeHidden();
      }
    });

    test("every page of the settings has names, roles and contrast", async ({ page }) => {
      await AppPage.open(page, switchyard.address);
      await page.keyboard.press("Control+,");
      const dialog = page.getByRole("dialog", { name: "Settings" });
      for (const tab of await dialog.getByRole("tab").all()) {
        await tab.click();
        await expectNothingWrong(page);
      }
    });
  });
}

test.describe("at 200 % on a small screen", () => {
  test.use({ viewport: { width: 900, height: 700 }, deviceScaleFactor: 2 });

  test("nothing is wider than the window, and the toolbar is reached", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.openGuest("sketch-pad");
    await app.expectLive();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    const toolbar = page.getByRole("toolbar", { name: "Console" });
    for (const button of await toolbar.getByRole("button").all()) await expect(button).toBeInViewport({ ratio: 1 });
  });
});

test.describe("where the system asks for no motion", () => {
  test.use({ reducedMotion: "reduce" });

  test("nothing moves by itself", async ({ page }) => {
    const app = await AppPage.open(page, switchyard.address);
    await app.openGuest("sketch-pad");
    await app.expectLive();
    const durations = await page.evaluate(() =>
      document.getAnimations().map((one) => one.effect?.getTiming().duration),
    );
    expect(durations.filter((duration) => Number(duration) > 0)).toEqual([]);
  });
});
