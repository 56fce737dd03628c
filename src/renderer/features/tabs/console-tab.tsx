import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { Pin, X } from "lucide-react";
import { useCommands } from "../../store/commands-context.ts";
import {
  CONSOLE_PANEL_ELEMENT_ID,
  protocolWord,
  slotTone,
  slotWord,
  tabElementId,
  tabKey,
} from "../../store/slot-words.ts";
import type { Tab } from "../../store/state.ts";
import { ContextMenu } from "../../ui/context-menu.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Dot } from "../../ui/dot.tsx";
import { useTabMenu } from "./tab-menu.tsx";

const MIDDLE_BUTTON = 1;

export interface ConsoleTabProps {
  readonly tab: Tab;
  readonly title: string;
  readonly index: number;
  readonly tabCount: number;
  readonly isActive: boolean;
  /** The one tab that the Tab key reaches. */
  readonly isRoving: boolean;
  readonly onMove: (toIndex: number) => void;
}

export function ConsoleTab({ tab, title, index, tabCount, isActive, isRoving, onMove }: ConsoleTabProps) {
  const commands = useCommands();
  const { setNodeRef, listeners, transform, transition, isDragging } = useSortable({ id: tab.id });
  const entries = useTabMenu(tab, { index, tabCount, onMove });
  const key = tabKey(index);
  const description = [slotWord(tab.state), protocolWord(tab.protocol), ...(tab.isPinned ? ["pinned"] : [])].join(", ");

  return (
    <ContextMenu entries={entries}>
      <div
        ref={setNodeRef}
        id={tabElementId(tab)}
        className={classNames(
          "console-tab",
          isActive && "console-tab-active",
          tab.isPinned && "console-tab-pinned",
          isDragging && "console-tab-dragged",
        )}
        style={{ transform: CSS.Translate.toString(transform), transition }}
        role="tab"
        tabIndex={isRoving ? 0 : -1}
        aria-label={title}
        aria-description={description}
        aria-selected={isActive}
        aria-controls={CONSOLE_PANEL_ELEMENT_ID}
        title={`${title}, ${description}`}
        {...listeners}
        onClick={() => {
          commands.switchTo(tab.id);
        }}
        onMouseDown={(event) => {
          // No auto-scroll from a middle press.
          if (event.button === MIDDLE_BUTTON) event.preventDefault();
        }}
        onAuxClick={(event) => {
          if (event.button === MIDDLE_BUTTON) commands.closeTab(tab.id);
        }}
      >
        <Dot tone={slotTone(tab.state)} />
        <span className="console-tab-name">{title}</span>
        <span className="console-tab-end">
          {tab.isPinned ? (
            <Pin className="console-tab-pin" aria-hidden="true" />
          ) : (
            // The pointer's way only, no button: a tab may hold nothing that takes the focus. Delete and the menu close it too.
            <span
              className="console-tab-close"
              aria-hidden="true"
              title="Close"
              onPointerDown={(event) => {
                event.stopPropagation();
              }}
              onClick={(event) => {
                event.stopPropagation();
                commands.closeTab(tab.id);
              }}
            >
              <X />
            </span>
          )}
          {key !== undefined && <kbd className="console-tab-key">{key}</kbd>}
        </span>
      </div>
    </ContextMenu>
  );
}
