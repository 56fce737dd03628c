import type { GuestSnapshot, GuestState } from "../../../shared/contracts/inventory.ts";
import type { Commands } from "../../store/commands.ts";
import { protocolWord } from "../../store/slot-words.ts";
import type { AppState } from "../../store/state.ts";
import type { DotTone } from "../../ui/dot.tsx";
import { rank, type Rankable } from "./rank.ts";

/** What the palette lists. */
export type PaletteEntry = GuestEntry | ActEntry;

export interface GuestEntry extends Rankable {
  readonly kind: "guest";
  readonly guest: GuestSnapshot;
  readonly hostLabel: string;
  readonly tone: DotTone;
  readonly stateWord: string;
  readonly consoles: string;
  /** Its place among the tabs, from 1, where it is open. */
  readonly tabNumber: number | undefined;
}

export interface ActEntry extends Rankable {
  readonly kind: "act";
  readonly label: string;
  /** After the leader. */
  readonly leaderKey: string | undefined;
  readonly run: () => void;
}

const STATE_WORDS: Readonly<Record<GuestState, string>> = {
  running: "running",
  paused: "paused",
  suspended: "suspended",
  off: "off",
  crashed: "crashed",
  unknown: "",
};

const STATE_TONES: Readonly<Record<GuestState, DotTone>> = {
  running: "running",
  paused: "paused",
  suspended: "paused",
  off: "off",
  crashed: "failed",
  unknown: "off",
};

/** Guests that were shown lately come first, then open ones, then running ones; the one that is shown now comes after them. */
const RECENT_BONUS = 60;
const OPEN_BONUS = 30;
const RUNNING_BONUS = 20;

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

type Inventory = Pick<AppState, "guestById" | "hostById" | "tabs" | "recentTabIds" | "activeTabId">;

/** All guests, by name. Costs a sort, so once for each change of the inventory, not for each letter typed. */
export function guestEntries({ guestById, hostById, tabs, recentTabIds, activeTabId }: Inventory): GuestEntry[] {
  const openByGuest = new Map<GuestSnapshot["id"], { readonly number: number; readonly bonus: number }>();
  tabs.forEach((tab, index) => {
    const recency = recentTabIds.indexOf(tab.id);
    const isShown = tab.id === activeTabId;
    const bonus = isShown ? OPEN_BONUS : OPEN_BONUS + Math.max(0, RECENT_BONUS - Math.max(0, recency));
    const known = openByGuest.get(tab.guestId);
    if (known === undefined || bonus > known.bonus) openByGuest.set(tab.guestId, { number: index + 1, bonus });
  });
  return Array.from(guestById.values(), (guest): GuestEntry => {
    const hostLabel = hostById.get(guest.hostId)?.label ?? "";
    const open = openByGuest.get(guest.id);
    const available = guest.consoles.filter(({ unavailable }) => unavailable === undefined);
    const consoles = [...new Set(available.map(({ protocol }) => protocolWord(protocol).toLowerCase()))].join(" ");
    const stateWord = STATE_WORDS[guest.state];
    return {
      kind: "guest",
      guest,
      hostLabel,
      tone: STATE_TONES[guest.state],
      stateWord,
      consoles,
      tabNumber: open?.number,
      name: guest.name.toLowerCase(),
      details: [hostLabel, guest.title, guest.group, stateWord, consoles].join(" ").toLowerCase(),
      bonus: (open?.bonus ?? 0) + (guest.state === "running" ? RUNNING_BONUS : 0),
    };
  }).sort((a, b) => byName.compare(a.guest.name, b.guest.name));
}

interface ActDescription {
  readonly label: string;
  /** Other words for it. */
  readonly words?: string;
  readonly leaderKey?: string;
  readonly run: () => void;
}

export interface ActContext {
  readonly commands: Commands;
  readonly state: Pick<AppState, "tabs" | "activeTabId" | "isSidebarOpen" | "closedTabs">;
  readonly setOverlay: (overlay: AppState["overlay"]) => void;
  readonly setSidebar: (change: { isOpen: boolean }) => void;
}

/** What can be done now, by name. */
export function actEntries({ commands, state, setOverlay, setSidebar }: ActContext): ActEntry[] {
  const tab = state.tabs.find(({ id }) => id === state.activeTabId);
  const ofTab: ActDescription[] =
    tab === undefined
      ? []
      : [
          {
            label: "Type text…",
            words: "paste clipboard keystrokes",
            leaderKey: "T",
            run: () => {
              setOverlay({ kind: "type-text", tabId: tab.id });
            },
          },
          {
            label: "Save a screenshot",
            words: "picture png",
            run: () => {
              commands.saveScreenshot(tab.id);
            },
          },
          {
            label: tab.isViewOnly ? "Control the guest again" : "View only",
            run: () => {
              commands.setViewOnly(tab.id, !tab.isViewOnly);
            },
          },
          {
            label: "Reconnect now",
            words: "retry",
            run: () => {
              commands.retry(tab.id);
            },
          },
          {
            label: "Move to a window of its own",
            words: "detach pop out",
            run: () => {
              commands.moveToOwnWindow(tab.id);
            },
          },
          {
            label: "Close tab",
            leaderKey: "W",
            run: () => {
              commands.closeTab(tab.id);
            },
          },
          { label: "Last guest", words: "back previous", leaderKey: "L", run: commands.lastTab },
          { label: "Auto-scan", words: "cycle tour", leaderKey: "S", run: commands.startScan },
        ];
  const always: ActDescription[] = [
    { label: "Full screen", leaderKey: "F", run: commands.toggleFullScreen },
    {
      label: state.isSidebarOpen ? "Hide the guest list" : "Show the guest list",
      words: "sidebar tree",
      leaderKey: "B",
      run: () => {
        setSidebar({ isOpen: !state.isSidebarOpen });
      },
    },
    ...(state.closedTabs.length > 0 ? [{ label: "Reopen closed tab", run: commands.reopenTab }] : []),
    {
      label: "Add a host…",
      words: "connect hypervisor",
      run: () => {
        setOverlay({ kind: "add-host" });
      },
    },
    {
      label: "Address book…",
      run: () => {
        setOverlay({ kind: "address-book" });
      },
    },
    {
      label: "Settings…",
      words: "preferences options theme",
      run: () => {
        setOverlay({ kind: "settings" });
      },
    },
    {
      label: "Hotkeys…",
      words: "help keyboard shortcuts",
      leaderKey: "?",
      run: () => {
        setOverlay({ kind: "help" });
      },
    },
  ];
  return [...ofTab, ...always].map(({ label, words = "", leaderKey, run }) => ({
    kind: "act",
    label,
    leaderKey,
    run,
    name: label.toLowerCase(),
    details: words,
    bonus: 0,
  }));
}

/** A ">" in front asks for acts alone. */
const ACTS_ONLY_PREFIX = ">";

export interface PaletteQuery {
  readonly words: string;
  readonly isActsOnly: boolean;
}

export function parseQuery(text: string): PaletteQuery {
  const isActsOnly = text.startsWith(ACTS_ONLY_PREFIX);
  return { words: isActsOnly ? text.slice(ACTS_ONLY_PREFIX.length) : text, isActsOnly };
}

/** Guests first: jumping to one is what the palette is for. */
export function searchPalette(
  guests: readonly GuestEntry[],
  acts: readonly ActEntry[],
  { words, isActsOnly }: PaletteQuery,
): PaletteEntry[] {
  if (isActsOnly) return rank(acts, words);
  return [...rank(guests, words), ...rank(acts, words)];
}
