import type { ReactNode } from "react";
import { ContextMenu as Primitive } from "radix-ui";
import { useActAfterClose } from "./act-after-close.ts";
import { MenuEntries, type MenuEntry } from "./menu-entry.tsx";

export interface ContextMenuProps {
  /** One element; a right click, the menu key or Shift+F10 in it opens the menu. */
  readonly children: ReactNode;
  readonly entries: readonly MenuEntry[];
  readonly onOpenChange?: (isOpen: boolean) => void;
}

/** A menu that opens where the pointer or the focus is. With no entries there is no menu. */
export function ContextMenu({ children, entries, onOpenChange }: ContextMenuProps) {
  const { later, runNow } = useActAfterClose();
  return (
    <Primitive.Root modal={false} {...(onOpenChange === undefined ? {} : { onOpenChange })}>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      {entries.length > 0 && (
        <Primitive.Portal>
          <Primitive.Content className="ui-menu" collisionPadding={8} loop onCloseAutoFocus={runNow}>
            <MenuEntries parts={Primitive} entries={entries} onAct={later} />
          </Primitive.Content>
        </Primitive.Portal>
      )}
    </Primitive.Root>
  );
}
