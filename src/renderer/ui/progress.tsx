import { Progress as Primitive } from "radix-ui";
import "./progress.css";

export interface ProgressProps {
  readonly label: string;
  /** 0 to 1; undefined while it is not known. */
  readonly fraction: number | undefined;
}

export function Progress({ label, fraction }: ProgressProps) {
  const percent = fraction === undefined ? null : Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return (
    <Primitive.Root className="ui-progress" aria-label={label} value={percent} max={100}>
      <Primitive.Indicator className="ui-progress-bar" style={{ width: `${percent ?? 30}%` }} />
    </Primitive.Root>
  );
}
