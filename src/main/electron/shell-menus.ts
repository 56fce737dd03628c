import type { GuestSnapshot } from "../../shared/contracts/inventory.ts";
import type { GuestId } from "../../shared/contracts/ids.ts";
import type { MenuItem } from "./facade.ts";

/** More would not fit on a screen; the window has all of them. */
export const MAX_TRAY_GUESTS = 24;

export interface MenuActions {
  readonly showWindow: () => void;
  readonly showGuest: (guestId: GuestId) => void;
  readonly toggleFullScreen: () => void;
  readonly quit: () => void;
}

/** Guests that run come first, then by name; the state is said in words, because a menu has no colours. */
export function trayMenu(guests: readonly GuestSnapshot[], actions: MenuActions): MenuItem[] {
  const inOrder = [...guests].sort(
    (a, b) => Number(b.state === "running") - Number(a.state === "running") || a.name.localeCompare(b.name),
  );
  const shown: MenuItem[] = inOrder.slice(0, MAX_TRAY_GUESTS).map((guest) => ({
    kind: "action",
    label: guest.state === "running" ? guest.name : `${guest.name} (${guest.state})`,
    act: () => actions.showGuest(guest.id),
  }));
  const restCount = inOrder.length - shown.length;
  if (restCount > 0) shown.push({ kind: "action", label: `${restCount} more …`, act: actions.showWindow });
  if (shown.length === 0)
    shown.push({ kind: "action", label: "No guests found", isEnabled: false, act: actions.showWindow });
  return [
    { kind: "action", label: "Show Switchyard", act: actions.showWindow },
    { kind: "separator" },
    ...shown,
    { kind: "separator" },
    { kind: "action", label: "Quit", act: actions.quit },
  ];
}

/**
 * Only macOS has a menu bar of its own. Elsewhere there is none: its accelerators, and Alt that opens it, would be taken
 * from the guest. No item here has a shortcut that a guest could want, but those that macOS keeps for itself.
 */
export function applicationMenu(platform: NodeJS.Platform, actions: MenuActions): MenuItem[] | undefined {
  if (platform !== "darwin") return undefined;
  const role = (name: Extract<MenuItem, { kind: "role" }>["role"]): MenuItem => ({ kind: "role", role: name });
  return [
    {
      kind: "submenu",
      label: "Switchyard",
      items: [
        role("about"),
        { kind: "separator" },
        role("hide"),
        role("hideOthers"),
        role("unhide"),
        { kind: "separator" },
        role("quit"),
      ],
    },
    { kind: "submenu", label: "Edit", items: [role("copy"), role("paste"), role("selectAll")] },
    {
      kind: "submenu",
      label: "Window",
      items: [
        role("minimize"),
        role("zoom"),
        { kind: "action", label: "Full Screen", act: actions.toggleFullScreen },
        { kind: "action", label: "Show Switchyard", act: actions.showWindow },
      ],
    },
  ];
}
