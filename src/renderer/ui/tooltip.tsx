import type { ReactNode } from "react";
import { Tooltip as Primitive } from "radix-ui";
import { Kbd } from "./kbd.tsx";
import "./tooltip.css";

/** Long enough not to flicker when the pointer only passes. */
const SHOW_DELAY_MS = 450;

export interface TooltipProps {
  readonly text: ReactNode;
  readonly shortcut?: string;
  readonly side?: "top" | "right" | "bottom" | "left";
  /** One element that takes a ref and event handlers. */
  readonly children: ReactNode;
}

/** A hint for sighted pointer and keyboard users; the element needs an accessible name of its own. */
export function Tooltip({ text, shortcut, side = "bottom", children }: TooltipProps) {
  return (
    <Primitive.Provider delayDuration={SHOW_DELAY_MS}>
      <Primitive.Root>
        <Primitive.Trigger asChild>{children}</Primitive.Trigger>
        <Primitive.Portal>
          <Primitive.Content className="ui-tooltip" side={side} sideOffset={6} collisionPadding={8}>
            {text}
            {shortcut !== undefined && <Kbd>{shortcut}</Kbd>}
          </Primitive.Content>
        </Primitive.Portal>
      </Primitive.Root>
    </Primitive.Provider>
  );
}
