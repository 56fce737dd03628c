// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import type { DesktopApi, DesktopEvent } from "../../shared/contracts/desktop.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { createFakeParts } from "./app-fakes.ts";
import { createFullScreen } from "./full-screen.ts";

// jsdom has no full screen.
Object.defineProperty(document, "fullscreenElement", { value: null });

/** A shell whose window does as it is told. */
function createFakeDesktop(): { desktop: DesktopApi; events: Emitter<DesktopEvent> } {
  const events = new Emitter<DesktopEvent>();
  const desktop: DesktopApi = {
    platform: "linux",
    setFullScreen: (isFullScreen) => {
      events.fire({ name: "fullScreenChanged", isFullScreen });
      return Promise.resolve();
    },
    setGlobalShortcuts: () => Promise.resolve([]),
    quit: () => Promise.resolve(),
    onEvent: (listener) => {
      const listening = events.event(listener);
      return () => {
        listening.dispose();
      };
    },
  };
  return { desktop, events };
}

describe("full screen under the desktop shell", () => {
  it("is the window's own, there and back", () => {
    const parts = createFakeParts();
    const fullScreen = createFullScreen(parts, createFakeDesktop().desktop);
    fullScreen.toggle();
    expect(parts.store.getState().isFullScreen).toBe(true);
    fullScreen.toggle();
    expect(parts.store.getState().isFullScreen).toBe(false);
  });

  it("follows the window's menu, until it is disposed", () => {
    const parts = createFakeParts();
    const { desktop, events } = createFakeDesktop();
    const fullScreen = createFullScreen(parts, desktop);
    events.fire({ name: "fullScreenChanged", isFullScreen: true });
    expect(parts.store.getState().isFullScreen).toBe(true);
    fullScreen.dispose();
    events.fire({ name: "fullScreenChanged", isFullScreen: false });
    expect(parts.store.getState().isFullScreen).toBe(true);
  });
});
