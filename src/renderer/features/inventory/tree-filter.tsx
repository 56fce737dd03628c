import { useId, type KeyboardEvent, type RefObject } from "react";
import { Plus, X } from "lucide-react";
import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { drop } from "../../../shared/lifecycle/drop.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Menu } from "../../ui/menu.tsx";

export interface TreeFilterProps {
  readonly inputRef: RefObject<HTMLInputElement | null>;
  /** Of the guests, how many are shown; read out while filtering. */
  readonly foundCount: number;
  readonly onGoToTree: () => void;
  readonly onOpenFirst: () => void;
}

/** The box above the tree, and beside it what adds to the tree. */
export function TreeFilter({ inputRef, foundCount, onGoToTree, onOpenFirst }: TreeFilterProps) {
  const filter = useAppStore((state) => state.filter);
  const commands = useCommands();
  const id = useId();

  const handleKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") onGoToTree();
    else if (event.key === "Enter") onOpenFirst();
    else if (event.key === "Escape" && filter !== "") actions.setFilter("");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="inventory-head">
      <div className="inventory-filter" role="search">
        <label htmlFor={id} className="ui-hidden-text">
          Find a guest
        </label>
        <input
          ref={inputRef}
          id={id}
          type="text"
          autoComplete="off"
          spellCheck={false}
          placeholder="Find a guest"
          value={filter}
          onChange={(event) => {
            actions.setFilter(event.target.value);
          }}
          onKeyDown={handleKeyDown}
        />
        {filter === "" ? (
          <kbd aria-hidden="true">Ctrl K</kbd>
        ) : (
          <IconButton
            label="Clear the filter"
            size="small"
            onClick={() => {
              actions.setFilter("");
              inputRef.current?.focus();
            }}
          >
            <X />
          </IconButton>
        )}
        <span className="ui-hidden-text" role="status">
          {filter === "" ? "" : `${foundCount} found`}
        </span>
      </div>
      <Menu
        align="end"
        trigger={
          <button type="button" className="ui-icon-button" aria-label="Add" title="Add">
            <Plus />
          </button>
        }
        entries={[
          {
            kind: "act",
            label: "Add a host…",
            onSelect: () => {
              actions.setOverlay({ kind: "add-host" });
            },
          },
          {
            kind: "act",
            label: "Address book…",
            onSelect: () => {
              actions.setOverlay({ kind: "address-book" });
            },
          },
          { kind: "separator" },
          {
            kind: "act",
            label: "Look again on this computer",
            onSelect: () => {
              drop(
                commands.discover().then(
                  () => {
                    commands.notify("info", "Looked again on this computer");
                  },
                  () => {
                    commands.notify("error", "Could not look for hosts");
                  },
                ),
              );
            },
          },
        ]}
      />
    </div>
  );
}
