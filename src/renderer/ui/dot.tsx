import { classNames } from "./class-names.ts";
import "./dot.css";

export type DotTone = "running" | "paused" | "failed" | "off";

export interface DotProps {
  readonly tone: DotTone;
  /** What the colour says, for those who do not see it. Leave it out only where the same is written beside the dot. */
  readonly label?: string;
  readonly className?: string;
}

/** A state by colour and by form: full, half, ring with a bar, ring. */
export function Dot({ tone, label, className }: DotProps) {
  const classes = classNames("ui-dot", `ui-dot-${tone}`, className);
  if (label === undefined) return <span className={classes} aria-hidden="true" />;
  return <span className={classes} role="img" aria-label={label} />;
}
