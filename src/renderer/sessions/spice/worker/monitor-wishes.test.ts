import { describe, expect, it } from "vitest";
import { MonitorWishes } from "./monitor-wishes.ts";

const FIRST = { widthPx: 800, heightPx: 600 };
const SECOND = { widthPx: 1024, heightPx: 768 };

describe("MonitorWishes", () => {
  it("lays the screens side by side, those without a wish as they are", () => {
    const wishes = new MonitorWishes();
    expect(wishes.layout([FIRST, SECOND])).toBeUndefined();
    wishes.set(1, { screenIndex: 1, widthPx: 1283, heightPx: 701 }, 2);
    expect(wishes.layout([FIRST, SECOND])).toEqual([
      { widthPx: 800, heightPx: 600, xPx: 0, yPx: 0 },
      { widthPx: 1280, heightPx: 701, xPx: 800, yPx: 0 },
    ]);
    wishes.delete(1);
    expect(wishes.layout([FIRST, SECOND])).toBeUndefined();
  });

  it("makes a screen for a tab that wants one more, and switches it off when the tab goes", () => {
    const wishes = new MonitorWishes();
    wishes.set(1, { screenIndex: 1, widthPx: 640, heightPx: 480 }, 1);
    expect(wishes.layout([FIRST])?.map(({ widthPx }) => widthPx)).toEqual([800, 640]);
    expect([wishes.delete(1), wishes.delete(1)]).toEqual([true, false]);
    expect(wishes.layout([FIRST, SECOND])?.map(({ widthPx }) => widthPx)).toEqual([800, 0]);
  });

  it("asks for no screen that is too small to work with", () => {
    const wishes = new MonitorWishes();
    wishes.set(1, { screenIndex: 0, widthPx: 3, heightPx: 1 }, 1);
    expect(wishes.layout([FIRST])).toEqual([{ widthPx: 320, heightPx: 320, xPx: 0, yPx: 0 }]);
  });
});
