import { ERROR_TEXTS, type Hop } from "../../shared/errors/error-codes.ts";
import type { ErrorReport } from "../../shared/contracts/error-report.ts";
import type { ConsoleProtocol } from "../../shared/contracts/inventory.ts";
import type { SlotState } from "../sessions/console-slot.ts";
import type { Tab } from "./state.ts";

/** How a console's state is said and coloured, the same in tabs, status line and switch display. */

export function slotTone(state: SlotState): "running" | "paused" | "failed" | "off" {
  switch (state.phase) {
    case "live":
      return "running";
    case "connecting":
    case "waiting-for-picture":
    case "reconnecting":
      return "paused";
    case "suspended":
      return "off";
    case "failed":
      return "failed";
  }
}

export function slotWord(state: SlotState): string {
  switch (state.phase) {
    case "live":
      return "live";
    case "connecting":
      return "connecting";
    case "waiting-for-picture":
      return "waiting for the picture";
    case "reconnecting":
      return "reconnecting";
    case "suspended":
      return state.error.code === "NOT_FOUND" ? "not there" : "off";
    case "failed":
      return "failed";
  }
}

const PROTOCOL_WORDS: Readonly<Record<ConsoleProtocol, string>> = {
  vnc: "VNC",
  spice: "SPICE",
  serial: "serial",
  rdp: "RDP",
  tn3270: "3270",
};

export function protocolWord(protocol: ConsoleProtocol): string {
  return PROTOCOL_WORDS[protocol];
}

const HOP_WORDS: Readonly<Record<Hop, string>> = {
  resolve: "finding the address",
  connect: "connecting",
  ssh: "SSH",
  tls: "TLS",
  login: "logging in",
  ticket: "opening the console",
  protocol: "talking to the display",
  "first-frame": "waiting for the picture",
  inventory: "asking the host",
  settings: "settings",
  app: "Switchyard",
};

/** Where on the way it failed, in words. */
export function hopWord(error: ErrorReport): string {
  return HOP_WORDS[ERROR_TEXTS[error.code].hop];
}

/** What a tab is called: its guest, and which console where two tabs show the same guest. */
export function tabTitle(tab: Tab, tabs: readonly Tab[]): string {
  if (tab.portName !== undefined) return `${tab.guestName} · ${tab.portName}`;
  if (tab.screenIndex !== undefined) return `${tab.guestName} · screen ${tab.screenIndex + 1}`;
  const isAlone = !tabs.some((other) => other.id !== tab.id && other.guestId === tab.guestId);
  return isAlone ? tab.guestName : `${tab.guestName} · ${protocolWord(tab.protocol)}`;
}

/** The key that shows the n-th tab (from 0): 1 to 9, then 0; none after. */
export function tabKey(index: number): string | undefined {
  if (index < 9) return String(index + 1);
  return index === 9 ? "0" : undefined;
}

/** The id of a tab's element in the page; the console's panel is labelled by it. */
export function tabElementId(tab: { readonly id: string }): string {
  return `tab-${tab.id}`;
}

export const CONSOLE_PANEL_ELEMENT_ID = "console-panel";
