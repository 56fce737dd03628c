// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { QuestionId } from "../../shared/contracts/ids.ts";
import type { Commands } from "../store/commands.ts";
import { createFakeParts, fakeGuest, withGuests, type FakeParts } from "./app-fakes.ts";
import { createHotkeyPerformer, type HotkeyPerformer } from "./hotkeys.ts";
import { createTabCommands } from "./tab-commands.ts";

const GUESTS = ["a", "b", "c"].map((name) => fakeGuest(name));

let parts: FakeParts;
let hotkeys: HotkeyPerformer;
let sent: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  parts = createFakeParts(withGuests(...GUESTS));
  sent = [];
  const commands = {
    ...createTabCommands(parts),
    toggleFullScreen: () => sent.push("full-screen"),
    sendKeys: (_tabId: unknown, keys: readonly { code: string }[]) => sent.push(keys.map((key) => key.code)),
  } as unknown as Commands;
  for (const guest of GUESTS) commands.openGuest(guest.id);
  hotkeys = createHotkeyPerformer(parts, {
    commands,
    cancel: () => sent.push("cancel"),
    openSpecialKeys: () => sent.push("special-keys"),
  });
});

afterEach(() => {
  hotkeys.dispose();
  vi.useRealTimers();
});

const nameOf = (tabId: string | undefined): string | undefined =>
  parts.store.getState().tabs.find((tab) => tab.id === tabId)?.guestName;
const active = (): string | undefined => nameOf(parts.store.getState().activeTabId);
const display = (): unknown => {
  const shown = parts.store.getState().switchDisplay;
  return shown === undefined ? undefined : [shown.mode, nameOf(shown.markedTabId)];
};

describe("hotkeys", () => {
  it("begin nothing over a dialog that asks for something, and end the leader", () => {
    parts.actions.setOverlay({ kind: "settings" });
    hotkeys.perform({ kind: "show-switch-display" });
    hotkeys.perform({ kind: "tab", number: 1 });
    expect([active(), display(), sent, parts.store.getState().overlay.kind]).toEqual([
      "c",
      undefined,
      ["cancel", "cancel"],
      "settings",
    ]);
  });

  it("begin nothing over a host's question, but in the guest whose keyboard it waits for", () => {
    const body = { kind: "password", service: "SSH", target: "rack-a", reason: "first" } as const;
    parts.actions.applyQuestions([{ id: "q" as QuestionId, about: {}, body }]);
    hotkeys.perform({ kind: "tab", number: 1 });
    expect(active()).toBe("c");
    parts.actions.setKeyboardInGuest(true);
    hotkeys.perform({ kind: "tab", number: 1 });
    expect(active()).toBe("a");
  });

  it("close the palette or the list of keys, which only show", () => {
    parts.actions.setOverlay({ kind: "help" });
    hotkeys.perform({ kind: "show-switch-display" });
    expect([display(), parts.store.getState().overlay.kind]).toEqual([["leader", "c"], "none"]);
  });

  it("show the n-th tab, and say so for a moment", () => {
    hotkeys.perform({ kind: "tab", number: 1 });
    expect([active(), display()]).toEqual(["a", ["flash", "a"]]);
    vi.advanceTimersByTime(2_000);
    expect(display()).toBeUndefined();
  });

  it("do nothing for a tab that is not there", () => {
    hotkeys.perform({ kind: "tab", number: 9 });
    expect([active(), display()]).toEqual(["c", undefined]);
  });

  it("mark while stepping through recent tabs, and switch only at the end", () => {
    hotkeys.perform({ kind: "recent-tab-step", direction: 1 });
    hotkeys.perform({ kind: "recent-tab-step", direction: 1 });
    expect([active(), display()]).toEqual(["c", ["recent", "a"]]);
    hotkeys.perform({ kind: "recent-tab-commit" });
    expect([active(), display()]).toEqual(["a", undefined]);
  });

  it("stay where they are when stepping is given up", () => {
    hotkeys.perform({ kind: "recent-tab-step", direction: -1 });
    hotkeys.perform({ kind: "hide-switch-display" });
    expect([active(), display()]).toEqual(["c", undefined]);
  });

  it("keep the display of the leader when a flash of before runs out", () => {
    hotkeys.perform({ kind: "next-tab" });
    hotkeys.perform({ kind: "show-switch-display" });
    vi.advanceTimersByTime(2_000);
    expect(display()).toEqual(["leader", "a"]);
  });

  it("scan only tabs that show something", () => {
    const { tabs } = parts.store.getState();
    parts.actions.setSlotState(tabs[0]!.id, { phase: "live" });
    parts.actions.setSlotState(tabs[2]!.id, { phase: "live" });
    hotkeys.perform({ kind: "auto-scan" });
    const seen = [1, 2, 3].map(() => {
      hotkeys.perform({ kind: "scan-step" });
      return active();
    });
    expect([seen, display()]).toEqual([
      ["a", "c", "a"],
      ["scan", "a"],
    ]);
    hotkeys.perform({ kind: "stop-scan" });
    expect(display()).toBeUndefined();
  });

  it("open an overlay, and close it when asked again", () => {
    hotkeys.perform({ kind: "palette" });
    expect(parts.store.getState().overlay.kind).toBe("palette");
    hotkeys.perform({ kind: "palette" });
    expect(parts.store.getState().overlay.kind).toBe("none");
  });

  it("send Ctrl+Alt+Del and the leader key itself to the guest", () => {
    hotkeys.perform({ kind: "ctrl-alt-del" });
    hotkeys.perform({ kind: "send-leader" });
    expect(sent).toEqual([["ControlLeft", "AltLeft", "Delete"], ["ControlRight"]]);
  });
});
