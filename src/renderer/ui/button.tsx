import type { ComponentProps } from "react";
import { classNames } from "./class-names.ts";
import { Spinner } from "./spinner.tsx";
import "./button.css";

export interface ButtonProps extends ComponentProps<"button"> {
  /** "primary": the one act that is meant; "danger": it can lose something; "quiet": without a frame. */
  readonly variant?: "primary" | "plain" | "quiet" | "danger";
  /** Shows that it works on it, and takes no further click. */
  readonly isBusy?: boolean;
}

export function Button({
  variant = "plain",
  isBusy = false,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={classNames("ui-button", `ui-button-${variant}`, className)}
    >
      {isBusy && <Spinner />}
      {children}
    </button>
  );
}
