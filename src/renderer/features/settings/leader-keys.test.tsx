// @vitest-environment jsdom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaderKeys } from "./leader-keys.tsx";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let root: Root;
let chosen: string[][];

beforeEach(() => {
  chosen = [];
  root = createRoot(document.body.appendChild(document.createElement("div")));
  act(() => {
    root.render(<LeaderKeys keys={["ControlRight"]} onChange={(keys) => chosen.push(keys)} />);
  });
});

afterEach(() => {
  act(() => {
    root.unmount();
  });
  document.body.replaceChildren();
});

function press(code: string): void {
  const button = [...document.querySelectorAll("button")].find((each) => each.textContent.trim() === "Add a key");
  act(() => button?.click());
  act(() => {
    button?.dispatchEvent(new KeyboardEvent("keydown", { code, bubbles: true, cancelable: true }));
  });
}

const told = (): string => document.querySelector("[role=status]")?.textContent ?? "";

describe("the choice of leader keys", () => {
  it.each(["Pause", "F13", "AltLeft", "ContextMenu", "CapsLock"])("takes %s, which makes no character", (code) => {
    press(code);
    expect(chosen).toEqual([["ControlRight", code]]);
  });

  it.each(["KeyA", "Backquote", "Semicolon", "IntlBackslash", "F5", "Delete", "Space", ""])(
    "refuses %s and says which keys can be",
    (code) => {
      press(code);
      expect(chosen).toEqual([]);
      expect(told()).toMatch(/cannot be a leader key.*Scroll Lock/);
    },
  );
});
