import type { ReactNode } from "react";
import { DropdownMenu as Primitive } from "radix-ui";
import { useActAfterClose } from "./act-after-close.ts";
import { MenuEntries, type MenuEntry } from "./menu-entry.tsx";

export { type MenuEntry } from "./menu-entry.tsx";

export interface MenuProps {
  /** One button. */
  readonly trigger: ReactNode;
  readonly entries: readonly MenuEntry[];
  readonly side?: "top" | "right" | "bottom" | "left";
  readonly align?: "start" | "center" | "end";
  readonly onOpenChange?: (isOpen: boolean) => void;
}

/** A menu that hangs from a button. */
export function Menu({ trigger, entries, side = "bottom", align = "start", onOpenChange }: MenuProps) {
  const { later, runNow } = useActAfterClose();
  return (
    <Primitive.Root modal={false} {...(onOpenChange === undefined ? {} : { onOpenChange })}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          className="ui-menu"
          side={side}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          loop
          onCloseAutoFocus={runNow}
        >
          <MenuEntries parts={Primitive} entries={entries} onAct={later} />
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
