// @vitest-environment jsdom
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_SETTINGS } from "../../../shared/contracts/settings.ts";
import { installFakePage } from "../../../testing/fake-page.ts";
import { createTerminalView, type TerminalView } from "./terminal-view.ts";

// jsdom measures no text; what is painted is seen in the end-to-end tests.
vi.mock("./text-painter.ts", () => ({
  paintTerminal: (_: unknown, picture: HTMLCanvasElement) => {
    picture.width = 8;
    picture.height = 4;
    return true;
  },
}));

const SETTINGS = DEFAULT_SETTINGS.terminal;

let view: TerminalView;

beforeAll(() => {
  installFakePage();
  // jsdom has no media queries.
  window.matchMedia = () =>
    ({
      matches: false,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
      addListener: () => undefined,
      removeListener: () => undefined,
    }) as unknown as MediaQueryList;
});

beforeEach(() => {
  view = createTerminalView(SETTINGS);
  document.body.append(view.element);
});

afterEach(() => {
  view.dispose();
});

const written = (data: Uint8Array | string): Promise<void> =>
  new Promise((resolve) => {
    view.write(data, resolve);
  });
/** `number` is the old key code, which xterm.js goes by. */
const keyDown = (number: number, init: KeyboardEventInit): KeyboardEvent => {
  const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
  Object.defineProperty(event, "keyCode", { value: number });
  view.element.querySelector("textarea")!.dispatchEvent(event);
  return event;
};

describe("a terminal's view", () => {
  it("is 80 by 24 until it is laid out", () => {
    expect([view.columns, view.rows]).toEqual([80, 24]);
  });

  it("keeps a character whose bytes come in parts", async () => {
    await written(Uint8Array.of(0xc3));
    await written(Uint8Array.of(0xb6, 0x6b));
    expect(view.find("ök", "next")).toBe(true);
    expect(view.selection()).toBe("ök");
  });

  it("finds on and back, and forgets what it found", async () => {
    await written("one two one");
    expect([view.find("one", "next"), view.find("two", "previous"), view.find("three", "next")]).toEqual([
      true,
      true,
      false,
    ]);
    view.find("two", "next");
    view.clearFind();
    expect(view.selection()).toBe("");
  });

  it("gives what is pasted as it is, also to a far side that asked for marks around it", async () => {
    const inputs: string[] = [];
    view.onInput((text) => inputs.push(text));
    await written("\u001b[?2004h");
    view.paste("ls\nls");
    expect(inputs.join("")).toBe("ls\rls");
  });

  it("takes no input while it is only looked at", () => {
    const inputs: string[] = [];
    view.onInput((text) => inputs.push(text));
    view.configure(SETTINGS, { isReadOnly: true });
    view.paste("x");
    expect(inputs).toEqual([]);
    view.configure(SETTINGS, { isReadOnly: false });
    view.paste("x");
    expect(inputs).toEqual(["x"]);
  });

  it("rings", async () => {
    let rings = 0;
    view.onBell(() => (rings += 1));
    await written("\u0007");
    expect(rings).toBe(1);
  });

  it("copies with Ctrl+Shift+C, and leaves Ctrl+C to the guest", async () => {
    const copied: string[] = [];
    Object.defineProperty(navigator, "clipboard", {
      configurable: true,
      value: {
        writeText: (text: string) => {
          copied.push(text);
          return Promise.resolve();
        },
      },
    });
    const inputs: string[] = [];
    view.onInput((text) => inputs.push(text));
    await written("word");
    view.find("word", "next");
    const copy = keyDown(67, { code: "KeyC", key: "C", ctrlKey: true, shiftKey: true });
    keyDown(86, { code: "KeyV", key: "V", ctrlKey: true, shiftKey: true });
    expect([copied, inputs, copy.defaultPrevented]).toEqual([["word"], [], true]);
    keyDown(67, { code: "KeyC", key: "c", ctrlKey: true });
    expect([copied, inputs]).toEqual([["word"], ["\u0003"]]);
  });

  it("has no picture before anything was written", async () => {
    expect([view.preview(200), await view.screenshot()]).toEqual([undefined, undefined]);
    await written("text");
    expect(view.preview(200)).toBeInstanceOf(HTMLCanvasElement);
  });

  it("waits before it starts WebGL, and does not when it is hidden or gone by then", () => {
    vi.useFakeTimers();
    try {
      view.setVisible(true);
      expect(vi.getTimerCount()).toBeGreaterThan(0);
      const waiting = vi.getTimerCount();
      view.setVisible(false);
      expect(vi.getTimerCount()).toBe(waiting - 1);
      view.setVisible(true);
      view.dispose();
      expect([vi.getTimerCount() < waiting, view.element.isConnected]).toEqual([true, false]);
    } finally {
      vi.useRealTimers();
    }
  });
});
