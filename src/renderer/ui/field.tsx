import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import "./field.css";

/** What every labelled control has. */
export interface FieldTexts {
  readonly label: string;
  /** A quiet sentence below. */
  readonly hint?: ReactNode;
  /** What is wrong with the value; announced. */
  readonly error?: ReactNode;
  /** The label is for screen readers only. */
  readonly isLabelHidden?: boolean;
}

/** Those of a control's properties that are its texts; absent stays absent. */
export function fieldTextsOf({
  label,
  hint,
  error,
  isLabelHidden,
}: Pick<FieldTexts, "label" | "hint" | "error"> & { isLabelHidden: boolean | undefined }): FieldTexts {
  return {
    label,
    ...(hint === undefined ? {} : { hint }),
    ...(error === undefined ? {} : { error }),
    ...(isLabelHidden === undefined ? {} : { isLabelHidden }),
  };
}

export interface FieldFrameProps extends FieldTexts {
  readonly controlId: string;
  readonly children: ReactNode;
  readonly className?: string | undefined;
}

export const hintIdOf = (controlId: string): string => `${controlId}-hint`;
export const errorIdOf = (controlId: string): string => `${controlId}-error`;

/** The attributes that tie a control to the texts around it. */
export function describedBy(controlId: string, texts: FieldTexts): Record<string, string | true | undefined> {
  const ids = [
    texts.error !== undefined && errorIdOf(controlId),
    texts.hint !== undefined && hintIdOf(controlId),
  ].filter((id) => id !== false);
  return {
    "aria-describedby": ids.length === 0 ? undefined : ids.join(" "),
    "aria-invalid": texts.error === undefined ? undefined : true,
  };
}

/** Label above, control, then error and hint. */
export function FieldFrame({ label, hint, error, isLabelHidden, controlId, children, className }: FieldFrameProps) {
  return (
    <div className={classNames("ui-field", className)}>
      <label htmlFor={controlId} className={isLabelHidden === true ? "ui-hidden-text" : "ui-field-label"}>
        {label}
      </label>
      {children}
      <div aria-live="polite">
        {error !== undefined && (
          <p className="ui-field-error" id={errorIdOf(controlId)}>
            {error}
          </p>
        )}
      </div>
      {hint !== undefined && (
        <p className="ui-field-hint" id={hintIdOf(controlId)}>
          {hint}
        </p>
      )}
    </div>
  );
}
