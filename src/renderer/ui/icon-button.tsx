import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names.ts";
import { Tooltip } from "./tooltip.tsx";
import "./icon-button.css";

export interface IconButtonProps extends ComponentProps<"button"> {
  /** What it does: its accessible name and its tooltip. */
  readonly label: string;
  /** The icon. */
  readonly children: ReactNode;
  /** Shown in the tooltip. */
  readonly shortcut?: string;
  /** Set for a button that switches something on and off. */
  readonly isPressed?: boolean;
  readonly tooltipSide?: "top" | "right" | "bottom" | "left";
  readonly size?: "small" | "medium";
}

export function IconButton({
  label,
  children,
  shortcut,
  isPressed,
  tooltipSide = "bottom",
  size = "medium",
  className,
  type = "button",
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label} side={tooltipSide} {...(shortcut === undefined ? {} : { shortcut })}>
      <button
        {...rest}
        type={type}
        aria-label={label}
        aria-pressed={isPressed}
        className={classNames("ui-icon-button", `ui-icon-button-${size}`, className)}
      >
        {children}
      </button>
    </Tooltip>
  );
}
