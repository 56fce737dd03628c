import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_LAYOUT } from "../../shared/contracts/layout.ts";
import { GuestId, type HostId, type ConsoleId, type TabId } from "../../shared/contracts/ids.ts";
import type { GuestSnapshot, HostSnapshot } from "../../shared/contracts/inventory.ts";
import { bindActions, createAppStore, INITIAL_STATE } from "./app-store.ts";
import { applyInventory } from "./actions/inventory.ts";
import { layoutOf, restoreLayout } from "./actions/layout.ts";
import { addNotice, setSidebar, toggleFold } from "./actions/page.ts";
import {
  activateTab,
  closeTab,
  moveTab,
  openTab,
  pinTab,
  reopenTab,
  setSlotState,
  type NewTab,
} from "./actions/tabs.ts";
import type { AppState } from "./state.ts";

const HOST = "host-a" as HostId;

function guest(name: string, hostId: HostId = HOST): GuestSnapshot {
  return {
    id: GuestId.parse(`${hostId}/${name}`),
    hostId,
    name,
    state: "running",
    consoles: [
      { id: "vnc" as ConsoleId, protocol: "vnc", label: "VNC" },
      { id: "serial0" as ConsoleId, protocol: "serial", label: "Serial 0" },
    ],
    actions: [],
    hasScreenshot: false,
  };
}

function host(id: HostId = HOST): HostSnapshot {
  return {
    id,
    kind: "libvirt",
    uri: "test:///",
    label: id,
    state: { phase: "live" },
    origin: "configured",
    isAddressBook: false,
  };
}

function tab(name: string): NewTab {
  return {
    id: name as TabId,
    guestId: guest(name).id,
    consoleId: "vnc" as ConsoleId,
    protocol: "vnc",
    guestName: name,
  };
}

const id = (name: string): TabId => name as TabId;
const names = (state: AppState): string[] => state.tabs.map((each) => each.id);
const withTabs = (...open: string[]): AppState =>
  open.reduce<AppState>((state, name) => openTab(state, tab(name)), INITIAL_STATE);

describe("inventory", () => {
  const reset = applyInventory(INITIAL_STATE, {
    kind: "reset",
    hosts: [host()],
    guests: [guest("web"), guest("mail")],
    findings: [],
  });

  it("takes the whole picture, then changes of single guests", () => {
    const changed = applyInventory(reset, {
      kind: "guests",
      hostId: HOST,
      changed: [{ ...guest("web"), state: "off" }, guest("db")],
      removed: [guest("mail").id],
    });
    expect([...changed.guestById.values()].map((each) => [each.name, each.state])).toEqual([
      ["web", "off"],
      ["db", "running"],
    ]);
    expect(changed.isInventoryLoaded).toBe(true);
  });

  it("drops a host with its guests and leaves the others", () => {
    const other = "host-b" as HostId;
    const two = applyInventory(reset, { kind: "guests", hostId: other, changed: [guest("x", other)], removed: [] });
    const after = applyInventory(two, { kind: "host-removed", hostId: HOST });
    expect([[...after.hostById.keys()], [...after.guestById.keys()]]).toEqual([[], [guest("x", other).id]]);
  });

  it("renames the tab of a renamed guest and keeps the tab of one that went", () => {
    const open = openTab(openTab(reset, tab("web")), tab("mail"));
    const after = applyInventory(open, {
      kind: "guests",
      hostId: HOST,
      changed: [{ ...guest("web"), name: "www" }],
      removed: [guest("mail").id],
    });
    expect(after.tabs.map((each) => each.guestName)).toEqual(["www", "mail"]);
  });

  it("keeps every other guest's object when one among 10,000 changes", () => {
    const guests = Array.from({ length: 10_000 }, (_, index) => guest(`g${index}`));
    const full = applyInventory(INITIAL_STATE, { kind: "reset", hosts: [host()], guests, findings: [] });
    const after = applyInventory(full, { kind: "guests", hostId: HOST, changed: [guest("g7")], removed: [] });
    expect(after.guestById.size).toBe(10_000);
    expect(after.guestById.get(guest("g8").id)).toBe(full.guestById.get(guest("g8").id));
    expect(after.guestById.get(guest("g7").id)).not.toBe(full.guestById.get(guest("g7").id));
  });
});

describe("tabs", () => {
  it("shows a tab that was opened, with the most recently used first", () => {
    const state = activateTab(withTabs("a", "b", "c"), id("a"));
    expect([names(state), state.activeTabId, state.recentTabIds]).toEqual([["a", "b", "c"], "a", ["a", "c", "b"]]);
  });

  it("opens a background tab without showing it", () => {
    const state = openTab(withTabs("a"), tab("b"), { isBackground: true });
    expect([names(state), state.activeTabId]).toEqual([["a", "b"], "a"]);
  });

  it("shows the most recently used of the others when the shown one closes", () => {
    const state = closeTab(activateTab(withTabs("a", "b", "c"), id("a")), id("a"));
    expect([names(state), state.activeTabId, state.closedTabs.map((each) => each.id)]).toEqual([
      ["b", "c"],
      "c",
      ["a"],
    ]);
  });

  it("reopens closed tabs, last closed first", () => {
    const closed = closeTab(closeTab(withTabs("a", "b", "c"), id("a")), id("b"));
    const state = reopenTab(reopenTab(closed, id("b2")), id("a2"));
    expect([names(state), state.activeTabId, state.closedTabs, state.tabs[2]?.guestName]).toEqual([
      ["c", "b2", "a2"],
      "a2",
      [],
      "a",
    ]);
  });

  it("moves a tab to its place, and not out of the pinned ones", () => {
    const state = pinTab(withTabs("a", "b", "c"), id("c"), true);
    expect(names(state)).toEqual(["c", "a", "b"]);
    expect(names(moveTab(state, id("b"), 0))).toEqual(["c", "b", "a"]);
    expect(names(moveTab(state, id("c"), 2))).toEqual(["c", "a", "b"]);
  });

  it("keeps pinned tabs first and every tab once, whatever is done", () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant("open" as const), at: fc.nat(8) }),
      fc.record({ kind: fc.constant("close" as const), at: fc.nat(8) }),
      fc.record({ kind: fc.constant("pin" as const), at: fc.nat(8), is: fc.boolean() }),
      fc.record({ kind: fc.constant("move" as const), at: fc.nat(8), to: fc.integer({ min: -3, max: 20 }) }),
      fc.record({ kind: fc.constant("activate" as const), at: fc.nat(8) }),
      fc.record({ kind: fc.constant("reopen" as const) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: "max" }), (acts) => {
        let state = INITIAL_STATE;
        let serial = 0;
        for (const each of acts) {
          const at = "at" in each ? (state.tabs[each.at]?.id ?? id("none")) : id("none");
          if (each.kind === "open") state = openTab(state, tab(`t${(serial += 1)}`));
          else if (each.kind === "close") state = closeTab(state, at);
          else if (each.kind === "pin") state = pinTab(state, at, each.is);
          else if (each.kind === "move") state = moveTab(state, at, each.to);
          else if (each.kind === "activate") state = activateTab(state, at);
          else state = reopenTab(state, id(`t${(serial += 1)}`));
          const pins = state.tabs.map((open) => open.isPinned);
          expect(pins).toEqual(pins.toSorted((one, other) => Number(other) - Number(one)));
          expect([...state.recentTabIds].sort()).toEqual(names(state).sort());
          expect(state.activeTabId).toBe(state.tabs.length === 0 ? undefined : state.recentTabIds[0]);
        }
      }),
    );
  });

  it("remembers which console of a guest was opened last", () => {
    const state = openTab(withTabs("a"), { ...tab("a"), id: id("a2"), consoleId: "serial0" as ConsoleId });
    expect(state.preferredConsoleByGuest.get(guest("a").id)).toBe("serial0");
  });

  it("ignores what concerns a tab that is gone", () => {
    const state = withTabs("a");
    expect(setSlotState(state, id("gone"), { phase: "live" })).toBe(state);
    expect(closeTab(state, id("gone"))).toBe(state);
    expect(moveTab(state, id("gone"), 0)).toBe(state);
  });
});

describe("layout", () => {
  it("brings back what it saved", () => {
    const before = toggleFold(
      setSidebar(pinTab(activateTab(withTabs("a", "b", "c"), id("a")), id("b"), true), { isOpen: false, widthPx: 300 }),
      "host-a",
    );
    const saved = layoutOf(before);
    const after = restoreLayout(
      INITIAL_STATE,
      saved,
      saved.tabs.map((_, index) => id(`new-${index}`)),
    );
    expect(layoutOf(after)).toEqual(saved);
    expect(after.activeTabId).toBe("new-1");
  });

  it("takes an empty layout for a first start", () => {
    expect(layoutOf(restoreLayout(INITIAL_STATE, EMPTY_LAYOUT, []))).toEqual(EMPTY_LAYOUT);
  });
});

describe("notices", () => {
  it("replaces a notice with the same text and keeps five at most", () => {
    let state = INITIAL_STATE;
    for (let notice = 1; notice <= 7; notice++) {
      state = addNotice(state, { id: notice, tone: "info", text: notice === 6 ? "5" : String(notice) });
    }
    expect(state.notices.map((notice) => notice.id)).toEqual([2, 3, 4, 6, 7]);
  });
});

describe("bound actions", () => {
  it("change the store they are bound to", () => {
    const store = createAppStore();
    bindActions(store).setFilter("web");
    expect(store.getState().filter).toBe("web");
  });
});
