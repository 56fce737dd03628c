import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HotkeySettings } from "../../../shared/contracts/settings.ts";
import { Typist } from "../../../testing/typist.ts";
import { LEADER_TIMEOUT_MS } from "./hotkey-engine.ts";

const SETTINGS = HotkeySettings.parse({});
const MODIFIERS = ["ControlLeft", "ControlRight", "AltLeft", "AltRight", "ShiftLeft", "MetaLeft"] as const;
const OTHERS = ["KeyA", "KeyS", "Digit1", "Tab", "ArrowRight", "Enter", "Escape", "Space", "ScrollLock", ""] as const;

type Step =
  | { readonly do: "toggle" | "repeat"; readonly code: string }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "click" | "blur" | "cancel" };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant("toggle" as const), code: fc.constantFrom(...MODIFIERS, ...OTHERS) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("toggle" as const), code: fc.constant("ControlRight") }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("repeat" as const), code: fc.constantFrom(...MODIFIERS, ...OTHERS) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 800 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("click" as const, "blur" as const, "cancel" as const) }) },
);

/** Toggling presses a key that is up and lifts one that is down, so that any list is something hands can do. */
function perform(typist: Typist, step: Step): void {
  switch (step.do) {
    case "toggle":
      if (typist.held.includes(step.code)) typist.lift(step.code);
      else typist.press(step.code);
      break;
    case "repeat":
      if (typist.held.includes(step.code)) typist.press(step.code);
      break;
    case "wait":
      typist.wait(step.ms);
      break;
    case "click":
      typist.apply(typist.engine.handlePointer());
      break;
    case "blur":
      typist.apply(typist.engine.releaseAll());
      break;
    case "cancel":
      typist.apply(typist.engine.cancel());
      break;
  }
}

describe("hotkey engine, whatever is typed", () => {
  it("leaves no key down in the guest after releaseAll", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const typist = new Typist(SETTINGS);
        for (const step of steps) perform(typist, step);
        typist.apply(typist.engine.releaseAll());
        expect([...typist.guest.down]).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("leaves no key down in the guest when the hands are off the keyboard", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const typist = new Typist(SETTINGS);
        for (const step of steps) perform(typist, step);
        for (const code of typist.held) typist.lift(code);
        typist.wait(SETTINGS.leader.doubleTapMs);
        expect([...typist.guest.down]).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("has no key down in the guest while a hotkey is under way", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const typist = new Typist(SETTINGS);
        for (const step of steps) {
          const before = typist.actions.length;
          perform(typist, step);
          const isHotkey = typist.actions
            .slice(before)
            .some((action) => action.kind !== "hide-switch-display" && action.kind !== "recent-tab-commit");
          if (isHotkey && step.do === "toggle") expect([...typist.guest.down]).toEqual([]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("always answers the escape chord", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const typist = new Typist(SETTINGS);
        for (const step of steps) perform(typist, step);
        for (const code of typist.held) typist.lift(code);
        typist.actions.length = 0;
        typist.chord("ControlLeft", "AltLeft");
        expect(typist.asked.at(-1)).toBe("release-input");
        expect([...typist.guest.down]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps a hotkey's own key from the guest", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("Digit1", "KeyS", "KeyL", "KeyZ", "Escape", "ArrowRight"),
        fc.integer({ min: 0, max: 399 }),
        (code, pauseMs) => {
          const typist = new Typist(SETTINGS);
          typist.tap("ControlRight");
          typist.wait(pauseMs);
          typist.tap("ControlRight");
          typist.wait(LEADER_TIMEOUT_MS - 1);
          typist.tap(code);
          expect(typist.guest.log).toEqual([]);
        },
      ),
    );
  });

  it("passes on what is no hotkey, unchanged and in order", () => {
    const plainCode = fc.constantFrom(
      "ControlLeft",
      "ControlRight",
      "ShiftLeft",
      "KeyA",
      "KeyC",
      "Escape",
      "Tab",
      "Digit1",
      "ScrollLock",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(plainCode, fc.integer({ min: 0, max: 900 })), { maxLength: 60 }), (strokes) => {
        const typist = new Typist(SETTINGS);
        const typed: string[] = [];
        for (const [code, pauseMs] of strokes) {
          const isDown = typist.held.includes(code);
          // Two presses of a leader key are a hotkey only when nothing else was pressed between: a letter makes sure of it.
          if (!isDown && (code === "ControlRight" || code === "ScrollLock")) {
            typist.tap("KeyX");
            typed.push("+KeyX", "-KeyX");
          }
          typed.push(`${isDown ? "-" : "+"}${code}`);
          if (isDown) typist.lift(code);
          else typist.press(code);
          typist.wait(pauseMs);
        }
        typist.wait(SETTINGS.leader.doubleTapMs);
        expect(typist.guest.log).toEqual(typed);
        expect(typist.actions).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
