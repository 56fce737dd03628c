import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
} from "react";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import type { HostSnapshot } from "../../../shared/contracts/inventory.ts";
import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { ContextMenu } from "../../ui/context-menu.tsx";
import { RemoveHostDialog } from "./remove-host-dialog.tsx";
import { TreeFilter } from "./tree-filter.tsx";
import { isExpandable, TypeAhead, treeKeyAct } from "./tree-keys.ts";
import { menuOfRow } from "./tree-menu.tsx";
import { TreeRowView, type TreeRowActs } from "./tree-row.tsx";
import { createTreeRows, type TreeRow } from "./tree-rows.ts";
import { openMarks } from "./tree-texts.ts";
import "./inventory-tree.css";

/** As in inventory-tree.css. Notes are measured; this is for those not yet seen. */
const ROW_HEIGHT_PX: Readonly<Record<TreeRow["kind"], number>> = { host: 34, group: 28, guest: 28, note: 76 };

/** Rows made above and below the visible ones, so that a quick scroll shows no gap. */
const OVERSCAN_ROWS = 10;

function indexOfEvent(event: { target: EventTarget }): number | undefined {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-index]") : null;
  return row?.dataset["index"] === undefined ? undefined : Number(row.dataset["index"]);
}

const isInNoteButton = (target: EventTarget): boolean => target instanceof Element && target.closest("button") !== null;

/** Hosts and guests. Fills its parent. */
export function InventoryTree() {
  const commands = useCommands();
  const hostById = useAppStore((state) => state.hostById);
  const guestById = useAppStore((state) => state.guestById);
  const foldedIds = useAppStore((state) => state.foldedIds);
  const filter = useAppStore((state) => state.filter);
  const tabs = useAppStore((state) => state.tabs);
  const activeTabId = useAppStore((state) => state.activeTabId);
  const isLoaded = useAppStore((state) => state.isInventoryLoaded);

  const [treeRows] = useState(createTreeRows);
  const { rows, guestCount } = useMemo(
    () => treeRows({ hostById, guestById, foldedIds, filter }),
    [treeRows, hostById, guestById, foldedIds, filter],
  );
  const marks = useMemo(() => openMarks(tabs, activeTabId), [tabs, activeTabId]);

  const [focusId, setFocusId] = useState<string>();
  const [selectedId, setSelectedId] = useState<string>();
  const [menuRow, setMenuRow] = useState<TreeRow>();
  // What can be done may change while the menu is open: a guest is listed before its monitor has answered.
  const currentMenuRow = menuRow === undefined ? undefined : (rows.find(({ id }) => id === menuRow.id) ?? menuRow);
  const [hostToRemove, setHostToRemove] = useState<HostSnapshot>();
  const [typeAhead] = useState(() => new TypeAhead());

  const filterInput = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  /** The focus moves to this row as soon as it is on the screen. */
  const wantedFocusId = useRef<string>(undefined);
  /** Where the focus was, for when that row goes away. */
  const lastFocusIndex = useRef(0);

  const foundFocus = focusId === undefined ? -1 : rows.findIndex((row) => row.id === focusId);
  const focusIndex = foundFocus === -1 ? 0 : foundFocus;

  // The virtualizer measures all rows anew when these are new functions.
  const estimateSize = useCallback((index: number) => ROW_HEIGHT_PX[rows[index]?.kind ?? "guest"], [rows]);
  const getItemKey = useCallback((index: number) => rows[index]?.id ?? index, [rows]);

  // eslint-disable-next-line react-hooks/incompatible-library -- no React compiler here; the virtualizer is not passed on
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize,
    getItemKey,
    overscan: OVERSCAN_ROWS,
    // The focused row stays in the page when it is scrolled away, so that the focus is not lost.
    rangeExtractor: (range) => {
      const visible = defaultRangeExtractor(range);
      const first = visible[0];
      const last = visible[visible.length - 1];
      if (rows.length === 0 || first === undefined || last === undefined) return visible;
      if (focusIndex < first) return [focusIndex, ...visible];
      if (focusIndex > last) return [...visible, focusIndex];
      return visible;
    },
  });

  const rowElement = (id: string): HTMLElement | null => document.getElementById(`tree-${id}`);

  useLayoutEffect(() => {
    const id = wantedFocusId.current;
    if (id === undefined) return;
    const element = rowElement(id);
    if (element === null) return;
    wantedFocusId.current = undefined;
    element.focus({ preventScroll: true });
  });

  // When the focused row's guest is removed, the focus goes to what stands there now.
  const isFocusLost = focusId !== undefined && foundFocus === -1;
  useEffect(() => {
    if (!isFocusLost || rows.length === 0) {
      lastFocusIndex.current = focusIndex;
      return;
    }
    const row = rows[Math.min(lastFocusIndex.current, rows.length - 1)];
    if (row === undefined || document.activeElement !== document.body) return;
    wantedFocusId.current = row.id;
    setFocusId(row.id);
  }, [isFocusLost, focusIndex, rows]);

  const focusRow = (index: number): void => {
    const row = rows[index];
    if (row === undefined) return;
    setFocusId(row.id);
    virtualizer.scrollToIndex(index, { align: "auto" });
    const element = rowElement(row.id);
    if (element === null) wantedFocusId.current = row.id;
    else element.focus({ preventScroll: true });
  };

  const openRow = (row: TreeRow): void => {
    setSelectedId(row.id);
    if (row.kind === "guest") commands.openGuest(row.guest.id);
    else if (row.kind === "note") {
      if (row.note === "failed") commands.retryHost(row.host.id);
    } else actions.toggleFold(row.id);
  };

  const openFirst = (): void => {
    const first = rows.find((row) => row.kind === "guest");
    if (first !== undefined) openRow(first);
  };

  const removeHost = (row: TreeRow): void => {
    if (row.kind === "host" && row.host.origin === "configured") setHostToRemove(row.host);
  };

  const handleKeyDown = (event: KeyboardEvent): void => {
    if (isInNoteButton(event.target)) return;
    const act = treeKeyAct(rows, focusIndex, {
      key: event.key,
      hasModifier: event.ctrlKey || event.altKey || event.metaKey,
      pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT_PX.guest) - 1),
    });
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (act.kind !== "type-ahead") typeAhead.reset();
    switch (act.kind) {
      case "focus":
        focusRow(act.index);
        break;
      case "fold":
        actions.toggleFold(act.id);
        break;
      case "unfold-all":
        for (const row of rows) if (isExpandable(row) && !row.isExpanded) actions.toggleFold(row.id);
        break;
      case "open":
        openRow(act.row);
        break;
      case "select":
        setSelectedId(act.row.id);
        break;
      case "remove":
        removeHost(act.row);
        break;
      case "type-ahead": {
        const index = typeAhead.type(act.letter, event.timeStamp, rows, focusIndex);
        if (index !== undefined) focusRow(index);
        break;
      }
    }
  };

  const handleClick = (event: MouseEvent): void => {
    const index = indexOfEvent(event);
    const row = index === undefined ? undefined : rows[index];
    if (row === undefined || isInNoteButton(event.target)) return;
    setFocusId(row.id);
    setSelectedId(row.id);
    if (isExpandable(row)) actions.toggleFold(row.id);
    // One click to a picture; the tab of a guest that is off offers to start it.
    else if (row.kind === "guest") commands.openGuest(row.guest.id);
  };

  const handleContextMenu = (event: MouseEvent): void => {
    const index = indexOfEvent(event);
    const row = index === undefined ? undefined : rows[index];
    setMenuRow(row);
    if (row !== undefined) setFocusId(row.id);
  };

  const rowActs = useMemo<TreeRowActs>(
    () => ({
      onRetry: (host) => {
        commands.retryHost(host.id);
      },
      onEdit: (host) => {
        actions.setOverlay({ kind: "add-host", uri: host.uri, editHostId: host.id });
      },
    }),
    [commands],
  );

  const items = virtualizer.getVirtualItems();
  return (
    <div className="inventory">
      <TreeFilter
        inputRef={filterInput}
        foundCount={guestCount}
        onGoToTree={() => {
          focusRow(rows[0]?.kind === "host" && filter !== "" ? 1 : 0);
        }}
        onOpenFirst={openFirst}
      />
      <ContextMenu
        entries={menuOfRow(currentMenuRow, { commands, onFold: actions.toggleFold, onRemoveHost: setHostToRemove })}
      >
        <div ref={scroller} className="inventory-scroll" tabIndex={-1} onContextMenuCapture={handleContextMenu}>
          {rows.length === 0 ? (
            <p className="inventory-nothing">
              {!isLoaded ? "Looking for guests…" : filter === "" ? "No hosts yet." : `No guest matches “${filter}”.`}
            </p>
          ) : (
            <div
              role="tree"
              aria-label="Guests"
              className="inventory-rows"
              style={{ height: virtualizer.getTotalSize() }}
              onKeyDown={handleKeyDown}
              onClick={handleClick}
              onFocus={(event) => {
                const index = indexOfEvent(event);
                const row = index === undefined ? undefined : rows[index];
                if (row !== undefined && row.id !== focusId) setFocusId(row.id);
              }}
            >
              {items.map((item) => {
                const row = rows[item.index];
                if (row === undefined) return null;
                return (
                  <TreeRowView
                    key={row.id}
                    row={row}
                    index={item.index}
                    topPx={item.start}
                    hostLabel={row.kind === "guest" ? (hostById.get(row.guest.hostId)?.label ?? "") : ""}
                    mark={row.kind === "guest" ? marks.get(row.guest.id) : undefined}
                    isFocusTarget={item.index === focusIndex}
                    isSelected={row.id === selectedId}
                    acts={rowActs}
                    measure={row.kind === "note" ? virtualizer.measureElement : undefined}
                  />
                );
              })}
            </div>
          )}
        </div>
      </ContextMenu>
      {hostToRemove !== undefined && (
        <RemoveHostDialog
          host={hostToRemove}
          guestCount={[...guestById.values()].filter((guest) => guest.hostId === hostToRemove.id).length}
          onRemove={() => commands.removeHost(hostToRemove.id)}
          onClose={() => {
            setHostToRemove(undefined);
          }}
        />
      )}
    </div>
  );
}
