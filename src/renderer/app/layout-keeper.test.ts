// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../shared/errors/app-error.ts";
import type { WindowId } from "../../shared/contracts/ids.ts";
import type { Disposable } from "../../shared/lifecycle/disposable.ts";
import { createFakeParts, fakeGuest, withGuests, type FakeParts } from "./app-fakes.ts";
import { keepLayout } from "./layout-keeper.ts";
import { createTabCommands } from "./tab-commands.ts";

const WEB = fakeGuest("web");
let parts: FakeParts;
let keeper: Disposable;

beforeEach(() => {
  vi.useFakeTimers();
  parts = createFakeParts(withGuests(WEB));
  keeper = keepLayout(parts, "w" as WindowId);
});

afterEach(() => {
  keeper.dispose();
  vi.useRealTimers();
});

const saves = (): unknown[] =>
  parts.api.calls
    .filter(([method]) => method === "layout.save")
    .map(([, params]) => (params as { layout: unknown }).layout);

describe("the layout keeper", () => {
  it("saves once when changes have rested", async () => {
    createTabCommands(parts).openGuest(WEB.id);
    for (const widthPx of [300, 310, 320]) parts.actions.setSidebar({ widthPx });
    expect(saves()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saves()).toMatchObject([
      { tabs: [{ guestId: WEB.id, guestName: "web" }], activeTabIndex: 0, sidebar: { widthPx: 320 } },
    ]);
  });

  it("does not save for what is no part of the layout", async () => {
    createTabCommands(parts).openGuest(WEB.id);
    await vi.advanceTimersByTimeAsync(1_000);
    parts.actions.setSlotState(parts.store.getState().activeTabId!, { phase: "live" });
    parts.actions.setFilter("x");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saves()).toHaveLength(1);
  });

  it("saves when the link is back what it could not save without", async () => {
    parts.api.failure = new AppError("GATEWAY_LOST", "no link");
    parts.actions.setSidebar({ isOpen: false });
    await vi.advanceTimersByTimeAsync(1_000);
    parts.api.failure = undefined;
    parts.api.setLink("up");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saves()).toHaveLength(2);
  });

  it("saves at once when the page goes away", () => {
    parts.actions.setSidebar({ isOpen: false });
    window.dispatchEvent(new Event("pagehide"));
    expect(saves()).toHaveLength(1);
  });
});
