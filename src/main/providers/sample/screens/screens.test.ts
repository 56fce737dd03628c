import { describe, expect, it } from "vitest";
import { BootScreen } from "./boot-screen.ts";
import { SketchPad } from "./sketch-pad.ts";
import { TelemetryScreen } from "./telemetry-screen.ts";
import { YardScreen } from "./yard-screen.ts";

const START_MS = Date.UTC(2026, 10, 23, 12, 0, 0);

/** Pixels in which two pictures differ. */
function difference(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) count += 1;
  return count;
}

describe("moving sample screens", () => {
  it("show after many small steps what a fresh one shows at that moment", () => {
    for (const create of [(ms: number) => new YardScreen(ms), (ms: number) => new TelemetryScreen(ms)]) {
      const moving = create(START_MS);
      for (let ms = 0; ms <= 4000; ms += 100) moving.tick(START_MS + ms);
      const fresh = create(START_MS + 4000);
      expect(difference(moving.canvas.pixels, fresh.canvas.pixels)).toBe(0);
    }
  });

  it("change while time passes", () => {
    const yard = new YardScreen(START_MS);
    const before = yard.canvas.pixels.slice();
    yard.tick(START_MS + 1000);
    expect(difference(before, yard.canvas.pixels)).toBeGreaterThan(500);
  });
});

describe("boot screen", () => {
  it("goes from firmware to text mode and echoes a name at the login", () => {
    const boot = new BootScreen(START_MS);
    expect([boot.canvas.width, boot.canvas.height]).toEqual([640, 480]);
    boot.tick(START_MS + 10_000);
    expect([boot.canvas.width, boot.canvas.height]).toEqual([720, 400]);
    boot.tick(START_MS + 10_100);
    const before = boot.canvas.pixels.slice();
    boot.handleKey({ isDown: true, keysym: 0x61, scanCode: undefined });
    expect(difference(before, boot.canvas.pixels)).toBeGreaterThan(5);
  });
});

describe("sketch pad", () => {
  const type = (pad: SketchPad, ...keysyms: number[]): void => {
    for (const keysym of keysyms) {
      pad.handleKey({ isDown: true, keysym, scanCode: undefined });
      pad.handleKey({ isDown: false, keysym, scanCode: undefined });
    }
  };

  it("echoes keys and takes the last one back", () => {
    const pad = new SketchPad();
    type(pad, 0x68, 0x69, 0x21, 0xff08);
    expect(pad.text).toBe("hi");
  });

  it("copies its text and pastes the viewer's", () => {
    const pad = new SketchPad();
    const copied: string[] = [];
    pad.onClipboardChange((text) => copied.push(text));
    type(pad, 0x68);
    pad.handleKey({ isDown: true, keysym: 0xffe3, scanCode: undefined });
    type(pad, 0x63);
    pad.handleClipboard("ey");
    type(pad, 0x76);
    expect([copied, pad.text]).toEqual([["h"], "hey"]);
  });

  it("draws where the left button is held", () => {
    const pad = new SketchPad();
    const before = pad.canvas.pixels.slice();
    pad.handlePointer({ x: 300, y: 400, buttonMask: 1 });
    pad.handlePointer({ x: 380, y: 400, buttonMask: 1 });
    const at = 400 * pad.canvas.width + 340;
    expect(pad.canvas.pixels[at]).not.toBe(before[at]);
  });

  it("refuses a size that it could not show, and keeps its text at another", () => {
    const pad = new SketchPad();
    type(pad, 0x61);
    expect(pad.requestSize(10, 10)).toBe(false);
    expect(pad.requestSize(1000, 700)).toBe(true);
    expect([pad.canvas.width, pad.canvas.height, pad.text]).toEqual([1000, 700, "a"]);
  });
});
