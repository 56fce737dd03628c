import { useId, type ComponentProps } from "react";
import { classNames } from "./class-names.ts";
import { describedBy, FieldFrame, fieldTextsOf, type FieldTexts } from "./field.tsx";
import "./text-field.css";

export interface TextAreaProps extends Omit<ComponentProps<"textarea">, "id">, FieldTexts {
  readonly isMono?: boolean;
}

export function TextArea({ label, hint, error, isLabelHidden, isMono, className, ...area }: TextAreaProps) {
  const id = useId();
  const texts = fieldTextsOf({ label, hint, error, isLabelHidden });
  return (
    <FieldFrame {...texts} controlId={id} className={className}>
      <textarea
        spellCheck={false}
        {...area}
        {...describedBy(id, texts)}
        id={id}
        className={classNames("ui-input", isMono === true && "ui-input-mono")}
      />
    </FieldFrame>
  );
}
