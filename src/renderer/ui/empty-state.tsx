import type { ReactNode } from "react";
import "./empty-state.css";

export interface EmptyStateProps {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  /** Buttons. */
  readonly acts?: ReactNode;
}

/** Says calmly that there is nothing here, and what can be done. */
export function EmptyState({ icon, title, children, acts }: EmptyStateProps) {
  return (
    <div className="ui-empty-state">
      {icon}
      <h2>{title}</h2>
      {children !== undefined && <div className="ui-empty-state-text">{children}</div>}
      {acts !== undefined && <div className="ui-empty-state-acts">{acts}</div>}
    </div>
  );
}
