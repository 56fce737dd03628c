import { useEffect, useLayoutEffect, useRef, type RefObject } from "react";
import { every } from "../../../shared/lifecycle/timer.ts";
import type { TabId } from "../../../shared/contracts/ids.ts";
import type { SlotRegistry } from "../../sessions/console-slot.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands, useSlots } from "../../store/commands-context.ts";
import { slotWord, tabKey, tabTitle } from "../../store/slot-words.ts";
import type { SwitchDisplay as SwitchDisplayState, Tab } from "../../store/state.ts";
import { classNames } from "../../ui/class-names.ts";
import { Kbd } from "../../ui/kbd.tsx";
import { paintCover } from "./paint-cover.ts";
import "./switch-display.css";

/** A guest's picture in a card, in CSS pixels; the style sheet has the same. */
const PICTURE_WIDTH_PX = 136;
const PICTURE_HEIGHT_PX = 85;

/** How often the pictures follow the guests while the display is up. */
const REPAINT_MS = 250;

/**
 * The row of pictures that says where one is and where the keys lead, as on a KVM switch. It never takes the focus: the keys
 * are the hotkey engine's. To be put into the console's area, which positions it.
 */
export function SwitchDisplay() {
  const display = useAppStore((state) => state.switchDisplay);
  return display === undefined ? null : <ShownSwitchDisplay display={display} />;
}

function ShownSwitchDisplay({ display }: { readonly display: SwitchDisplayState }) {
  const tabs = useAppStore((state) => state.tabs);
  const row = useRef<HTMLOListElement>(null);
  const marked = tabs.findIndex((tab) => tab.id === display.markedTabId);
  const markedTab = tabs[marked];
  useLivePictures(row, tabs);
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
        className={classNames("switch-display-card", isMarked && "switch-display-card-marked")}
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

function paintRow(row: HTMLElement, slots: SlotRegistry): void {
  const frame = row.getBoundingClientRect();
  for (const card of row.querySelectorAll<HTMLElement>("[data-tab-id]")) {
    const canvas = card.querySelector("canvas");
    if (canvas === null) continue;
    const { left, right } = card.getBoundingClientRect();
    if (right < frame.left || left > frame.right) continue;
    const scale = window.devicePixelRatio;
    const picture = slots.get(card.dataset["tabId"] as TabId)?.preview(Math.ceil(PICTURE_WIDTH_PX * 2 * scale));
    const isPainted = paintCover(canvas, picture, PICTURE_WIDTH_PX * scale, PICTURE_HEIGHT_PX * scale);
    card.classList.toggle("switch-display-card-dark", !isPainted);
  }
}

/** Only the cards in view are painted, so that fifty open consoles cost no more than five. */
function useLivePictures(row: RefObject<HTMLElement | null>, tabs: readonly Tab[]): void {
  const slots = useSlots();
  useLayoutEffect(() => {
    if (row.current !== null) paintRow(row.current, slots);
  }, [row, slots, tabs]);
  useEffect(() => {
    const paint = (): void => {
      if (row.current !== null) paintRow(row.current, slots);
    };
    const timer = every(REPAINT_MS, paint);
    const element = row.current;
    element?.addEventListener("scroll", paint, { passive: true });
    return () => {
      timer.dispose();
      element?.removeEventListener("scroll", paint);
    };
  }, [row, slots]);
}

function useMarkedInView(row: RefObject<HTMLElement | null>, markedTabId: TabId | undefined): void {
  useLayoutEffect(() => {
    const element = row.current;
    const card = element?.querySelector<HTMLElement>(".switch-display-card-marked");
    if (element === null || card === null || card === undefined) return;
    // Centred, so that its neighbours on both sides are in view: they are what the next key leads to.
    element.scrollTo({ left: card.offsetLeft + card.offsetWidth / 2 - element.clientWidth / 2 });
  }, [row, markedTabId]);
}
