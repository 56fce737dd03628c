import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { startFakeRfbServer, type FakeRfbServer } from "../src/testing/fake-rfb-server.ts";
import { makeConfigFolder, startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";

const TAB_COUNT = 30;
/** Red equals blue in both: the fake server knows one order of them only. */
const GREEN = 0x30c030;
const PURPLE = 0xc030c0;
const DIGITS = 2;

const nameOf = (index: number): string => `still-${String(index + 1).padStart(DIGITS, "0")}`;

async function tabNames(app: AppPage): Promise<(string | null)[]> {
  return await app.tabs.evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute("aria-label")));
}

async function expectTabs(app: AppPage, names: string[]): Promise<void> {
  await expect.poll(async () => await tabNames(app)).toEqual(names);
}

/** Chooses in a tab's context menu. */
async function chooseInTab(app: AppPage, tab: string, item: string): Promise<void> {
  await app.tab(tab).click({ button: "right" });
  await app.page.getByRole("menuitem", { name: item, exact: true }).click();
}

let green: FakeRfbServer;
let purple: FakeRfbServer;
let switchyard: Switchyard;
let page: Page;
let app: AppPage;

test.beforeAll(async ({ browser }) => {
  green = await startFakeRfbServer({ name: "green", colour: GREEN, width: 320, height: 240 });
  purple = await startFakeRfbServer({ name: "purple", colour: PURPLE, width: 320, height: 240 });
  const stills = Array.from({ length: TAB_COUNT }, (_, index) => {
    const uri = `vnc://${index % 2 === 0 ? green.address : purple.address}`;
    return { id: nameOf(index), name: nameOf(index), uri };
  });
  switchyard = await startSwitchyard({ settings: { addressBook: stills, hasSampleGuests: true } });
  // Tall enough for the whole tree, whose rows out of sight are not in the page.
  page = await browser.newPage({ viewport: { width: 1280, height: 1300 } });
});

test.afterAll(async () => {
  await page.close();
  await switchyard.stop();
  await green.close();
  await purple.close();
});

test.beforeEach(async () => {
  app = await AppPage.open(page, switchyard.address);
  // What the test before left open, but for the last one.
  for (let count = await app.tabs.count(); count > 0; count -= 1) {
    await app.tabs.first().click({ button: "middle" });
    await expect(app.tabs).toHaveCount(count - 1);
  }
});

async function openAll(...names: string[]): Promise<void> {
  for (const name of names) await app.openGuest(name);
}

test("are reordered by drag", async () => {
  await openAll("yard", "sketch-pad", "still-01", "still-02");
  const centreOf = async (name: string): Promise<[number, number]> => {
    const box = await app.tab(name).boundingBox();
    if (box === null) throw new Error("a tab has no place");
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [from, to] = [await centreOf("yard"), await centreOf("still-01")];
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 12 });
  await page.mouse.up();
  await expectTabs(app, ["sketch-pad", "still-01", "yard", "still-02"]);
});

test("are reordered, shown and closed by keyboard, and say where they are", async () => {
  await openAll("yard", "sketch-pad", "still-01");
  await app.tab("still-01").focus();
  await page.keyboard.press("Control+Shift+ArrowLeft");
  await expectTabs(app, ["yard", "still-01", "sketch-pad"]);
  await expect(page.getByRole("status").filter({ hasText: "still-01: place 2 of 3" })).toHaveCount(1);
  await page.keyboard.press("ArrowRight");
  await expect(app.tab("sketch-pad")).toBeFocused();
  await expect(app.tab("still-01")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(app.tab("sketch-pad")).toHaveAttribute("aria-selected", "true");
  await app.tab("yard").focus();
  await page.keyboard.press("Delete");
  await expectTabs(app, ["still-01", "sketch-pad"]);
});

test("are pinned to the front, and stay when the others are closed", async () => {
  await openAll("yard", "sketch-pad", "still-01");
  await chooseInTab(app, "sketch-pad", "Pin");
  await expectTabs(app, ["sketch-pad", "yard", "still-01"]);
  await expect(app.tab("sketch-pad")).toHaveAttribute("aria-description", /pinned/);
  await chooseInTab(app, "still-01", "Close the others");
  await expectTabs(app, ["sketch-pad", "still-01"]);
  await expect(app.tab("still-01")).toHaveAttribute("aria-selected", "true");
  await chooseInTab(app, "sketch-pad", "Unpin");
  await expect(app.tab("sketch-pad")).not.toHaveAttribute("aria-description", /pinned/);
});

test("are closed, and come back", async () => {
  await openAll("yard", "sketch-pad");
  await app.tab("sketch-pad").hover();
  await app.tab("sketch-pad").locator('[title="Close"]').click();
  await expectTabs(app, ["yard"]);
  await expect(app.tab("yard")).toHaveAttribute("aria-selected", "true");
  await chooseInTab(app, "yard", "Reopen closed");
  await expectTabs(app, ["yard", "sketch-pad"]);
  await expect(app.tab("sketch-pad")).toHaveAttribute("aria-selected", "true");
  await app.expectLive();
});

test("move into a window of their own", async () => {
  await openAll("still-01", "yard");
  const opening = page.waitForEvent("popup");
  await chooseInTab(app, "yard", "Move to its own window");
  const own = new AppPage(await opening);
  await expectTabs(app, ["still-01"]);
  await own.expectLive();
  await own.expectMoving();
  expect(await own.page.title()).toBe("yard · Switchyard");
  await expect(own.page.getByRole("tree")).toHaveCount(0);
  await own.page.close();
});

test("show the last picture in the frame after the switch", async () => {
  await openAll("still-01", "still-02");
  await app.expectLive();
  await app.tab("still-01").click();
  await app.expectLive();
  // These servers sent their only picture already, so what is seen is the one that was kept.
  const colour = await app.tab("still-02").evaluate(async (tab: HTMLElement) => {
    const frame = async (): Promise<void> => {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    };
    await frame();
    tab.click();
    await frame();
    const panel = document.querySelector('[role="tabpanel"]')?.getBoundingClientRect() ?? new DOMRect();
    const centre = document.elementFromPoint(panel.x + panel.width / 2, panel.y + panel.height / 2);
    if (!(centre instanceof HTMLCanvasElement)) return `not a picture: ${centre?.className ?? "nothing"}`;
    const copy = new OffscreenCanvas(1, 1).getContext("2d");
    copy?.drawImage(centre, -100, -100);
    return [...(copy?.getImageData(0, 0, 1, 1).data ?? [])].slice(0, 3).join();
  });
  expect(colour).toBe([PURPLE >> 16, (PURPLE >> 8) & 255, PURPLE & 255].join());
});

test("stay usable when there are thirty", async () => {
  await openAll(...Array.from({ length: TAB_COUNT }, (_, index) => nameOf(index)));
  await expect(app.tabs).toHaveCount(TAB_COUNT);
  const isInView = async (name: string): Promise<boolean> =>
    await app.tab(name).evaluate((tab) => {
      const own = tab.getBoundingClientRect();
      const strip = tab.parentElement?.getBoundingClientRect() ?? new DOMRect();
      return own.left >= strip.left - 1 && own.right <= strip.right + 1 && own.width > 60;
    });
  // The shown one is in view, whichever it is, and nothing is pushed out of the page.
  expect(await isInView(nameOf(TAB_COUNT - 1))).toBe(true);
  await expect(page.getByRole("toolbar", { name: "Console" }).getByRole("button", { name: "More" })).toBeInViewport();
  await app.focusConsole();
  await page.keyboard.press("Control+Alt+Digit1");
  await expect(app.tab(nameOf(0))).toHaveAttribute("aria-selected", "true");
  expect(await isInView(nameOf(0))).toBe(true);
  await app.guest(nameOf(16)).click();
  await expect(app.tab(nameOf(16))).toHaveAttribute("aria-selected", "true");
  await expect.poll(async () => await isInView(nameOf(16))).toBe(true);
  await app.expectLive();
  await chooseInTab(app, nameOf(16), "Close the others");
  await expectTabs(app, [nameOf(16)]);
});

test.describe("what comes back", () => {
  test("after a restart: tabs, their order, pins, the shown one, and the chosen console", async ({ browser }) => {
    const configFolder = makeConfigFolder({ hasSampleGuests: true });
    const readLayout = (): { tabs: { guestName: string }[]; activeTabIndex: number } =>
      JSON.parse(readFileSync(join(configFolder, "state.json"), "utf8")) as ReturnType<typeof readLayout>;
    let own = await startSwitchyard({ configFolder });
    const first = await browser.newPage();
    try {
      const before = await AppPage.open(first, own.address);
      await before.openGuest("yard");
      await before.openGuest("sketch-pad");
      // This guest has two consoles: the choice is asked for once.
      await before.guest("telemetry").click();
      const choice = first.getByRole("dialog", { name: "Open telemetry" });
      await choice.getByRole("button", { name: /serial/i }).click();
      await expect(before.tab("telemetry")).toHaveAttribute("aria-description", /live, serial/);
      await chooseInTab(before, "telemetry", "Close");
      await before.guest("telemetry").click();
      await expect(before.tab("telemetry")).toHaveAttribute("aria-description", /live, serial/);
      await chooseInTab(before, "telemetry", "Pin");
      await before.tab("sketch-pad").click();
      await expect
        .poll(() => [readLayout().tabs.map(({ guestName }) => guestName), readLayout().activeTabIndex])
        .toEqual([["telemetry", "yard", "sketch-pad"], 2]);
    } finally {
      await first.close();
      await own.stop();
    }

    own = await startSwitchyard({ configFolder });
    const second = await browser.newPage();
    try {
      const after = await AppPage.open(second, own.address);
      await expectTabs(after, ["telemetry", "yard", "sketch-pad"]);
      await expect(after.tab("sketch-pad")).toHaveAttribute("aria-selected", "true");
      await expect(after.tab("telemetry")).toHaveAttribute("aria-description", "live, serial, pinned");
      await after.expectLive();
      await expect(after.screen).toHaveCount(1);
    } finally {
      await second.close();
      await own.stop();
      rmSync(configFolder, { recursive: true, force: true });
    }
  });
});
