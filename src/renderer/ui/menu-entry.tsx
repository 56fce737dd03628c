import type { ReactNode } from "react";
import { type DropdownMenu } from "radix-ui";
import { Check, ChevronRight, Circle } from "lucide-react";
import { classNames } from "./class-names.ts";
import "./menu.css";

export interface MenuAct {
  readonly kind: "act";
  readonly label: string;
  readonly icon?: ReactNode;
  /** Shown at the end of the row. */
  readonly shortcut?: string;
  /** Small text at the end of the row. */
  readonly note?: string;
  readonly isDisabled?: boolean;
  readonly tone?: "danger";
  readonly onSelect: () => void;
}

/** What a menu holds. */
export type MenuEntry =
  | MenuAct
  | { readonly kind: "check"; readonly label: string; readonly isChecked: boolean; readonly onSelect: () => void }
  | {
      readonly kind: "choice";
      /** Accessible name of the group. */
      readonly label: string;
      readonly value: string;
      readonly options: readonly { readonly value: string; readonly label: string }[];
      readonly onChoose: (value: string) => void;
    }
  | {
      readonly kind: "submenu";
      readonly label: string;
      readonly icon?: ReactNode;
      readonly entries: readonly MenuEntry[];
    }
  | { readonly kind: "heading"; readonly label: string }
  | { readonly kind: "separator" };

/** The parts that a dropdown menu and a context menu have in common. */
export type MenuParts = Pick<
  typeof DropdownMenu,
  | "Item"
  | "CheckboxItem"
  | "RadioGroup"
  | "RadioItem"
  | "ItemIndicator"
  | "Label"
  | "Separator"
  | "Sub"
  | "SubTrigger"
  | "SubContent"
  | "Portal"
>;

export interface MenuEntriesProps {
  readonly parts: MenuParts;
  readonly entries: readonly MenuEntry[];
  /** Takes the act and runs it when the menu is closed and has given the focus back. */
  readonly onAct: (act: () => void) => void;
}

export function MenuEntries({ parts, entries, onAct }: MenuEntriesProps) {
  return entries.map((entry, index) => {
    const { Item, CheckboxItem, RadioGroup, RadioItem, ItemIndicator, Label, Separator } = parts;
    switch (entry.kind) {
      case "act":
        return (
          <Item
            key={index}
            className={classNames("ui-menu-item", entry.tone === "danger" && "ui-menu-item-danger")}
            textValue={entry.label}
            {...(entry.isDisabled === undefined ? {} : { disabled: entry.isDisabled })}
            onSelect={() => {
              onAct(entry.onSelect);
            }}
          >
            <span className="ui-menu-mark" aria-hidden="true">
              {entry.icon}
            </span>
            <span className="ui-menu-label">{entry.label}</span>
            {entry.note !== undefined && <small>{entry.note}</small>}
            {entry.shortcut !== undefined && <kbd aria-hidden="true">{entry.shortcut}</kbd>}
          </Item>
        );
      case "check":
        return (
          <CheckboxItem
            key={index}
            className="ui-menu-item"
            checked={entry.isChecked}
            onSelect={() => {
              onAct(entry.onSelect);
            }}
          >
            <span className="ui-menu-mark" aria-hidden="true">
              <ItemIndicator>
                <Check />
              </ItemIndicator>
            </span>
            <span className="ui-menu-label">{entry.label}</span>
          </CheckboxItem>
        );
      case "choice":
        return (
          <RadioGroup
            key={index}
            aria-label={entry.label}
            value={entry.value}
            onValueChange={(value) => {
              onAct(() => entry.onChoose(value));
            }}
          >
            {entry.options.map((option) => (
              <RadioItem key={option.value} className="ui-menu-item" value={option.value}>
                <span className="ui-menu-mark" aria-hidden="true">
                  <ItemIndicator>
                    <Circle className="ui-menu-choice" />
                  </ItemIndicator>
                </span>
                <span className="ui-menu-label">{option.label}</span>
              </RadioItem>
            ))}
          </RadioGroup>
        );
      case "submenu":
        return (
          <parts.Sub key={index}>
            <parts.SubTrigger className="ui-menu-item">
              <span className="ui-menu-mark" aria-hidden="true">
                {entry.icon}
              </span>
              <span className="ui-menu-label">{entry.label}</span>
              <ChevronRight className="ui-menu-more" aria-hidden="true" />
            </parts.SubTrigger>
            <parts.Portal>
              <parts.SubContent className="ui-menu" sideOffset={2} collisionPadding={8}>
                <MenuEntries parts={parts} entries={entry.entries} onAct={onAct} />
              </parts.SubContent>
            </parts.Portal>
          </parts.Sub>
        );
      case "heading":
        return (
          <Label key={index} className="ui-menu-heading">
            {entry.label}
          </Label>
        );
      case "separator":
        return <Separator key={index} className="ui-menu-separator" />;
    }
  });
}
