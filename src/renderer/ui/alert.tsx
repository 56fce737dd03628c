import type { ReactNode } from "react";
import "./alert.css";

export interface AlertProps {
  /** "failed" is read out at once. */
  readonly tone: "failed" | "warning" | "info";
  readonly children: ReactNode;
}

/** A sentence that must be seen, in its place. */
export function Alert({ tone, children }: AlertProps) {
  return (
    <div className={`ui-alert ui-alert-${tone}`} role={tone === "failed" ? "alert" : "note"}>
      {children}
    </div>
  );
}
