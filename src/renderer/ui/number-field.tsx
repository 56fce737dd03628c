import { useState } from "react";
import { TextField } from "./text-field.tsx";
import type { FieldTexts } from "./field.tsx";

export interface NumberFieldProps extends FieldTexts {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** Called with whole numbers within the limits only. */
  readonly onCommit: (value: number) => void;
  readonly className?: string;
}

/** A whole number. What is typed counts when the field is left or Enter is pressed. */
export function NumberField({ value, min, max, step = 1, onCommit, ...texts }: NumberFieldProps) {
  const [draft, setDraft] = useState<string>();
  const typed = draft === undefined ? value : Number(draft);
  const isGood =
    draft === undefined || (draft.trim() !== "" && Number.isInteger(typed) && typed >= min && typed <= max);
  const commit = (): void => {
    if (draft === undefined) return;
    if (isGood && typed !== value) onCommit(typed);
    setDraft(undefined);
  };
  return (
    <TextField
      {...texts}
      {...(isGood ? {} : { error: `A whole number from ${min} to ${max}.` })}
      type="number"
      inputMode="numeric"
      min={min}
      max={max}
      step={step}
      value={draft ?? String(value)}
      onChange={(event) => {
        setDraft(event.target.value);
      }}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        commit();
      }}
    />
  );
}
