// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HotkeySettings } from "../../shared/contracts/settings.ts";
import { type ConsoleSession } from "../sessions/session.ts";
import { createKeyboardRouter, type KeyboardRouter } from "./keyboard-router.ts";

const SETTINGS = HotkeySettings.parse({});

let router: KeyboardRouter;
let stage: HTMLElement;
let reached: string[];
let asked: string[];
let releaseKeys: ReturnType<typeof vi.fn<() => void>>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  stage = document.createElement("div");
  stage.tabIndex = 0;
  document.body.append(stage);
  stage.focus();
  reached = [];
  asked = [];
  releaseKeys = vi.fn<() => void>();
  for (const type of ["keydown", "keyup"] as const) {
    stage.addEventListener(type, ({ code }) => reached.push(`${type === "keydown" ? "+" : "-"}${code}`));
  }
  stage.addEventListener("mousedown", () => reached.push("mouse"));
  router = createKeyboardRouter({
    window,
    settings: SETTINGS,
    activeSession: () => ({ element: stage, releaseKeys }) as unknown as ConsoleSession,
    perform: (action) => asked.push(action.kind),
  });
});

afterEach(() => {
  router.dispose();
  stage.remove();
  vi.useRealTimers();
});

/** Answers whether the browser may go on with its own meaning of the key. */
function press(code: string, init: KeyboardEventInit = {}): boolean {
  const key = code.startsWith("Control") ? "Control" : code.startsWith("Alt") ? "Alt" : code;
  return stage.dispatchEvent(new KeyboardEvent("keydown", { code, key, bubbles: true, cancelable: true, ...init }));
}

function lift(code: string, init: KeyboardEventInit = {}): void {
  const key = code.startsWith("Control") ? "Control" : code.startsWith("Alt") ? "Alt" : code;
  stage.dispatchEvent(new KeyboardEvent("keyup", { code, key, bubbles: true, cancelable: true, ...init }));
}

function tap(code: string): void {
  press(code);
  lift(code);
}

describe("keyboard router", () => {
  it("lets a key go on to where the focus is", () => {
    expect(press("KeyA")).toBe(true);
    lift("KeyA");
    expect(reached).toEqual(["+KeyA", "-KeyA"]);
  });

  it("keeps a hotkey from everybody else, the browser too", () => {
    tap("ControlRight");
    tap("ControlRight");
    expect(press("Digit2")).toBe(false);
    lift("Digit2");
    expect(reached).toEqual([]);
    expect(asked).toEqual(["show-switch-display", "hide-switch-display", "tab"]);
  });

  it("delivers a held-back key when its time is over, and just before the next key", () => {
    tap("ControlRight");
    vi.advanceTimersByTime(SETTINGS.leader.doubleTapMs);
    expect(reached).toEqual(["+ControlRight", "-ControlRight"]);
    press("ControlRight");
    press("KeyC");
    expect(reached.slice(2)).toEqual(["+ControlRight", "+KeyC"]);
  });

  it("says at the replay what the key said at first", () => {
    const seen = vi.fn();
    stage.addEventListener("keydown", ({ key, code, location, ctrlKey }) => {
      seen({ key, code, location, ctrlKey });
    });
    press("ControlRight", { location: 2, ctrlKey: true });
    vi.advanceTimersByTime(SETTINGS.leader.doubleTapMs);
    expect(seen.mock.calls).toEqual([[{ key: "Control", code: "ControlRight", location: 2, ctrlKey: true }]]);
  });

  it("has the guest's keys released before a held hotkey acts", () => {
    press("ControlLeft", { ctrlKey: true });
    press("AltLeft", { ctrlKey: true, altKey: true });
    expect(releaseKeys).not.toHaveBeenCalled();
    press("Digit1", { ctrlKey: true, altKey: true });
    expect(releaseKeys).toHaveBeenCalledOnce();
    expect(asked).toEqual(["tab"]);
  });

  it("has the guest's keys released when the window loses the keyboard or the page is hidden", () => {
    press("KeyA");
    window.dispatchEvent(new Event("blur"));
    expect(releaseKeys).toHaveBeenCalledOnce();
    vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    document.dispatchEvent(new Event("visibilitychange"));
    expect(releaseKeys).toHaveBeenCalledTimes(2);
    vi.restoreAllMocks();
  });

  it("ends a waiting leader by a click, after the clicked one heard of it", () => {
    tap("ScrollLock");
    tap("ScrollLock");
    stage.addEventListener("click", () => asked.push("clicked"));
    stage.click();
    vi.advanceTimersByTime(0);
    expect(asked).toEqual(["show-switch-display", "clicked", "hide-switch-display"]);
  });

  it("takes no mouse for the guest while auto-scan runs, and steps by itself", () => {
    router.startScan();
    stage.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    expect(reached).toEqual([]);
    vi.advanceTimersByTime(SETTINGS.scan.dwellSeconds * 1000 + 100);
    expect(asked).toEqual(["scan-step"]);
    router.cancel();
    stage.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    expect(reached).toEqual(["mouse"]);
    expect(asked).toEqual(["scan-step", "stop-scan"]);
  });

  it("takes new settings at once", () => {
    router.setSettings(HotkeySettings.parse({ leader: { keys: ["F13"] } }));
    tap("ControlRight");
    expect(reached).toEqual(["+ControlRight", "-ControlRight"]);
    tap("F13");
    tap("F13");
    expect(asked).toEqual(["show-switch-display"]);
  });

  it("listens no more after dispose", () => {
    router.dispose();
    tap("ControlRight");
    expect(reached).toEqual(["+ControlRight", "-ControlRight"]);
  });
});
