import { useId } from "react";
import { describedBy, FieldFrame, type FieldTexts } from "./field.tsx";
import "./select.css";

export interface SelectOption<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly isDisabled?: boolean;
}

export interface SelectProps<V extends string> extends FieldTexts {
  readonly value: V;
  readonly options: readonly SelectOption<V>[];
  readonly onChange: (value: V) => void;
  readonly disabled?: boolean;
  readonly className?: string;
}

/** The browser's own select: keyboard, screen reader and touch are right everywhere. */
export function Select<V extends string>({ value, options, onChange, disabled, className, ...texts }: SelectProps<V>) {
  const id = useId();
  return (
    <FieldFrame {...texts} controlId={id} className={className}>
      <select
        {...describedBy(id, texts)}
        id={id}
        className="ui-input ui-select"
        value={value}
        disabled={disabled}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.isDisabled}>
            {option.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
