import { useLayoutEffect, useRef, type ReactNode } from "react";
import type { TabId } from "../../../shared/contracts/ids.ts";
import { useAppStore } from "../../store/app-store.ts";
import { activeTabOf } from "../../store/selectors.ts";
import { CONSOLE_PANEL_ELEMENT_ID, slotWord, tabElementId, tabTitle } from "../../store/slot-words.ts";
import { ClipboardHint } from "./clipboard-hint.tsx";
import { ConsoleCurtain } from "./console-curtain.tsx";
import { DropZone } from "./drop-zone.tsx";
import { FileTransfers } from "./file-transfers.tsx";
import { FindBar } from "./find-bar.tsx";
import { MouseHint } from "./mouse-hint.tsx";
import "./console.css";

export interface ConsolePaneProps {
  /** Holds every console's element; the app shows and hides them, without React. */
  readonly stage: HTMLElement;
  /** Shown while no tab is open. */
  readonly emptyPage: ReactNode;
  /** A question on the way to the shown console, over its picture. */
  readonly question?: ReactNode;
  /** Layers over the picture: the switch display. */
  readonly children?: ReactNode;
  readonly findTabId: TabId | undefined;
  readonly onFindClose: () => void;
}

/** The shown console: the guest's picture and what must be said about it. */
export function ConsolePane({ stage, emptyPage, question, children, findTabId, onFindClose }: ConsolePaneProps) {
  const tab = useAppStore(activeTabOf);
  const frame = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    frame.current?.prepend(stage);
  }, [stage]);

  return (
    <main className="console-pane">
      {/* Always there and never hidden: a console that is just being opened must be able to take the keyboard. */}
      <div
        ref={frame}
        id={CONSOLE_PANEL_ELEMENT_ID}
        className="console-panel"
        role={tab === undefined ? undefined : "tabpanel"}
        aria-labelledby={tab === undefined ? undefined : tabElementId(tab)}
      >
        {tab !== undefined && (
          <>
            <ConsoleCurtain tab={tab} isCovered={question !== undefined} />
            <MouseHint tab={tab} />
            <ClipboardHint key={`clipboard-${tab.id}`} tab={tab} />
            <FileTransfers tab={tab} />
            <DropZone key={`drop-${tab.id}`} tab={tab} place={frame} />
            {findTabId === tab.id && <FindBar key={tab.id} tabId={tab.id} onClose={onFindClose} />}
          </>
        )}
        {question}
      </div>
      {tab === undefined && emptyPage}
      <StateAnnouncement />
      {children}
    </main>
  );
}

/** Tells a screen reader which console is shown and how it is. */
function StateAnnouncement() {
  const text = useAppStore((state) => {
    const tab = activeTabOf(state);
    return tab === undefined ? "" : `${tabTitle(tab, state.tabs)}: ${slotWord(tab.state)}`;
  });
  return (
    <div className="ui-hidden-text" role="status">
      {text}
    </div>
  );
}
