import { useDeferredValue, useId, useMemo, useState, type KeyboardEvent } from "react";
import { Dialog as Primitive } from "radix-ui";
import { useVirtualizer } from "@tanstack/react-virtual";
import { CornerDownLeft, Search } from "lucide-react";
import { actions, appStore, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { classNames } from "../../ui/class-names.ts";
import { Dot } from "../../ui/dot.tsx";
import { Kbd } from "../../ui/kbd.tsx";
import { actEntries, guestEntries, parseQuery, searchPalette, type PaletteEntry } from "./palette-entries.ts";
import { markMatches } from "./rank.ts";
import "./palette.css";

const ROW_HEIGHT_PX = 34;
/** Rows kept beyond the edge, so that fast scrolling shows no gap. */
const OVERSCAN_ROWS = 8;
const PAGE_ROWS = 10;
/** Between the rows and the edge of their frame. */
const EDGE_PX = 6;

/** Jumps to any guest by part of its name, and to what the app can do. Shown as long as it is mounted. */
export function Palette() {
  const commands = useCommands();
  const [text, setText] = useState("");
  // The box follows the typing at once; ten thousand guests may follow a frame later.
  const query = parseQuery(useDeferredValue(text));
  const [place, setPlace] = useState<{ readonly text: string; readonly index: number }>({ text: "", index: 0 });
  const listId = useId();
  // State, not a ref: the dialog puts it into the page a render later, and the virtual list must hear of that.
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const entries = useEntries(query);

  // What was chosen among other results means nothing among these.
  const chosenIndex = place.text === query.words ? Math.min(place.index, entries.length - 1) : 0;
  const chosen = entries[chosenIndex];

  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are drawn here, nothing of it is passed on
  const virtualizer = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: OVERSCAN_ROWS,
    paddingStart: EDGE_PX,
    paddingEnd: EDGE_PX,
    scrollPaddingStart: EDGE_PX,
    scrollPaddingEnd: EDGE_PX,
  });

  const close = (): void => {
    actions.setOverlay({ kind: "none" });
  };

  const choose = (entry: PaletteEntry | undefined, how: "open" | "ask-console"): void => {
    if (entry === undefined) return;
    close();
    if (entry.kind === "act") entry.run();
    else if (how === "ask-console") actions.setOverlay({ kind: "choose-console", guestId: entry.guest.id });
    else commands.openGuest(entry.guest.id);
  };

  const moveTo = (index: number): void => {
    if (entries.length === 0) return;
    const next = Math.max(0, Math.min(entries.length - 1, index));
    setPlace({ text: query.words, index: next });
    virtualizer.scrollToIndex(next);
  };

  const handleKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    switch (event.key) {
      case "ArrowDown":
        moveTo(chosenIndex === entries.length - 1 ? 0 : chosenIndex + 1);
        break;
      case "ArrowUp":
        moveTo(chosenIndex === 0 ? entries.length - 1 : chosenIndex - 1);
        break;
      case "PageDown":
        moveTo(chosenIndex + PAGE_ROWS);
        break;
      case "PageUp":
        moveTo(chosenIndex - PAGE_ROWS);
        break;
      case "Enter":
        choose(chosen, event.ctrlKey || event.altKey ? "ask-console" : "open");
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  return (
    <Primitive.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) close();
      }}
    >
      <Primitive.Portal>
        <div className="palette-shade" />
        <Primitive.Content
          className="palette"
          aria-describedby={undefined}
          // Only now can the focus leave: until it is gone, a modal dialog pulls the focus back.
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (appStore.getState().overlay.kind === "none") commands.focusConsole();
          }}
        >
          <Primitive.Title className="ui-hidden-text">Jump to a guest</Primitive.Title>
          <div className="palette-box">
            <Search aria-hidden="true" />
            <input
              type="text"
              role="combobox"
              aria-label="Jump to a guest"
              aria-expanded="true"
              aria-controls={listId}
              aria-activedescendant={chosen === undefined ? undefined : optionId(listId, chosenIndex)}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              placeholder="Jump to a guest, or > for commands"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                scroller?.scrollTo({ top: 0 });
              }}
              onKeyDown={handleKeyDown}
            />
          </div>
          <div className="palette-scroll" ref={setScroller}>
            {entries.length === 0 && <p className="palette-nothing">Nothing matches “{text}”.</p>}
            <div
              role="listbox"
              id={listId}
              aria-label="Guests and commands"
              className="palette-rows"
              style={{ height: virtualizer.getTotalSize() }}
            >
              {virtualizer.getVirtualItems().map(({ index, start, key }) => {
                const entry = entries[index];
                if (entry === undefined) return null;
                return (
                  <div
                    key={key}
                    role="option"
                    id={optionId(listId, index)}
                    aria-selected={index === chosenIndex}
                    aria-setsize={entries.length}
                    aria-posinset={index + 1}
                    className={classNames("palette-row", index === chosenIndex && "palette-row-chosen")}
                    style={{ transform: `translateY(${start}px)` }}
                    onPointerMove={() => {
                      if (index !== chosenIndex) setPlace({ text: query.words, index });
                    }}
                    onClick={(event) => {
                      choose(entry, event.ctrlKey || event.altKey ? "ask-console" : "open");
                    }}
                  >
                    <Row entry={entry} words={query.words} />
                  </div>
                );
              })}
            </div>
          </div>
          <footer className="palette-footer">
            <span>
              <CornerDownLeft aria-hidden="true" /> open
            </span>
            <span>
              <Kbd>Ctrl</Kbd> <CornerDownLeft aria-hidden="true" /> choose the console
            </span>
            <span>
              <Kbd>&gt;</Kbd> commands
            </span>
            <span className="palette-count" role="status">
              {entries.length === 1 ? "1 match" : `${entries.length} matches`}
            </span>
          </footer>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

function optionId(listId: string, index: number): string {
  return `${listId}-${index}`;
}

function useEntries(query: ReturnType<typeof parseQuery>): readonly PaletteEntry[] {
  const commands = useCommands();
  const guestById = useAppStore((state) => state.guestById);
  const hostById = useAppStore((state) => state.hostById);
  const tabs = useAppStore((state) => state.tabs);
  const recentTabIds = useAppStore((state) => state.recentTabIds);
  const activeTabId = useAppStore((state) => state.activeTabId);
  const isSidebarOpen = useAppStore((state) => state.isSidebarOpen);
  const closedTabs = useAppStore((state) => state.closedTabs);
  const { words, isActsOnly } = query;

  const guests = useMemo(
    () => guestEntries({ guestById, hostById, tabs, recentTabIds, activeTabId }),
    [guestById, hostById, tabs, recentTabIds, activeTabId],
  );
  const acts = useMemo(
    () =>
      actEntries({
        commands,
        state: { tabs, activeTabId, isSidebarOpen, closedTabs },
        setOverlay: actions.setOverlay,
        setSidebar: actions.setSidebar,
      }),
    [commands, tabs, activeTabId, isSidebarOpen, closedTabs],
  );
  return useMemo(() => searchPalette(guests, acts, { words, isActsOnly }), [guests, acts, words, isActsOnly]);
}

function Row({ entry, words }: { readonly entry: PaletteEntry; readonly words: string }) {
  if (entry.kind === "act") {
    return (
      <>
        <span className="palette-act-mark" aria-hidden="true">
          ›
        </span>
        <span className="palette-name">
          <Marked name={entry.label} words={words} />
        </span>
        <span className="palette-details">
          {entry.leaderKey !== undefined && (
            <>
              leader <Kbd>{entry.leaderKey}</Kbd>
            </>
          )}
        </span>
      </>
    );
  }
  return (
    <>
      <Dot tone={entry.tone} />
      <span className="palette-name">
        <Marked name={entry.guest.name} words={words} />
        {entry.guest.title !== undefined && <small>{entry.guest.title}</small>}
      </span>
      <span className="palette-details">
        <span>{entry.hostLabel}</span>
        {entry.stateWord !== "running" && entry.stateWord !== "" && <span>{entry.stateWord}</span>}
        <code>{entry.consoles === "" ? "no console" : entry.consoles}</code>
        {entry.tabNumber !== undefined && <Kbd>tab {entry.tabNumber}</Kbd>}
      </span>
    </>
  );
}

function Marked({ name, words }: { readonly name: string; readonly words: string }) {
  return markMatches(name, words).map(({ text, isMatch }, index) =>
    isMatch ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
  );
}
