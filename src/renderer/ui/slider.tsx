import { useId, type ReactNode } from "react";
import { Slider as Primitive } from "radix-ui";
import "./slider.css";

export interface SliderProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** The value in words: "20 ms", "best". */
  readonly valueText: string;
  readonly onChange: (value: number) => void;
  /** When the thumb is let go; for what is costly to apply. */
  readonly onCommit?: (value: number) => void;
}

export function Slider({ label, hint, value, min, max, step = 1, valueText, onChange, onCommit }: SliderProps) {
  const id = useId();
  return (
    <div className="ui-field">
      <div className="ui-slider-texts">
        <span className="ui-field-label" id={`${id}-label`}>
          {label}
        </span>
        <output>{valueText}</output>
      </div>
      <Primitive.Root
        className="ui-slider"
        value={[value]}
        min={min}
        max={max}
        step={step}
        onValueChange={([next]) => {
          if (next !== undefined) onChange(next);
        }}
        onValueCommit={([next]) => {
          if (next !== undefined) onCommit?.(next);
        }}
      >
        <Primitive.Track className="ui-slider-track">
          <Primitive.Range className="ui-slider-range" />
        </Primitive.Track>
        <Primitive.Thumb
          className="ui-slider-thumb"
          aria-labelledby={`${id}-label`}
          aria-valuetext={valueText}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        />
      </Primitive.Root>
      {hint !== undefined && (
        <p className="ui-field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
