import { useEffect, useRef, useState, type RefObject } from "react";
import { useCommands } from "../../store/commands-context.ts";
import type { Tab } from "../../store/state.ts";

/** Whether files are being dragged, not texts or the app's own tabs. */
function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") === true;
}

/** Files dropped onto the picture go to the guest, where its agent takes them; the page itself is never replaced by one. */
export function DropZone({ tab, place }: { readonly tab: Tab; readonly place: RefObject<HTMLElement | null> }) {
  const commands = useCommands();
  const [isOver, setOver] = useState(false);
  const depth = useRef(0);
  const canTake = tab.state.phase === "live" && tab.facts?.canTakeFiles === true && !tab.isViewOnly;
  const tabId = tab.id;

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const set = (next: number): void => {
      depth.current = next;
      setOver(next > 0);
    };
    const handleEnter = (event: DragEvent): void => {
      if (hasFiles(event)) set(depth.current + 1);
    };
    const handleLeave = (event: DragEvent): void => {
      if (hasFiles(event)) set(Math.max(0, depth.current - 1));
    };
    const handleOver = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = canTake ? "copy" : "none";
    };
    const handleDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      set(0);
      if (canTake) commands.sendFiles(tabId, [...(event.dataTransfer?.files ?? [])]);
    };
    const controller = new AbortController();
    const { signal } = controller;
    element.addEventListener("dragenter", handleEnter, { signal });
    element.addEventListener("dragleave", handleLeave, { signal });
    element.addEventListener("dragover", handleOver, { signal });
    element.addEventListener("drop", handleDrop, { signal });
    return () => {
      controller.abort();
    };
  }, [canTake, commands, place, tabId]);

  if (!isOver) return null;
  return (
    <div className="console-drop">
      {canTake ? "Drop to give the files to the guest" : "This guest takes no files: no agent runs in it"}
    </div>
  );
}
