import { useId, type ReactNode } from "react";
import { Switch as Primitive } from "radix-ui";
import "./switch.css";

export interface SwitchProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly disabled?: boolean;
}

/** A setting that is on or off at once. Text left, switch right. */
export function Switch({ label, hint, isOn, onChange, disabled = false }: SwitchProps) {
  const id = useId();
  return (
    <div className="ui-switch">
      <div>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && (
          <p className="ui-field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
      <Primitive.Root
        id={id}
        className="ui-switch-track"
        checked={isOn}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onCheckedChange={onChange}
      >
        <Primitive.Thumb className="ui-switch-thumb" />
      </Primitive.Root>
    </div>
  );
}
