import "./spinner.css";

export interface SpinnerProps {
  /** What it waits for; leave it out where the same is written beside it. */
  readonly label?: string;
}

export function Spinner({ label }: SpinnerProps) {
  if (label === undefined) return <span className="ui-spinner" aria-hidden="true" />;
  return <span className="ui-spinner" role="img" aria-label={label} />;
}
