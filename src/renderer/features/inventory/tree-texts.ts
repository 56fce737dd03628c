import type { GuestSnapshot, GuestState, HostSnapshot } from "../../../shared/contracts/inventory.ts";
import { ERROR_TEXTS } from "../../../shared/errors/error-codes.ts";
import type { Tab } from "../../store/state.ts";
import type { DotTone } from "../../ui/dot.tsx";

/** The words of the tree, in one place. */

export const STATE_WORDS: Readonly<Record<GuestState, string>> = {
  running: "running",
  paused: "paused",
  suspended: "suspended",
  off: "off",
  crashed: "crashed",
  unknown: "state unknown",
};

/** A guest's open tab, as far as the tree tells of it. */
export interface OpenMark {
  readonly isActive: boolean;
  /** Set while its console is not there. */
  readonly trouble: "reconnecting" | "failed" | undefined;
  /** Its place among the tabs, from 1. */
  readonly tabNumber: number;
}

export function openMarks(
  tabs: readonly Tab[],
  activeTabId: Tab["id"] | undefined,
): ReadonlyMap<GuestSnapshot["id"], OpenMark> {
  const marks = new Map<GuestSnapshot["id"], OpenMark>();
  tabs.forEach((tab, index) => {
    const isActive = tab.id === activeTabId;
    if (marks.has(tab.guestId) && !isActive) return;
    const { phase } = tab.state;
    const trouble = phase === "reconnecting" || phase === "failed" ? phase : undefined;
    marks.set(tab.guestId, { isActive, trouble, tabNumber: index + 1 });
  });
  return marks;
}

export function toneOfGuest(guest: GuestSnapshot, mark: OpenMark | undefined): DotTone {
  switch (guest.state) {
    case "running":
      return mark?.trouble === undefined ? "running" : "paused";
    case "paused":
    case "suspended":
      return "paused";
    case "crashed":
      return "failed";
    case "off":
      return "off";
    case "unknown":
      return mark === undefined || mark.trouble !== undefined ? "off" : "running";
  }
}

function protocolsOf(guest: GuestSnapshot): readonly string[] {
  const open = guest.consoles.filter(({ unavailable }) => unavailable === undefined);
  return [...new Set(open.map(({ protocol }) => protocol))];
}

/** The small text at the end of a guest's row. */
export function endTextOfGuest(guest: GuestSnapshot, mark: OpenMark | undefined): string {
  if (guest.state !== "running" && guest.state !== "unknown") return STATE_WORDS[guest.state];
  if (mark?.trouble !== undefined) return mark.trouble;
  const protocols = protocolsOf(guest);
  return protocols.length === 0 ? "no console" : protocols.join(" ");
}

/** What a screen reader says after the guest's name. */
export function descriptionOfGuest(guest: GuestSnapshot, hostLabel: string, mark: OpenMark | undefined): string {
  const protocols = protocolsOf(guest);
  return [
    STATE_WORDS[guest.state],
    guest.title,
    protocols.length === 0 ? "no console" : protocols.join(", "),
    `on ${hostLabel}`,
    mark !== undefined && `open in tab ${mark.tabNumber}${mark.trouble === undefined ? "" : `, ${mark.trouble}`}`,
  ]
    .filter((part) => part !== false && part !== undefined && part !== "")
    .join(", ");
}

const guestsIn = (count: number): string => (count === 0 ? "no guests" : count === 1 ? "1 guest" : `${count} guests`);

/** The small text at the end of a host's row: what it is, or what is wrong. */
export function endTextOfHost(host: HostSnapshot, guestCount: number): string {
  if (host.state.phase === "connecting") return "connecting";
  if (host.state.phase === "failed") {
    const { hop } = ERROR_TEXTS[host.state.error.code];
    if (hop === "resolve" || hop === "connect") return "unreachable";
    return hop === "login" ? "login refused" : "failed";
  }
  if (host.isAddressBook) return String(guestCount);
  const isLocal = /^[a-z]+:\/\/\/[a-z/]+$/.test(host.uri);
  if (isLocal) return host.uri;
  const transport = /^[a-z]+\+([a-z]+):/.exec(host.uri)?.[1];
  // That there are none stands below the host.
  const count = guestCount === 0 ? undefined : guestsIn(guestCount);
  return [transport, count].filter((part) => part !== undefined).join(" · ");
}

export function descriptionOfHost(host: HostSnapshot, guestCount: number): string {
  const state = host.state.phase === "live" ? guestsIn(guestCount) : endTextOfHost(host, guestCount);
  return `${state}, ${host.uri}`;
}
