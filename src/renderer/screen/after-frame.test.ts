// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { afterFrame } from "./after-frame.ts";

describe("afterFrame", () => {
  let frames: FrameRequestCallback[];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    frames = [];
    vi.stubGlobal("requestAnimationFrame", (callback: FrameRequestCallback) => frames.push(callback));
    vi.stubGlobal("cancelAnimationFrame", (id: number) => {
      frames[id - 1] = () => undefined;
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  const drawFrame = (): void => {
    for (const frame of frames.splice(0)) frame(0);
  };

  it("acts once, after the frame and not in it", () => {
    const act = vi.fn();
    afterFrame(act);
    vi.advanceTimersByTime(20);
    expect(act).toHaveBeenCalledTimes(0);
    drawFrame();
    expect(act).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(0);
    expect(act).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    drawFrame();
    expect([act.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("acts also in a page that gets no frames", () => {
    const act = vi.fn();
    afterFrame(act);
    vi.advanceTimersByTime(100);
    expect(act).toHaveBeenCalledTimes(1);
    drawFrame();
    vi.advanceTimersByTime(100);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it("does nothing once it is disposed", () => {
    const act = vi.fn();
    const waiting = afterFrame(act);
    waiting.dispose();
    drawFrame();
    vi.advanceTimersByTime(1000);
    expect([act.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
