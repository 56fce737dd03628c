import { useId, type ReactNode } from "react";
import { Checkbox as Primitive } from "radix-ui";
import { Check } from "lucide-react";
import "./checkbox.css";

export interface CheckboxProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
  readonly disabled?: boolean;
}

export function Checkbox({ label, hint, isChecked, onChange, disabled = false }: CheckboxProps) {
  const id = useId();
  return (
    <div className="ui-checkbox">
      <Primitive.Root
        id={id}
        className="ui-checkbox-box"
        checked={isChecked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onCheckedChange={(state) => {
          onChange(state === true);
        }}
      >
        <Primitive.Indicator>
          <Check />
        </Primitive.Indicator>
      </Primitive.Root>
      <div>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && (
          <p className="ui-field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
