import { describe, expect, it } from "vitest";
import type { GuestSnapshot } from "../../../shared/contracts/inventory.ts";
import { ConsoleId, GuestId, HostId, TabId } from "../../../shared/contracts/ids.ts";
import type { Commands } from "../../store/commands.ts";
import type { Tab } from "../../store/state.ts";
import { actEntries, guestEntries, parseQuery, searchPalette, type PaletteEntry } from "./palette-entries.ts";

const hostId = HostId.parse("rack-a");

function guest(name: string, part: Partial<GuestSnapshot> = {}): GuestSnapshot {
  return {
    id: GuestId.parse(`rack-a/${name}`),
    hostId,
    name,
    state: "running",
    consoles: [{ id: ConsoleId.parse("vnc"), protocol: "vnc", label: "VNC" }],
    actions: [],
    hasScreenshot: false,
    ...part,
  };
}

function tabOf({ id, name }: GuestSnapshot): Tab {
  return {
    id: TabId.parse(`tab-${name}`),
    guestId: id,
    consoleId: ConsoleId.parse("vnc"),
    protocol: "vnc",
    guestName: name,
    isPinned: false,
    state: { phase: "live" },
    facts: undefined,
    scaling: "fit",
    isViewOnly: false,
  };
}

const WEB = guest("web");
const MAIL = guest("Mail 10", { consoles: [{ id: ConsoleId.parse("s0"), protocol: "serial", label: "Serial 0" }] });
const MAIL_2 = guest("mail 2");
const DARK = guest("archive", { state: "off", title: "old letters" });

function inventory(...tabs: Tab[]) {
  return {
    guestById: new Map([WEB, MAIL, MAIL_2, DARK].map((each) => [each.id, each])),
    hostById: new Map([
      [
        hostId,
        {
          id: hostId,
          kind: "libvirt",
          uri: "qemu+ssh://rack-a/system",
          label: "Rack A",
          state: { phase: "live" as const },
          origin: "configured" as const,
          isAddressBook: false,
        },
      ],
    ]),
    tabs,
    recentTabIds: tabs.map(({ id }) => id),
    activeTabId: tabs[0]?.id,
  };
}

const labelsOf = (entries: readonly PaletteEntry[]): string[] =>
  entries.map((entry) => (entry.kind === "guest" ? entry.guest.name : entry.label));

const ACTS = actEntries({
  commands: {} as Commands,
  state: { tabs: [], activeTabId: undefined, isSidebarOpen: true, closedTabs: [] },
  setOverlay: () => undefined,
  setSidebar: () => undefined,
});

const search = (text: string, ...tabs: Tab[]): string[] =>
  labelsOf(searchPalette(guestEntries(inventory(...tabs)), ACTS, parseQuery(text)));

describe("palette", () => {
  it("lists the guests shown lately first, the shown one after them, then those that run, by name", () => {
    const tabs = [tabOf(MAIL), tabOf(DARK)];
    expect(search("", ...tabs).slice(0, 4)).toEqual(["archive", "Mail 10", "mail 2", "web"]);
    expect(search("").slice(0, 4)).toEqual(["mail 2", "Mail 10", "web", "archive"]);
  });

  it("finds a guest by host, title, state and kind of console too", () => {
    expect(search("rack serial")).toEqual(["Mail 10"]);
    expect(search("letters")).toEqual(["archive"]);
    expect(search("web rack")).toEqual(["web"]);
  });

  it("puts guests before commands, and lists commands alone after >", () => {
    expect(search("a")[0]).toBe("archive");
    expect(search("a")).toContain("Add a host…");
    expect(search("> host")).toEqual(["Add a host…"]);
  });

  it("says in which tab a guest is open", () => {
    const entries = guestEntries(inventory(tabOf(MAIL), tabOf(WEB)));
    expect(entries.map(({ guest: { name }, tabNumber }) => [name, tabNumber])).toEqual([
      ["archive", undefined],
      ["mail 2", undefined],
      ["Mail 10", 1],
      ["web", 2],
    ]);
  });

  it("offers what needs a console only while one is shown", () => {
    const withTab = actEntries({
      commands: {} as Commands,
      state: { tabs: [tabOf(WEB)], activeTabId: tabOf(WEB).id, isSidebarOpen: true, closedTabs: [] },
      setOverlay: () => undefined,
      setSidebar: () => undefined,
    });
    expect(labelsOf(withTab)).toContain("Type text…");
    expect(labelsOf(ACTS)).not.toContain("Type text…");
  });
});
