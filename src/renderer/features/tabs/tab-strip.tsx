import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { DndContext, PointerSensor, closestCenter, useSensor, useSensors, type DragEndEvent } from "@dnd-kit/core";
import { SortableContext, horizontalListSortingStrategy } from "@dnd-kit/sortable";
import type { TabId } from "../../../shared/contracts/ids.ts";
import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { tabElementId, tabTitle } from "../../store/slot-words.ts";
import { ConsoleTab } from "./console-tab.tsx";
import "./tabs.css";

/** Less than this is a click, not a drag. */
const DRAG_START_PX = 6;

/** The open consoles. Arrow keys move the focus, Enter shows the focused one; the shown one keeps itself in view. */
export function TabStrip() {
  const tabs = useAppStore((state) => state.tabs);
  const activeTabId = useAppStore((state) => state.activeTabId);
  const commands = useCommands();
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: DRAG_START_PX } }));
  const [focusedTabId, setFocusedTabId] = useState<TabId | undefined>(undefined);
  const [spoken, setSpoken] = useState("");
  const list = useRef<HTMLDivElement>(null);

  const rovingTabId = tabs.some((tab) => tab.id === focusedTabId) ? focusedTabId : (activeTabId ?? tabs[0]?.id);

  useEffect(() => {
    if (activeTabId === undefined) return;
    const element = document.getElementById(tabElementId({ id: activeTabId }));
    element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [activeTabId, tabs.length]);

  const focusAt = (index: number): void => {
    const tab = tabs[(index + tabs.length) % tabs.length];
    if (tab === undefined) return;
    setFocusedTabId(tab.id);
    document.getElementById(tabElementId(tab))?.focus();
  };

  const moveTo = (tabId: TabId, index: number): void => {
    actions.moveTab(tabId, index);
    const tab = tabs.find((each) => each.id === tabId);
    if (tab !== undefined) {
      const place = Math.max(0, Math.min(index, tabs.length - 1)) + 1;
      setSpoken(`${tabTitle(tab, tabs)}: place ${place} of ${tabs.length}`);
    }
  };

  const handleKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const at = tabs.findIndex((tab) => tabElementId(tab) === (event.target as HTMLElement).id);
    const tab = tabs[at];
    if (tab === undefined) return;
    const isMove = event.ctrlKey && event.shiftKey;
    switch (event.key) {
      case "ArrowRight":
        if (isMove) moveTo(tab.id, at + 1);
        else focusAt(at + 1);
        break;
      case "ArrowLeft":
        if (isMove) moveTo(tab.id, Math.max(0, at - 1));
        else focusAt(at - 1);
        break;
      case "Home":
        focusAt(0);
        break;
      case "End":
        focusAt(tabs.length - 1);
        break;
      case "Enter":
      case " ":
        commands.switchTo(tab.id);
        break;
      case "Delete":
        focusAt(at + 1 < tabs.length ? at + 1 : at - 1);
        commands.closeTab(tab.id);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const handleDragEnd = ({ active, over }: DragEndEvent): void => {
    const to = tabs.findIndex((tab) => tab.id === over?.id);
    if (to >= 0) moveTo(active.id as TabId, to);
  };

  return (
    <>
      {/* Around the list: what it says to screen readers is no tab. */}
      <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={handleDragEnd}>
        <div
          ref={list}
          className="tab-strip"
          role="tablist"
          aria-label="Consoles"
          aria-orientation="horizontal"
          onKeyDown={handleKeyDown}
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget)) setFocusedTabId(undefined);
          }}
          onWheel={(event) => {
            if (event.deltaX === 0) list.current?.scrollBy({ left: event.deltaY });
          }}
        >
          <SortableContext items={tabs.map((tab) => tab.id)} strategy={horizontalListSortingStrategy}>
            {tabs.map((tab, index) => (
              <ConsoleTab
                key={tab.id}
                tab={tab}
                title={tabTitle(tab, tabs)}
                index={index}
                tabCount={tabs.length}
                isActive={tab.id === activeTabId}
                isRoving={tab.id === rovingTabId}
                onMove={(to) => {
                  moveTo(tab.id, to);
                }}
              />
            ))}
          </SortableContext>
        </div>
      </DndContext>
      <div className="ui-hidden-text" role="status">
        {spoken}
      </div>
    </>
  );
}
