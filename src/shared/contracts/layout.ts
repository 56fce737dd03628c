import { z } from "zod";
import { ConsoleId, GuestId } from "./ids.ts";
import { ConsoleProtocol } from "./inventory.ts";

/** What comes back after a restart; `state.json` in the configuration folder. Plain places and choices, no secret. */
export const LAYOUT_VERSION = 1;

export const SavedTab = z.object({
  guestId: GuestId,
  consoleId: ConsoleId,
  /** Shown until the guest is found again. */
  guestName: z.string().max(1024),
  /** As last known, so that the tab can wait for its guest as the right kind of console. */
  protocol: ConsoleProtocol.optional(),
  isPinned: z.boolean().default(false),
  /** Which of the guest's screens, counted from 0, where it has several. */
  screenIndex: z.number().int().min(1).max(63).optional(),
  /** A text console of a SPICE guest, by its port's name. */
  portName: z.string().min(1).max(1024).optional(),
});
export type SavedTab = z.infer<typeof SavedTab>;

export const Layout = z.object({
  version: z.literal(LAYOUT_VERSION).default(LAYOUT_VERSION),
  tabs: z.array(SavedTab).max(500).default([]),
  activeTabIndex: z.number().int().min(-1).default(-1),
  sidebar: z
    .object({ isOpen: z.boolean().default(true), widthPx: z.number().min(160).max(600).default(264) })
    .prefault({}),
  /** Hosts and groups folded in the tree, by their tree ids. */
  folded: z.array(z.string().max(1024)).max(10_000).default([]),
  /** Which console of a guest was chosen last. */
  preferredConsoles: z.record(z.string(), ConsoleId).default({}),
  /** Scaling, view-only… chosen for one guest's console: by `guestId`. */
  isFirstRunDone: z.boolean().default(false),
});
export type Layout = z.infer<typeof Layout>;

export const EMPTY_LAYOUT: Layout = Layout.parse({});
