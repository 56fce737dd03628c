// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import type { ConsoleId, TabId } from "../../shared/contracts/ids.ts";
import { createFakeParts, fakeGuest, withGuests, type FakeParts } from "./app-fakes.ts";
import { createTabCommands } from "./tab-commands.ts";

const WEB = fakeGuest("web");
const MAIL = fakeGuest("mail", ["serial"]);
const BOTH = fakeGuest("both", ["vnc", "serial"]);

function start(): FakeParts & { commands: ReturnType<typeof createTabCommands> } {
  const parts = createFakeParts(withGuests(WEB, MAIL, BOTH));
  return { ...parts, commands: createTabCommands(parts) };
}

const openNames = (parts: FakeParts): string[] => parts.store.getState().tabs.map((tab) => tab.guestName);
const activeName = (parts: FakeParts): string | undefined => {
  const { tabs, activeTabId } = parts.store.getState();
  return tabs.find((tab) => tab.id === activeTabId)?.guestName;
};
const visibleTabs = (parts: FakeParts): TabId[] =>
  [...parts.slots.slotByTabId.values()].filter((slot) => slot.isVisible).map((slot) => slot.tabId);
const shownFrames = (parts: FakeParts): number => parts.stage.element.querySelectorAll(".console-frame-shown").length;

describe("opening a guest", () => {
  it("opens its only console in a tab, shows it and gives it the keyboard", () => {
    const parts = start();
    parts.commands.openGuest(MAIL.id);
    const [slot] = [...parts.slots.slotByTabId.values()];
    expect(slot?.target).toEqual({ guestId: MAIL.id, consoleId: "serial", protocol: "serial" });
    expect([activeName(parts), slot?.isVisible, shownFrames(parts)]).toEqual(["mail", true, 1]);
    expect(slot?.focusCount).toBeGreaterThan(0);
  });

  it("shows the tab that is open already", () => {
    const parts = start();
    parts.commands.openGuest(WEB.id);
    parts.commands.openGuest(MAIL.id);
    parts.commands.openGuest(WEB.id);
    expect([openNames(parts), activeName(parts)]).toEqual([["web", "mail"], "web"]);
  });

  it("asks which console where there are several, and remembers the answer", () => {
    const parts = start();
    parts.commands.openGuest(BOTH.id);
    expect([parts.store.getState().overlay, openNames(parts)]).toEqual([
      { kind: "choose-console", guestId: BOTH.id },
      [],
    ]);
    parts.actions.setOverlay({ kind: "none" });
    parts.commands.openGuest(BOTH.id, "serial" as ConsoleId);
    const { activeTabId } = parts.store.getState();
    parts.commands.closeTab(activeTabId!);
    parts.commands.openGuest(BOTH.id);
    expect(parts.store.getState().tabs.map((tab) => tab.consoleId)).toEqual(["serial"]);
  });

  it("shows two consoles of one guest in two tabs", () => {
    const parts = start();
    parts.commands.openGuest(BOTH.id, "vnc" as ConsoleId);
    parts.commands.chooseConsole(parts.store.getState().activeTabId!, "serial" as ConsoleId);
    expect(parts.store.getState().tabs.map((tab) => tab.consoleId)).toEqual(["vnc", "serial"]);
  });

  it("says so when there is no console", () => {
    const none = fakeGuest("none", []);
    const parts = createFakeParts(withGuests(none));
    createTabCommands(parts).openGuest(none.id);
    expect([parts.notices, openNames(parts)]).toEqual([["none has no console that could be opened."], []]);
  });

  it("leaves the keyboard to an open dialog", () => {
    const parts = start();
    parts.actions.setOverlay({ kind: "settings" });
    parts.commands.openGuest(WEB.id);
    expect([...parts.slots.slotByTabId.values()].map((slot) => slot.focusCount)).toEqual([0]);
  });
});

describe("switching", () => {
  it("changes the page before the command returns, and puts the other console to rest after the frame", async () => {
    const parts = start();
    parts.commands.openGuest(WEB.id);
    parts.commands.openGuest(MAIL.id);
    const [web, mail] = parts.store.getState().tabs;
    await vi.waitFor(() => {
      expect(visibleTabs(parts)).toEqual([mail?.id]);
    });
    parts.commands.switchTo(web!.id);
    expect([visibleTabs(parts), shownFrames(parts), activeName(parts)]).toEqual([[web?.id, mail?.id], 1, "web"]);
    await vi.waitFor(() => {
      expect(visibleTabs(parts)).toEqual([web?.id]);
    });
  });

  it("leaves a console awake to which one came back before the frame", async () => {
    const parts = start();
    parts.commands.openGuest(WEB.id);
    parts.commands.openGuest(MAIL.id);
    const [web, mail] = parts.store.getState().tabs;
    parts.commands.switchTo(web!.id);
    parts.commands.switchTo(mail!.id);
    await vi.waitFor(() => {
      expect(visibleTabs(parts)).toEqual([mail?.id]);
    });
  });

  it("lets React draw what changed after the frame, once", async () => {
    const parts = start();
    parts.commands.openGuest(WEB.id);
    parts.commands.openGuest(MAIL.id);
    const [web, mail] = parts.store.getState().tabs;
    const seen: (TabId | undefined)[] = [];
    parts.views.subscribe((state) => {
      seen.push(state.activeTabId);
    });
    parts.commands.switchTo(web!.id);
    parts.commands.switchTo(mail!.id);
    parts.commands.switchTo(web!.id);
    expect(seen).toEqual([]);
    await vi.waitFor(() => {
      expect(seen).toEqual([web?.id]);
    });
    parts.commands.switchTo(web!.id);
    parts.actions.setFilter("x");
    expect(seen).toEqual([web?.id, web?.id]);
  });

  it("takes a hidden console out of reach of keys and screen readers, and leaves it in the page", () => {
    const parts = start();
    parts.commands.openGuest(WEB.id);
    parts.commands.openGuest(MAIL.id);
    const frames = [...parts.stage.element.querySelectorAll<HTMLElement>(".console-frame")];
    expect(frames.map((frame) => frame.inert)).toEqual([true, false]);
  });

  it("goes round with next and previous, and back with last", () => {
    const parts = start();
    for (const guest of [WEB, MAIL]) parts.commands.openGuest(guest.id);
    parts.commands.openGuest(BOTH.id, "vnc" as ConsoleId);
    const seen = [
      parts.commands.nextTab,
      parts.commands.previousTab,
      parts.commands.previousTab,
      parts.commands.lastTab,
      parts.commands.lastTab,
    ].map((act) => {
      act();
      return activeName(parts);
    });
    expect(seen).toEqual(["web", "both", "mail", "both", "mail"]);
  });

  it("does nothing while no tab is open", () => {
    const parts = start();
    parts.commands.nextTab();
    parts.commands.lastTab();
    expect(parts.store.getState().activeTabId).toBeUndefined();
  });
});

describe("closing", () => {
  it("ends the console and shows the one used before", () => {
    const parts = start();
    parts.commands.openGuest(WEB.id);
    parts.commands.openGuest(MAIL.id);
    parts.commands.closeTab(parts.store.getState().activeTabId!);
    expect([openNames(parts), activeName(parts), parts.slots.slotByTabId.size]).toEqual([["web"], "web", 1]);
    expect([visibleTabs(parts).length, parts.stage.element.childElementCount]).toEqual([1, 1]);
  });

  it("reopens with a new console", () => {
    const parts = start();
    parts.commands.openGuest(WEB.id);
    const first = parts.store.getState().activeTabId!;
    parts.commands.closeTab(first);
    parts.commands.reopenTab();
    expect([openNames(parts), parts.slots.slotByTabId.has(first), shownFrames(parts)]).toEqual([["web"], false, 1]);
  });

  it("keeps pinned tabs when the others are closed", () => {
    const parts = start();
    for (const guest of [WEB, MAIL]) parts.commands.openGuest(guest.id);
    parts.commands.openGuest(BOTH.id, "vnc" as ConsoleId);
    const [web, mail] = parts.store.getState().tabs;
    parts.actions.pinTab(web!.id, true);
    parts.commands.closeOtherTabs(mail!.id);
    expect([openNames(parts), activeName(parts)]).toEqual([["web", "mail"], "mail"]);
  });
});
