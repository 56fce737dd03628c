import { Copy, FolderPlus, MonitorPlay, Pencil, Power, RefreshCw, Trash2 } from "lucide-react";
import type { GuestSnapshot, HostSnapshot } from "../../../shared/contracts/inventory.ts";
import type { Commands } from "../../store/commands.ts";
import { actions } from "../../store/app-store.ts";
import { isLosingAction, powerActionLabel } from "../../store/power-actions.ts";
import type { MenuEntry } from "../../ui/menu.tsx";
import type { TreeRow } from "./tree-rows.ts";

export interface MenuActs {
  readonly commands: Commands;
  readonly onFold: (id: string) => void;
  readonly onRemoveHost: (host: HostSnapshot) => void;
}

function copy(commands: Commands, text: string): void {
  navigator.clipboard.writeText(text).then(
    () => {
      commands.notify("info", `Copied ${text}`);
    },
    () => {
      commands.notify("error", "The browser did not allow copying");
    },
  );
}

function entriesOfGuest(guest: GuestSnapshot, { commands }: MenuActs): readonly MenuEntry[] {
  const entries: MenuEntry[] = [
    {
      kind: "act",
      label: "Open",
      icon: <MonitorPlay />,
      shortcut: "Enter",
      isDisabled: guest.consoles.length === 0,
      onSelect: () => {
        commands.openGuest(guest.id);
      },
    },
  ];
  if (guest.consoles.length > 0) {
    entries.push({
      kind: "submenu",
      label: "Open console",
      entries: guest.consoles.map((console) => ({
        kind: "act",
        label: console.label,
        isDisabled: console.unavailable !== undefined,
        note: console.unavailable ?? console.protocol,
        onSelect: () => {
          commands.openGuest(guest.id, console.id);
        },
      })),
    });
  }
  if (guest.actions.length > 0) {
    entries.push({ kind: "separator" });
    for (const action of guest.actions) {
      entries.push({
        kind: "act",
        label: powerActionLabel(action),
        ...(action === "start" ? { icon: <Power /> } : {}),
        ...(isLosingAction(action) ? { tone: "danger" } : {}),
        onSelect: () => {
          commands.power(guest.id, action);
        },
      });
    }
  }
  entries.push({ kind: "separator" });
  entries.push({
    kind: "act",
    label: "Copy name",
    icon: <Copy />,
    onSelect: () => {
      copy(commands, guest.name);
    },
  });
  return entries;
}

function entriesOfHost(host: HostSnapshot, isExpanded: boolean, acts: MenuActs): readonly MenuEntry[] {
  const { commands, onFold, onRemoveHost } = acts;
  const entries: MenuEntry[] = [
    {
      kind: "act",
      label: isExpanded ? "Fold" : "Unfold",
      onSelect: () => {
        onFold(host.id);
      },
    },
  ];
  if (host.isAddressBook) {
    entries.push({
      kind: "act",
      label: "Edit entries…",
      icon: <FolderPlus />,
      onSelect: () => {
        actions.setOverlay({ kind: "address-book" });
      },
    });
  } else {
    entries.push({
      kind: "act",
      label: host.state.phase === "failed" ? "Try again" : "Connect anew",
      icon: <RefreshCw />,
      isDisabled: host.state.phase === "connecting",
      onSelect: () => {
        commands.retryHost(host.id);
      },
    });
  }
  entries.push({
    kind: "act",
    label: "Copy address",
    icon: <Copy />,
    onSelect: () => {
      copy(commands, host.uri);
    },
  });
  if (host.origin === "configured") {
    entries.push(
      {
        kind: "act",
        label: "Edit…",
        icon: <Pencil />,
        onSelect: () => {
          actions.setOverlay({ kind: "add-host", uri: host.uri, editHostId: host.id });
        },
      },
      { kind: "separator" },
      {
        kind: "act",
        label: "Remove…",
        icon: <Trash2 />,
        tone: "danger",
        shortcut: "Del",
        onSelect: () => {
          onRemoveHost(host);
        },
      },
    );
  }
  return entries;
}

/** The context menu of a row. */
export function menuOfRow(row: TreeRow | undefined, acts: MenuActs): readonly MenuEntry[] {
  switch (row?.kind) {
    case "guest":
      return entriesOfGuest(row.guest, acts);
    case "host":
      return entriesOfHost(row.host, row.isExpanded, acts);
    case "note":
      return entriesOfHost(row.host, true, acts);
    case "group":
      return [
        {
          kind: "act",
          label: row.isExpanded ? "Fold" : "Unfold",
          onSelect: () => {
            acts.onFold(row.id);
          },
        },
        {
          kind: "act",
          label: "Edit entries…",
          onSelect: () => {
            actions.setOverlay({ kind: "address-book" });
          },
        },
      ];
    case undefined:
      return [];
  }
}
