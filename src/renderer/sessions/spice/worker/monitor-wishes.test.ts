import { describe, expect, it } from "vitest";
import { MonitorWishes } from "./monitor-wishes.ts";

const FIRST = { widthPx: 800, heightPx: 600 };
const SECOND = { widthPx: 1024, heightPx: 768 };

describe("MonitorWishes", () => {
  it("lays the screens side by side, those without a wish as they are", () => {
    const wishes = new MonitorWishes();
    expect(wishes.layout([FIRST, SECOND])).toBeUndefined();
    wishes.set(1, { screenIndex: 1, widthPx: 1283, heightPx: 701 });
    expect(wishes.layout([FIRST, SECOND])).toEqual([
      { widthPx: 800, heightPx: 600, xPx: 0, yPx: 0 },
      { widthPx: 1280, heightPx: 701, xPx: 800, yPx: 0 },
    ]);
    wishes.delete(1);
    expect(wishes.layout([FIRST, SECOND])).toBeUndefined();
  });

  it("asks for no screen that is too small to work with", () => {
    const wishes = new MonitorWishes();
    wishes.set(1, { screenIndex: 0, widthPx: 3, heightPx: 1 });
    expect(wishes.layout([FIRST])).toEqual([{ widthPx: 320, heightPx: 320, xPx: 0, yPx: 0 }]);
  });
});
