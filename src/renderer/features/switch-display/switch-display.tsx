import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { TabId } from "../../../shared/contracts/ids.ts";
import { after } from "../../../shared/lifecycle/timer.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands, useSlots } from "../../store/commands-context.ts";
import { slotWord, tabKey, tabTitle } from "../../store/slot-words.ts";
import type { SwitchDisplay as SwitchDisplayState, Tab } from "../../store/state.ts";
import { classNames } from "../../ui/class-names.ts";
import { Kbd } from "../../ui/kbd.tsx";
import { CARD_MARKED_CLASS, keepPainted } from "./keep-painted.ts";
import "./switch-display.css";

/**
 * The row of pictures that says where one is and where the keys lead, as on a KVM switch. It never takes the focus: the keys
 * are the hotkey engine's. To be put into the console's area, which positions it.
 */
export function SwitchDisplay() {
  const display = useAppStore((state) => state.switchDisplay);
  return display === undefined ? null : <DueSwitchDisplay display={display} />;
}

/**
 * A switch shows the other guest's last picture and then its current one, which takes until here. Only then is the display made:
 * with many cards it costs more than both.
 */
const FLASH_DELAY_MS = 120;

/** Who gave the leader waits for the display; who has switched waits for the guest. */
function DueSwitchDisplay({ display }: { readonly display: SwitchDisplayState }) {
  const [isPictureOut, setIsPictureOut] = useState(false);
  useEffect(() => {
    const timer = after(FLASH_DELAY_MS, () => {
      setIsPictureOut(true);
    });
    return () => {
      timer.dispose();
    };
  }, []);
  return isPictureOut || display.mode !== "flash" ? <ShownSwitchDisplay display={display} /> : null;
}

function ShownSwitchDisplay({ display }: { readonly display: SwitchDisplayState }) {
  const tabs = useAppStore((state) => state.tabs);
  const row = useRef<HTMLOListElement>(null);
  const marked = tabs.findIndex((tab) => tab.id === display.markedTabId);
  const markedTab = tabs[marked];
  useLivePictures(row);
  useMarkedInView(row, display.markedTabId);

  return (
    <section className="switch-display" aria-label="Switch display" data-mode={display.mode}>
      {tabs.length === 0 ? (
        <p className="switch-display-nothing">No console is open.</p>
      ) : (
        <ol className="switch-display-row" ref={row}>
          {tabs.map((tab, index) => (
            <Card key={tab.id} tab={tab} tabs={tabs} index={index} isMarked={index === marked} />
          ))}
        </ol>
      )}
      <Hint mode={display.mode} />
      <p className="ui-hidden-text" role="status">
        {markedTab === undefined
          ? ""
          : `${tabTitle(markedTab, tabs)}, ${slotWord(markedTab.state)}, ${marked + 1} of ${tabs.length}`}
      </p>
    </section>
  );
}

interface CardProps {
  readonly tab: Tab;
  readonly tabs: readonly Tab[];
  readonly index: number;
  readonly isMarked: boolean;
}

function Card({ tab, tabs, index, isMarked }: CardProps) {
  const commands = useCommands();
  const key = tabKey(index);
  return (
    <li>
      <button
        type="button"
        tabIndex={-1}
        className={classNames("switch-display-card", isMarked && CARD_MARKED_CLASS)}
        aria-current={isMarked ? "true" : undefined}
        data-phase={tab.state.phase}
        data-tab-id={tab.id}
        // The keyboard stays where it is.
        onMouseDown={(event) => {
          event.preventDefault();
        }}
        onClick={() => {
          commands.switchTo(tab.id);
        }}
      >
        <span className="switch-display-picture">
          <canvas aria-hidden="true" />
          <span className="switch-display-state">{tab.state.phase === "live" ? "" : slotWord(tab.state)}</span>
        </span>
        <span className="switch-display-label">
          {key !== undefined && <kbd>{key}</kbd>}
          <span className="switch-display-name">{tabTitle(tab, tabs)}</span>
        </span>
      </button>
    </li>
  );
}

/** What may be typed now. */
function Hint({ mode }: { readonly mode: SwitchDisplayState["mode"] }) {
  switch (mode) {
    case "leader":
      return (
        <p className="switch-display-hint">
          <span>
            <Kbd>1</Kbd>–<Kbd>0</Kbd> choose
          </span>
          <span>
            <Kbd>←</Kbd> <Kbd>→</Kbd> step
          </span>
          <span>
            <Kbd>L</Kbd> last
          </span>
          <span>
            <Kbd>S</Kbd> scan
          </span>
          <span>
            <Kbd>/</Kbd> find
          </span>
          <span>
            <Kbd>?</Kbd> all keys
          </span>
          <span>
            <Kbd>Esc</Kbd> back
          </span>
        </p>
      );
    case "recent":
      return (
        <p className="switch-display-hint">
          <span>
            <Kbd>Tab</Kbd> next
          </span>
          <span>
            <Kbd>Shift Tab</Kbd> back
          </span>
          <span>release to switch</span>
          <span>
            <Kbd>Esc</Kbd> stay
          </span>
        </p>
      );
    case "scan":
      return (
        <p className="switch-display-hint">
          <span>Auto-scan: no input is accepted.</span>
          <span>
            <Kbd>Esc</Kbd> or <Kbd>Space</Kbd> ends it
          </span>
        </p>
      );
    case "flash":
      return null;
  }
}

/** Keeps the pictures in step with the guests as long as the display is up. */
function useLivePictures(row: RefObject<HTMLElement | null>): void {
  const slots = useSlots();
  useEffect(() => {
    if (row.current === null) return;
    const painting = keepPainted(row.current, (tabId, maxWidthPx) => slots.get(tabId)?.preview(maxWidthPx));
    return () => {
      painting.dispose();
    };
  }, [row, slots]);
}

function useMarkedInView(row: RefObject<HTMLElement | null>, markedTabId: TabId | undefined): void {
  useLayoutEffect(() => {
    const element = row.current;
    const card = element?.querySelector<HTMLElement>(`.${CARD_MARKED_CLASS}`);
    if (element === null || card === null || card === undefined) return;
    // Centred, so that its neighbours on both sides are in view: they are what the next key leads to.
    element.scrollTo({ left: card.offsetLeft + card.offsetWidth / 2 - element.clientWidth / 2 });
  }, [row, markedTabId]);
}
