import { useCallback, useState, useSyncExternalStore } from "react";
import { DropdownMenu } from "radix-ui";
import { Keyboard } from "lucide-react";
import type { GuestKey } from "../../sessions/session.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands, useSlots } from "../../store/commands-context.ts";
import { activeTabOf } from "../../store/selectors.ts";
import type { Tab } from "../../store/state.ts";
import { useActAfterClose } from "../../ui/act-after-close.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { MenuEntries, type MenuEntry } from "../../ui/menu-entry.tsx";
import {
  COMMON_COMBINATIONS,
  CONSOLE_COMBINATIONS,
  FUNCTION_KEYS,
  HOLDABLE_MODIFIERS,
  LEADER_KEYS,
  SYS_RQ_COMBINATIONS,
  type KeyCombination,
} from "./key-combinations.ts";

/** The button's id in the page: a click on it from elsewhere (a hotkey) opens the menu. */
export const SPECIAL_KEYS_ELEMENT_ID = "special-keys";

/** The keys that do not get through by themselves, and modifiers to be kept down. */
export function SpecialKeysMenu() {
  const tab = useAppStore(activeTabOf);
  if (tab === undefined) return null;
  // What is held is held in this tab's guest; another tab starts with nothing held.
  return <TabSpecialKeysMenu key={tab.id} tab={tab} />;
}

function TabSpecialKeysMenu({ tab }: { readonly tab: Tab }) {
  const [isOpen, setOpen] = useState(false);
  const commands = useCommands();
  const { later, runNow } = useActAfterClose();
  const { heldLabels, toggleHeld, releaseAll } = useHeldModifiers(tab);
  const isUsable = tab.state.phase === "live" && !tab.isViewOnly;

  const entryOf = ({ label, note, keys }: KeyCombination): MenuEntry => ({
    kind: "act",
    label,
    ...(note === undefined ? {} : { note }),
    onSelect: () => {
      commands.sendKeys(tab.id, keys);
    },
  });

  const entries: MenuEntry[] = [
    ...COMMON_COMBINATIONS.map(entryOf),
    { kind: "separator" },
    { kind: "submenu", label: "Ctrl+Alt+F1 … F12", entries: CONSOLE_COMBINATIONS.map(entryOf) },
    { kind: "submenu", label: "F1 … F12", entries: FUNCTION_KEYS.map(entryOf) },
    { kind: "submenu", label: "SysRq", entries: SYS_RQ_COMBINATIONS.map(entryOf) },
    { kind: "submenu", label: "Keys that are hotkeys here", entries: LEADER_KEYS.map(entryOf) },
    { kind: "separator" },
    { kind: "heading", label: "Keep down" },
    ...HOLDABLE_MODIFIERS.map(({ label, key }): MenuEntry => ({
      kind: "check",
      label,
      isChecked: heldLabels.includes(label),
      onSelect: () => {
        toggleHeld(key);
      },
    })),
    { kind: "act", label: "Release all keys", onSelect: releaseAll },
  ];

  return (
    <DropdownMenu.Root modal={false} open={isOpen && isUsable} onOpenChange={setOpen}>
      <DropdownMenu.Trigger asChild>
        <IconButton
          id={SPECIAL_KEYS_ELEMENT_ID}
          label={heldLabels.length === 0 ? "Special keys" : `Special keys; down: ${heldLabels.join(", ")}`}
          isPressed={heldLabels.length > 0}
          disabled={!isUsable}
          // The menu opens at the pointer's down; a click without a pointer is one that a hotkey made.
          onClick={(event) => {
            if (event.detail === 0) setOpen(true);
          }}
        >
          <Keyboard />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="ui-menu"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          loop
          onCloseAutoFocus={(event) => {
            // Back to the guest, not to the button: whoever sends keys goes on typing there.
            event.preventDefault();
            commands.focusConsole();
            runNow();
          }}
        >
          <MenuEntries parts={DropdownMenu} entries={entries} onAct={later} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface HeldModifiers {
  readonly heldLabels: readonly string[];
  readonly toggleHeld: (key: GuestKey) => void;
  readonly releaseAll: () => void;
}

/** The modifiers that are kept down in the tab's guest, as its session has them: a hotkey or a lost connection lets go of them too. */
function useHeldModifiers(tab: Tab): HeldModifiers {
  const slots = useSlots();
  const session = slots.get(tab.id)?.session;
  const subscribe = useCallback(
    (handleChange: () => void) => {
      const listening = session?.onHeldKeysChange(handleChange);
      return () => listening?.dispose();
    },
    [session],
  );
  // One text, so that keys which are none of these change nothing.
  const held = useSyncExternalStore(subscribe, () =>
    HOLDABLE_MODIFIERS.filter(({ key }) => session?.isKeyHeld(key.code) === true)
      .map(({ label }) => label)
      .join(" "),
  );
  return {
    heldLabels: held === "" ? [] : held.split(" "),
    toggleHeld: (key) => session?.sendKey(key, !session.isKeyHeld(key.code)),
    releaseAll: () => session?.releaseKeys(),
  };
}
