import { beforeEach, describe, expect, it } from "vitest";
import { ConsoleId, GuestId, WindowId } from "../../shared/contracts/ids.ts";
import { EMPTY_LAYOUT, type Layout } from "../../shared/contracts/layout.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import { WindowLayouts } from "./window-layouts.ts";

const ONE = WindowId.parse("one");
const TWO = WindowId.parse("two");
const THREE = WindowId.parse("three");

const layoutOf = (...names: string[]): Layout => ({
  ...EMPTY_LAYOUT,
  activeTabIndex: names.length - 1,
  tabs: names.map((name) => ({
    guestId: GuestId.parse(`host/${name}`),
    consoleId: ConsoleId.parse("vnc"),
    guestName: name,
    isPinned: false,
  })),
});
const namesOf = ({ tabs }: Layout): string[] => tabs.map(({ guestName }) => guestName);

let stored: Layout;
let layouts: WindowLayouts;

beforeEach(() => {
  stored = layoutOf("a");
  layouts = new WindowLayouts({
    stored: () => stored,
    save: (layout) => {
      stored = layout;
      return Promise.resolve();
    },
  });
});

describe("the layouts of several windows", () => {
  it("are one window's own while there is one", async () => {
    const page = new DisposableStore();
    expect(namesOf(layouts.load(ONE, page))).toEqual(["a"]);
    await layouts.save(ONE, layoutOf("b", "a"), page);
    await layouts.save(ONE, layoutOf("b"), page);
    expect(stored).toEqual(layoutOf("b"));
    page.dispose();
  });

  it("lose no tab of each other, and the window that changed last says what else there is", async () => {
    const [one, two] = [new DisposableStore(), new DisposableStore()];
    layouts.load(ONE, one);
    layouts.load(TWO, two);
    await layouts.save(ONE, layoutOf("a", "b"), one);
    await layouts.save(TWO, { ...layoutOf("c"), sidebar: { isOpen: false, widthPx: 300 } }, two);
    expect([namesOf(stored), stored.activeTabIndex, stored.sidebar.isOpen]).toEqual([["c", "a", "b"], 0, false]);
    await layouts.save(ONE, layoutOf("b"), one);
    expect(namesOf(stored)).toEqual(["b", "c"]);
  });

  it("keep the tabs of a window that is gone, but not those that another has and closes", async () => {
    const [one, two] = [new DisposableStore(), new DisposableStore()];
    layouts.load(ONE, one);
    layouts.load(TWO, two);
    await layouts.save(TWO, layoutOf("a", "c"), two);
    two.dispose();
    await layouts.save(ONE, layoutOf("b"), one);
    expect(namesOf(stored)).toEqual(["b", "c"]);
  });

  it("hand what a window left behind to the next one that begins", async () => {
    const [one, two, three] = [new DisposableStore(), new DisposableStore(), new DisposableStore()];
    layouts.load(ONE, one);
    await layouts.save(TWO, layoutOf("c"), two);
    two.dispose();
    expect(namesOf(layouts.load(THREE, three))).toEqual(["c", "a"]);
    await layouts.save(THREE, layoutOf("a"), three);
    expect(namesOf(stored)).toEqual(["a"]);
  });

  it("know a window again that lost its link", async () => {
    const [one, two, again] = [new DisposableStore(), new DisposableStore(), new DisposableStore()];
    layouts.load(ONE, one);
    await layouts.save(TWO, layoutOf("c", "d"), two);
    two.dispose();
    await layouts.save(TWO, layoutOf("d"), again);
    expect(namesOf(stored)).toEqual(["d", "a"]);
    await layouts.save(ONE, layoutOf("a"), one);
    expect(namesOf(stored)).toEqual(["a", "d"]);
  });

  it("stay within what a layout may hold", async () => {
    const pages = Array.from({ length: 70 }, () => new DisposableStore());
    for (const [at, page] of pages.entries()) {
      const names = Array.from({ length: 10 }, (_, tab) => `${at}-${tab}`);
      await layouts.save(WindowId.parse(`w${at}`), layoutOf(...names), page);
    }
    expect(stored.tabs).toHaveLength(500);
  });

  it("remember which console was chosen, whichever window chose it", async () => {
    const [one, two] = [new DisposableStore(), new DisposableStore()];
    const vnc = ConsoleId.parse("vnc");
    const serial = ConsoleId.parse("serial");
    await layouts.save(ONE, { ...layoutOf(), preferredConsoles: { x: vnc, y: vnc } }, one);
    await layouts.save(TWO, { ...layoutOf(), preferredConsoles: { y: serial } }, two);
    expect(stored.preferredConsoles).toEqual({ x: vnc, y: serial });
  });
});
