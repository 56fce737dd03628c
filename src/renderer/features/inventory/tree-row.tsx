import { memo, type Ref } from "react";
import { ChevronDown, ChevronRight } from "lucide-react";
import type { HostSnapshot } from "../../../shared/contracts/inventory.ts";
import { readableError } from "../../../shared/errors/error-text.ts";
import { classNames } from "../../ui/class-names.ts";
import { Dot } from "../../ui/dot.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import type { GroupRow, GuestRow, HostRow, NoteRow, TreeRow } from "./tree-rows.ts";
import {
  descriptionOfGuest,
  descriptionOfHost,
  endTextOfGuest,
  endTextOfHost,
  toneOfGuest,
  type OpenMark,
} from "./tree-texts.ts";

export interface TreeRowActs {
  readonly onRetry: (host: HostSnapshot) => void;
  readonly onEdit: (host: HostSnapshot) => void;
}

export interface TreeRowViewProps {
  readonly row: TreeRow;
  readonly index: number;
  readonly topPx: number;
  readonly hostLabel: string;
  readonly mark: OpenMark | undefined;
  readonly isFocusTarget: boolean;
  readonly isSelected: boolean;
  readonly acts: TreeRowActs;
  /** Only notes are measured; every other row has a fixed height. */
  readonly measure: Ref<HTMLDivElement> | undefined;
}

function HostContent({ row }: { readonly row: HostRow }) {
  return (
    <>
      {row.isExpanded ? <ChevronDown aria-hidden="true" /> : <ChevronRight aria-hidden="true" />}
      <span className="inventory-name">{row.host.label}</span>
      {row.host.state.phase === "connecting" && <Spinner />}
      <span className="inventory-end">{endTextOfHost(row.host, row.guestCount)}</span>
    </>
  );
}

function GroupContent({ row }: { readonly row: GroupRow }) {
  return (
    <>
      {row.isExpanded ? <ChevronDown aria-hidden="true" /> : <ChevronRight aria-hidden="true" />}
      <span className="inventory-name">{row.name}</span>
      <span className="inventory-end">{row.guestCount}</span>
    </>
  );
}

function GuestContent({ row, mark }: { readonly row: GuestRow; readonly mark: OpenMark | undefined }) {
  const { guest } = row;
  return (
    <>
      <Dot tone={toneOfGuest(guest, mark)} />
      <span className="inventory-name" title={guest.title ?? guest.name}>
        {guest.name}
      </span>
      <small>{endTextOfGuest(guest, mark)}</small>
    </>
  );
}

function NoteContent({ row, acts }: { readonly row: NoteRow; readonly acts: TreeRowActs }) {
  const { host, note } = row;
  if (note === "empty" || host.state.phase !== "failed") {
    return <p className="inventory-note-quiet">{host.isAddressBook ? "No entries yet." : "No guests."}</p>;
  }
  const { text, act } = readableError(host.state.error);
  return (
    <div className="inventory-note">
      <em>{text}</em> {act} {host.state.retryInMs !== undefined && "It tries again by itself. "}
      <span className="inventory-note-acts">
        <button
          type="button"
          onClick={() => {
            acts.onRetry(host);
          }}
        >
          Try again
        </button>
        {host.origin === "configured" && (
          <>
            {" · "}
            <button
              type="button"
              onClick={() => {
                acts.onEdit(host);
              }}
            >
              Edit
            </button>
          </>
        )}
      </span>
    </div>
  );
}

function accessibleTexts({ row, hostLabel, mark }: TreeRowViewProps): { name: string; description?: string } {
  switch (row.kind) {
    case "host":
      return { name: row.host.label, description: descriptionOfHost(row.host, row.guestCount) };
    case "group":
      return { name: row.name, description: `group, ${row.guestCount} entries` };
    case "guest":
      return { name: row.guest.name, description: descriptionOfGuest(row.guest, hostLabel, mark) };
    case "note":
      return row.host.state.phase === "failed"
        ? { name: readableError(row.host.state.error).text, description: "Enter tries again" }
        : { name: "No guests" };
  }
}

/** One row; the tree's own handlers do the rest by `data-index`. */
export const TreeRowView = memo(function TreeRowView(props: TreeRowViewProps) {
  const { row, index, topPx, mark, isFocusTarget, isSelected, acts, measure } = props;
  const { name, description } = accessibleTexts(props);
  return (
    <div
      ref={measure}
      role="treeitem"
      id={`tree-${row.id}`}
      data-index={index}
      data-row-kind={row.kind}
      aria-label={name}
      aria-description={description}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.setSize}
      aria-selected={isSelected}
      aria-expanded={row.kind === "host" || row.kind === "group" ? row.isExpanded : undefined}
      aria-current={mark?.isActive === true ? "true" : undefined}
      tabIndex={isFocusTarget ? 0 : -1}
      className={classNames(
        "inventory-row",
        `inventory-row-${row.kind}`,
        `inventory-level-${row.level}`,
        row.kind === "guest" && (row.guest.state === "off" || row.guest.state === "crashed") && "is-off",
        mark !== undefined && "is-open",
        mark?.isActive === true && "is-active",
        isSelected && "is-selected",
      )}
      style={{ transform: `translateY(${topPx}px)` }}
    >
      {row.kind === "host" && <HostContent row={row} />}
      {row.kind === "group" && <GroupContent row={row} />}
      {row.kind === "guest" && <GuestContent row={row} mark={mark} />}
      {row.kind === "note" && <NoteContent row={row} acts={acts} />}
    </div>
  );
});
