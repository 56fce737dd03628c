import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import "./badge.css";

export interface BadgeProps {
  readonly tone?: "neutral" | "running" | "paused" | "failed";
  readonly children: ReactNode;
}

/** A word in a frame: a kind, a count, a state. */
export function Badge({ tone = "neutral", children }: BadgeProps) {
  return <span className={classNames("ui-badge", `ui-badge-${tone}`)}>{children}</span>;
}
