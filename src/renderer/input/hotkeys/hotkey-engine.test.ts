import { describe, expect, it } from "vitest";
import { HotkeySettings } from "../../../shared/contracts/settings.ts";
import { Typist } from "../../../testing/typist.ts";
import { LEADER_TIMEOUT_MS } from "./hotkey-engine.ts";

const DEFAULTS = HotkeySettings.parse({});
const createTypist = (settings: HotkeySettings = DEFAULTS): Typist => new Typist(settings);

function openLeader(typist: Typist, code = "ControlRight"): void {
  typist.tap(code);
  typist.wait(120);
  typist.tap(code);
}

describe("leader", () => {
  it.each(["ControlRight", "ScrollLock"])("opens on two taps of %s, and the guest sees none of it", (code) => {
    const typist = createTypist();
    openLeader(typist, code);
    typist.tap("Digit3");
    expect(typist.asked).toEqual(["show-switch-display", "hide-switch-display", "tab 3"]);
    expect(typist.guest.log).toEqual([]);
  });

  it("opens at the second tap's key-down", () => {
    const typist = createTypist();
    typist.tap("ControlRight");
    typist.press("ControlRight");
    expect(typist.asked).toEqual(["show-switch-display"]);
  });

  it("does not open on taps of two different keys, nor on taps too far apart", () => {
    const typist = createTypist();
    typist.tap("ControlRight");
    typist.tap("ScrollLock");
    typist.wait(DEFAULTS.leader.doubleTapMs + 1);
    typist.tap("ScrollLock");
    typist.wait(DEFAULTS.leader.doubleTapMs);
    expect(typist.asked).toEqual([]);
    expect(typist.guest.log).toEqual([
      "+ControlRight",
      "-ControlRight",
      "+ScrollLock",
      "-ScrollLock",
      "+ScrollLock",
      "-ScrollLock",
    ]);
  });

  it("replays a lone tap when the second one did not come in time", () => {
    const typist = createTypist();
    typist.tap("ControlRight");
    expect(typist.guest.log).toEqual([]);
    typist.wait(DEFAULTS.leader.doubleTapMs);
    expect(typist.guest.log).toEqual(["+ControlRight", "-ControlRight"]);
  });

  it("gives the guest Right Ctrl + C", () => {
    const typist = createTypist();
    typist.chord("ControlRight", "KeyC");
    expect(typist.guest.log).toEqual(["+ControlRight", "+KeyC", "-KeyC", "-ControlRight"]);
  });

  it("gives the guest Right Ctrl with a click", () => {
    const typist = createTypist();
    typist.press("ControlRight");
    typist.apply(typist.engine.handlePointer());
    expect(typist.guest.log).toEqual(["+ControlRight"]);
    typist.lift("ControlRight");
    expect(typist.guest.down.size).toBe(0);
  });

  it("gives the guest a leader key that is kept down", () => {
    const typist = createTypist();
    typist.press("ControlRight");
    typist.press("ControlRight");
    expect(typist.guest.log).toEqual(["+ControlRight", "*ControlRight"]);
  });

  it("is no leader while another modifier is down", () => {
    const typist = createTypist();
    typist.press("ShiftLeft");
    typist.tap("ControlRight");
    typist.tap("ControlRight");
    typist.lift("ShiftLeft");
    expect(typist.asked).toEqual([]);
    expect(typist.guest.log).toHaveLength(6);
  });

  it.each([
    ["Digit1", "1", "tab 1"],
    ["Digit0", "0", "tab 10"],
    ["Digit1", "&", "tab 1"],
    ["Numpad4", "4", "tab 4"],
    ["KeyS", "s", "auto-scan"],
    ["KeyA", "a", "auto-scan"],
    ["KeyL", "l", "last-tab"],
    ["Backspace", "Backspace", "last-tab"],
    ["KeyK", "k", "palette"],
    ["Slash", "/", "palette"],
    ["KeyF", "f", "full-screen"],
    ["KeyF", "а", "full-screen"],
    ["KeyS", "F", "full-screen"],
    ["KeyT", "t", "type-text"],
    ["KeyD", "d", "ctrl-alt-del"],
    ["KeyX", "x", "special-keys"],
    ["KeyB", "b", "toggle-sidebar"],
    ["KeyW", "w", "close-tab"],
    ["KeyR", "r", "release-input"],
    ["F1", "F1", "help"],
  ])("takes %s (%s) for %s", (code, key, asked) => {
    const typist = createTypist();
    openLeader(typist);
    typist.tap(code, key);
    expect(typist.asked).toEqual(["show-switch-display", "hide-switch-display", asked]);
    expect(typist.guest.log).toEqual([]);
  });

  it("takes Shift and / for help", () => {
    const typist = createTypist();
    openLeader(typist);
    typist.press("ShiftLeft");
    typist.tap("Slash", "?");
    typist.lift("ShiftLeft");
    expect(typist.asked.at(-1)).toBe("help");
    expect(typist.guest.log).toEqual([]);
  });

  it("stays open for arrows", () => {
    const typist = createTypist();
    openLeader(typist);
    typist.tap("ArrowRight");
    typist.wait(LEADER_TIMEOUT_MS - 1);
    typist.tap("ArrowLeft");
    typist.tap("Escape");
    expect(typist.asked).toEqual([
      "show-switch-display",
      "next-tab",
      "show-switch-display",
      "previous-tab",
      "show-switch-display",
      "hide-switch-display",
    ]);
  });

  it("ends with nothing on Esc, on an unknown key and when time is up, and the next key is the guest's", () => {
    for (const end of [
      (typist: Typist) => typist.tap("Escape"),
      (typist: Typist) => typist.tap("KeyZ"),
      (typist: Typist) => typist.wait(LEADER_TIMEOUT_MS),
    ]) {
      const typist = createTypist();
      openLeader(typist);
      end(typist);
      typist.tap("KeyQ");
      expect(typist.asked).toEqual(["show-switch-display", "hide-switch-display"]);
      expect(typist.guest.log).toEqual(["+KeyQ", "-KeyQ"]);
    }
  });

  it("sends itself to the guest on the third tap", () => {
    const typist = createTypist();
    openLeader(typist, "ScrollLock");
    typist.tap("ScrollLock");
    expect(typist.guest.log).toEqual(["+ScrollLock", "-ScrollLock"]);
    expect(typist.asked).toEqual(["show-switch-display", "hide-switch-display"]);
  });

  it("has the keys released that were down in the guest", () => {
    const typist = createTypist();
    typist.press("KeyW");
    openLeader(typist);
    expect(typist.guest.down.size).toBe(0);
    typist.tap("Digit2");
    typist.lift("KeyW");
    expect(typist.guest.log).toEqual(["+KeyW", "-KeyW"]);
  });

  it("keeps from the guest that a key came up whose going down it did not see", () => {
    const typist = createTypist();
    openLeader(typist);
    typist.lift("Enter");
    expect(typist.guest.log).toEqual([]);
  });

  it("is an ordinary key when the family is off", () => {
    const typist = createTypist({ ...DEFAULTS, leader: { ...DEFAULTS.leader, isEnabled: false } });
    openLeader(typist);
    expect(typist.guest.log).toHaveLength(4);
  });
});

describe("held modifiers", () => {
  it.each([
    ["Digit2", "tab 2"],
    ["Digit0", "tab 10"],
    ["ArrowLeft", "previous-tab"],
    ["ArrowRight", "next-tab"],
    ["Enter", "full-screen"],
  ])("Ctrl+Alt+%s asks for %s; the guest is left without a key down", (code, asked) => {
    const typist = createTypist();
    typist.chord("ControlLeft", "AltLeft", code);
    expect(typist.asked).toEqual([asked]);
    expect(typist.guest.log).toEqual(["+ControlLeft", "+AltLeft", "-ControlLeft", "-AltLeft"]);
  });

  it("steps through recent guests and is final when a modifier comes up", () => {
    const typist = createTypist();
    typist.press("ControlLeft");
    typist.press("AltLeft");
    typist.tap("Tab");
    typist.tap("Tab");
    typist.press("ShiftLeft");
    typist.tap("Tab");
    typist.lift("ShiftLeft");
    expect(typist.asked).toEqual(["step 1", "step 1", "step -1"]);
    typist.lift("AltLeft");
    typist.lift("ControlLeft");
    expect(typist.asked).toEqual(["step 1", "step 1", "step -1", "recent-tab-commit"]);
    expect(typist.guest.down.size).toBe(0);
  });

  it("starts backwards with Shift", () => {
    const typist = createTypist();
    typist.chord("ControlLeft", "AltLeft", "ShiftLeft", "Tab");
    expect(typist.asked).toEqual(["step -1", "recent-tab-commit"]);
  });

  it("gives up stepping on Esc", () => {
    const typist = createTypist();
    typist.press("ControlLeft");
    typist.press("AltLeft");
    typist.tap("Tab");
    typist.tap("Escape");
    typist.lift("AltLeft");
    typist.lift("ControlLeft");
    expect(typist.asked).toEqual(["step 1", "hide-switch-display"]);
  });

  it("gives the guest its modifiers back for a key that is no hotkey", () => {
    const typist = createTypist();
    typist.press("ControlLeft");
    typist.press("AltLeft");
    typist.tap("Digit2");
    typist.guest.log.length = 0;
    typist.tap("Delete");
    typist.lift("AltLeft");
    typist.lift("ControlLeft");
    expect(typist.guest.log).toEqual(["+ControlLeft", "+AltLeft", "+Delete", "-Delete", "-AltLeft", "-ControlLeft"]);
    expect(typist.asked).toEqual(["tab 2"]);
  });

  it("does not give back a modifier that came up unseen", () => {
    const typist = createTypist();
    typist.press("ControlLeft");
    typist.press("AltLeft");
    typist.tap("Digit2");
    typist.liftUnseen("AltLeft");
    typist.liftUnseen("ControlLeft");
    typist.guest.log.length = 0;
    typist.tap("KeyA");
    expect(typist.guest.log).toEqual(["+KeyA", "-KeyA"]);
  });

  it("gives the guest its modifiers back for a click", () => {
    const typist = createTypist();
    typist.press("ControlLeft");
    typist.press("AltLeft");
    typist.tap("Digit2");
    typist.guest.log.length = 0;
    typist.apply(typist.engine.handlePointer());
    expect(typist.guest.log).toEqual(["+ControlLeft", "+AltLeft"]);
  });

  it("does not give them back for a further modifier alone", () => {
    const typist = createTypist();
    typist.press("ControlLeft");
    typist.press("AltLeft");
    typist.tap("Digit2");
    typist.guest.log.length = 0;
    typist.tap("ShiftLeft");
    expect(typist.guest.log).toEqual([]);
  });

  it("works with a held-back leader key as its modifier, which the guest then never sees", () => {
    const typist = createTypist();
    typist.press("ControlRight");
    typist.pressUnseen("AltLeft");
    typist.tap("Digit2");
    typist.lift("ControlRight");
    expect(typist.asked).toEqual(["tab 2"]);
    expect(typist.guest.log).toEqual([]);
  });

  it("leaves combinations with a further modifier to the guest", () => {
    const typist = createTypist();
    typist.chord("ControlLeft", "AltLeft", "ShiftLeft", "Digit2");
    expect(typist.asked).toEqual([]);
    expect(typist.guest.log).toHaveLength(8);
  });

  it("takes the modifiers of the settings", () => {
    const typist = createTypist({ ...DEFAULTS, held: { isEnabled: true, modifiers: ["Control", "Shift"] } });
    typist.chord("ControlLeft", "ShiftLeft", "Digit2");
    typist.chord("ControlLeft", "AltLeft", "Digit3");
    expect(typist.asked).toEqual(["tab 2"]);
  });

  it("leaves AltGr to the guest", () => {
    const typist = createTypist();
    // Windows puts a Control in front of AltGr that nobody pressed.
    typist.press("ControlLeft");
    typist.press("AltRight", "AltGraph");
    typist.tap("Digit2", "²");
    typist.lift("ControlLeft");
    typist.lift("AltRight");
    expect(typist.asked).toEqual([]);
    expect(typist.guest.log).toHaveLength(6);
  });

  it("goes on switching while an arrow is kept down", () => {
    const typist = createTypist();
    typist.press("ControlLeft");
    typist.press("AltLeft");
    typist.press("ArrowRight");
    typist.press("ArrowRight");
    expect(typist.asked).toEqual(["next-tab", "next-tab"]);
  });
});

describe("escape chord", () => {
  it("frees the input when Ctrl and Alt come up with nothing between", () => {
    for (const [first, second] of [
      ["ControlLeft", "AltLeft"],
      ["AltLeft", "ControlLeft"],
      ["ControlRight", "AltRight"],
    ] as const) {
      const typist = createTypist();
      typist.chord(first, second);
      expect(typist.asked).toEqual(["release-input"]);
      expect(typist.guest.down.size).toBe(0);
    }
  });

  it("works when every hotkey is off, and while the leader waits", () => {
    const off = createTypist({
      ...DEFAULTS,
      leader: { ...DEFAULTS.leader, isEnabled: false },
      held: { ...DEFAULTS.held, isEnabled: false },
    });
    off.chord("ControlLeft", "AltLeft");
    expect(off.asked).toEqual(["release-input"]);

    const waiting = createTypist();
    openLeader(waiting);
    waiting.chord("ControlLeft", "AltLeft");
    expect(waiting.asked).toEqual(["show-switch-display", "hide-switch-display", "release-input"]);
  });

  it("is not meant when another key or a click came between", () => {
    const typist = createTypist();
    typist.chord("ControlLeft", "AltLeft", "KeyT");
    typist.press("ControlLeft");
    typist.press("AltLeft");
    typist.apply(typist.engine.handlePointer());
    typist.lift("AltLeft");
    typist.lift("ControlLeft");
    expect(typist.asked).toEqual([]);
  });

  it("is not AltGr", () => {
    const typist = createTypist();
    typist.press("ControlLeft");
    typist.press("AltRight", "AltGraph");
    typist.lift("ControlLeft");
    typist.lift("AltRight");
    expect(typist.asked).toEqual([]);
  });

  it("is not meant with AltGr down", () => {
    const typist = createTypist();
    typist.press("AltRight", "AltGraph");
    typist.chord("AltLeft", "ControlLeft");
    expect(typist.asked).toEqual([]);
  });

  it("does not depend on a letter whose release got lost", () => {
    const typist = createTypist();
    typist.press("KeyA");
    typist.liftUnseen("KeyA");
    typist.chord("ControlLeft", "AltLeft");
    expect(typist.asked).toEqual(["release-input"]);
  });
});

describe("auto-scan", () => {
  const startScan = (): Typist => {
    const typist = createTypist();
    openLeader(typist);
    typist.tap("KeyS");
    typist.actions.length = 0;
    return typist;
  };

  it("steps each dwell time", () => {
    const typist = startScan();
    typist.wait(2 * DEFAULTS.scan.dwellSeconds * 1000);
    expect(typist.asked).toEqual(["scan-step", "scan-step"]);
  });

  it("accepts no input, hotkeys neither", () => {
    const typist = startScan();
    typist.tap("KeyA");
    openLeader(typist);
    typist.chord("ControlLeft", "AltLeft", "Digit1");
    expect(typist.asked).toEqual([]);
    expect(typist.guest.log).toEqual([]);
    expect(typist.engine.isScanning).toBe(true);
  });

  it.each(["Escape", "Space"])("ends on %s, which the guest does not see", (code) => {
    const typist = startScan();
    typist.tap(code);
    typist.tap("KeyA");
    expect(typist.asked).toEqual(["stop-scan"]);
    expect(typist.guest.log).toEqual(["+KeyA", "-KeyA"]);
  });

  it("ends on the escape chord", () => {
    const typist = startScan();
    typist.chord("ControlLeft", "AltLeft");
    expect(typist.asked).toEqual(["stop-scan", "release-input"]);
  });
});

describe("loss of the keyboard", () => {
  it("releases what is down in the guest and forgets a half-made hotkey", () => {
    const typist = createTypist();
    typist.press("KeyA");
    typist.tap("ControlRight");
    typist.apply(typist.engine.releaseAll());
    typist.liftUnseen("KeyA");
    expect(typist.guest.down.size).toBe(0);
    typist.wait(10_000);
    typist.tap("ControlRight");
    typist.wait(10_000);
    expect(typist.asked).toEqual([]);
    expect(typist.guest.log).toEqual(["+KeyA", "-KeyA", "+ControlRight", "-ControlRight"]);
  });

  it("closes the switch display, and makes a step final", () => {
    const waiting = createTypist();
    openLeader(waiting);
    waiting.apply(waiting.engine.releaseAll());
    expect(waiting.asked).toEqual(["show-switch-display", "hide-switch-display"]);

    const stepping = createTypist();
    stepping.press("ControlLeft");
    stepping.press("AltLeft");
    stepping.press("Tab");
    stepping.apply(stepping.engine.releaseAll());
    expect(stepping.asked).toEqual(["step 1", "recent-tab-commit"]);
  });
});

describe("input methods and keys without a name", () => {
  it("are the guest's", () => {
    const typist = createTypist();
    typist.tap("", "Unidentified");
    typist.tap("BracketLeft", "Dead");
    typist.tap("KeyN", "Process");
    expect(typist.guest.log).toEqual(["+", "-", "+BracketLeft", "-BracketLeft", "+KeyN", "-KeyN"]);
  });
});
