import { useId, type ReactNode } from "react";
import { RadioGroup as Primitive } from "radix-ui";
import "./radio-group.css";

export interface RadioOption<V extends string> {
  readonly value: V;
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly isDisabled?: boolean;
}

export interface RadioGroupProps<V extends string> {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly value: V | undefined;
  readonly options: readonly RadioOption<V>[];
  readonly onChange: (value: V) => void;
}

export function RadioGroup<V extends string>({ label, isLabelHidden, value, options, onChange }: RadioGroupProps<V>) {
  const id = useId();
  return (
    <div className="ui-field">
      <span id={`${id}-label`} className={isLabelHidden === true ? "ui-hidden-text" : "ui-field-label"}>
        {label}
      </span>
      <Primitive.Root
        className="ui-radio-group"
        aria-labelledby={`${id}-label`}
        value={value ?? ""}
        onValueChange={(next) => {
          const chosen = options.find((option) => option.value === next);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option, index) => (
          <div className="ui-radio" key={option.value}>
            <Primitive.Item
              id={`${id}-${index}`}
              className="ui-radio-ring"
              value={option.value}
              disabled={option.isDisabled === true}
              aria-describedby={option.hint === undefined ? undefined : `${id}-${index}-hint`}
            >
              <Primitive.Indicator className="ui-radio-mark" />
            </Primitive.Item>
            <div>
              <label htmlFor={`${id}-${index}`}>{option.label}</label>
              {option.hint !== undefined && (
                <p className="ui-field-hint" id={`${id}-${index}-hint`}>
                  {option.hint}
                </p>
              )}
            </div>
          </div>
        ))}
      </Primitive.Root>
    </div>
  );
}
