import { useId, type ComponentProps } from "react";
import { classNames } from "./class-names.ts";
import { describedBy, FieldFrame, fieldTextsOf, type FieldTexts } from "./field.tsx";
import "./text-field.css";

export interface TextFieldProps extends Omit<ComponentProps<"input">, "id">, FieldTexts {
  /** For addresses, codes, fingerprints. */
  readonly isMono?: boolean;
}

export function TextField({ label, hint, error, isLabelHidden, isMono, className, ...input }: TextFieldProps) {
  const id = useId();
  const texts = fieldTextsOf({ label, hint, error, isLabelHidden });
  return (
    <FieldFrame {...texts} controlId={id} className={className}>
      <input
        autoComplete="off"
        spellCheck={false}
        {...input}
        {...describedBy(id, texts)}
        id={id}
        className={classNames("ui-input", isMono === true && "ui-input-mono")}
      />
    </FieldFrame>
  );
}
