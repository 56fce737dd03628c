import type { ReactNode } from "react";
import { Popover as Primitive } from "radix-ui";
import "./popover.css";

export interface PopoverProps {
  /** One button. */
  readonly trigger: ReactNode;
  /** Accessible name of what opens. */
  readonly label: string;
  readonly children: ReactNode;
  readonly side?: "top" | "right" | "bottom" | "left";
  readonly align?: "start" | "center" | "end";
  readonly isOpen?: boolean;
  readonly onOpenChange?: (isOpen: boolean) => void;
}

export function Popover({
  trigger,
  label,
  children,
  side = "bottom",
  align = "end",
  isOpen,
  onOpenChange,
}: PopoverProps) {
  return (
    <Primitive.Root
      {...(isOpen === undefined ? {} : { open: isOpen })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          className="ui-popover"
          aria-label={label}
          side={side}
          align={align}
          sideOffset={4}
          collisionPadding={8}
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
