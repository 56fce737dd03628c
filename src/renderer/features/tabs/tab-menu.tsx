import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import type { Tab } from "../../store/state.ts";
import type { MenuEntry } from "../../ui/menu-entry.tsx";

export interface TabPlace {
  readonly index: number;
  readonly tabCount: number;
  readonly onMove: (toIndex: number) => void;
}

/** What can be done with one tab. */
export function useTabMenu(tab: Tab, { index, tabCount, onMove }: TabPlace): readonly MenuEntry[] {
  const commands = useCommands();
  const consoles = useAppStore((state) => state.guestById.get(tab.guestId)?.consoles);
  const hasClosedTab = useAppStore((state) => state.closedTabs.length > 0);
  const others = (consoles ?? []).filter((console) => console.id !== tab.consoleId);

  return [
    {
      kind: "act",
      label: tab.isPinned ? "Unpin" : "Pin",
      onSelect: () => {
        actions.pinTab(tab.id, !tab.isPinned);
      },
    },
    {
      kind: "act",
      label: "Move left",
      shortcut: "Ctrl Shift ←",
      isDisabled: index === 0,
      onSelect: () => {
        onMove(index - 1);
      },
    },
    {
      kind: "act",
      label: "Move right",
      shortcut: "Ctrl Shift →",
      isDisabled: index === tabCount - 1,
      onSelect: () => {
        onMove(index + 1);
      },
    },
    {
      kind: "act",
      label: "Move to its own window",
      onSelect: () => {
        commands.moveToOwnWindow(tab.id);
      },
    },
    { kind: "separator" },
    ...others.map((console): MenuEntry => ({
      kind: "act",
      label: `Open ${console.label}`,
      isDisabled: console.unavailable !== undefined,
      onSelect: () => {
        commands.chooseConsole(tab.id, console.id);
      },
    })),
    {
      kind: "act",
      label: "Reconnect",
      onSelect: () => {
        commands.retry(tab.id);
      },
    },
    { kind: "separator" },
    {
      kind: "act",
      label: "Close",
      shortcut: "Delete",
      onSelect: () => {
        commands.closeTab(tab.id);
      },
    },
    {
      kind: "act",
      label: "Close the others",
      isDisabled: tabCount < 2,
      onSelect: () => {
        commands.closeOtherTabs(tab.id);
      },
    },
    {
      kind: "act",
      label: "Reopen closed",
      isDisabled: !hasClosedTab,
      onSelect: () => {
        commands.reopenTab();
      },
    },
  ];
}
