// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import type { GuestId } from "../../shared/contracts/ids.ts";
import { DEFAULT_SETTINGS } from "../../shared/contracts/settings.ts";
import { createFakeParts, fakeGuest, FAKE_HOST, withGuests } from "./app-fakes.ts";
import { connectEvents } from "./host-events.ts";
import { createTabCommands } from "./tab-commands.ts";

const WEB = fakeGuest("web");
const OTHER = fakeGuest("other");

describe("events of the host process", () => {
  it("bring inventory, settings, questions and the link into the store", () => {
    const parts = createFakeParts();
    const connected = connectEvents(parts, { openGuest: () => undefined });
    parts.api.fire({
      name: "inventory",
      change: { kind: "reset", hosts: [], guests: [WEB], findings: [] },
    });
    parts.api.fire({ name: "settings", settings: { ...DEFAULT_SETTINGS, theme: "light" } });
    parts.api.setLink("lost");
    const { guestById, settings, link } = parts.store.getState();
    expect([[...guestById.keys()], settings.theme, link]).toEqual([[WEB.id], "light", "lost"]);
    connected.dispose();
    parts.api.setLink("up");
    expect(parts.store.getState().link).toBe("lost");
  });

  it("tell a console that its guest runs again, and no console of what does not concern it", () => {
    const parts = createFakeParts(withGuests({ ...WEB, state: "off" }, OTHER));
    createTabCommands(parts).openGuest(WEB.id);
    connectEvents(parts, { openGuest: () => undefined });
    parts.api.fire({
      name: "inventory",
      change: { kind: "guests", hostId: FAKE_HOST, changed: [WEB, { ...OTHER, state: "off" }], removed: [] },
    });
    parts.api.fire({
      name: "inventory",
      change: { kind: "guests", hostId: FAKE_HOST, changed: [], removed: [WEB.id, OTHER.id] },
    });
    expect(parts.slots.guestStates).toEqual([
      [WEB.id, "running"],
      [WEB.id, undefined],
    ]);
  });

  it("open the guest that the shell asks for", () => {
    const parts = createFakeParts(withGuests(WEB));
    const asked: GuestId[] = [];
    connectEvents(parts, { openGuest: (guestId) => asked.push(guestId) });
    parts.api.fire({ name: "show-guest", guestId: WEB.id });
    expect(asked).toEqual([WEB.id]);
  });

  it("bring a console's state into its tab", () => {
    const parts = createFakeParts(withGuests(WEB));
    createTabCommands(parts).openGuest(WEB.id);
    connectEvents(parts, { openGuest: () => undefined });
    const tabId = parts.store.getState().activeTabId!;
    parts.slots.fire({ kind: "state", tabId, state: { phase: "live" } });
    expect(parts.store.getState().tabs[0]?.state).toEqual({ phase: "live" });
  });
});
