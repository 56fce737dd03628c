import { useEffect, useRef, useState } from "react";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import type { TabId } from "../../../shared/contracts/ids.ts";
import { isTextSession, type TextSession } from "../../sessions/session.ts";
import { useCommands, useSlots } from "../../store/commands-context.ts";
import { IconButton } from "../../ui/icon-button.tsx";

/** Finds text in a text console's screen and scrollback. */
export function FindBar({ tabId, onClose }: { readonly tabId: TabId; readonly onClose: () => void }) {
  const slots = useSlots();
  const commands = useCommands();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [isMissing, setMissing] = useState(false);

  const session = (): TextSession | undefined => {
    const current = slots.get(tabId)?.session;
    return current !== undefined && isTextSession(current) ? current : undefined;
  };

  useEffect(() => {
    input.current?.focus();
    return () => {
      const current = slots.get(tabId)?.session;
      if (current !== undefined && isTextSession(current)) current.clearFind();
    };
  }, [slots, tabId]);

  const find = (wanted: string, direction: "next" | "previous"): void => {
    if (wanted === "") {
      session()?.clearFind();
      setMissing(false);
      return;
    }
    setMissing(session()?.find(wanted, direction) === false);
  };

  const close = (): void => {
    onClose();
    commands.focusConsole();
  };

  return (
    <div className="console-find" role="search">
      <input
        ref={input}
        className="ui-input"
        type="text"
        aria-label="Find in this console"
        placeholder="Find"
        autoComplete="off"
        spellCheck={false}
        value={text}
        aria-invalid={isMissing}
        onChange={(event) => {
          setText(event.target.value);
          find(event.target.value, "previous");
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") find(text, event.shiftKey ? "next" : "previous");
          else if (event.key === "Escape") close();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className="console-find-answer" role="status">
        {isMissing ? "Not found" : ""}
      </span>
      <IconButton
        label="Find previous"
        shortcut="Enter"
        size="small"
        onClick={() => {
          find(text, "previous");
        }}
      >
        <ChevronUp />
      </IconButton>
      <IconButton
        label="Find next"
        shortcut="Shift Enter"
        size="small"
        onClick={() => {
          find(text, "next");
        }}
      >
        <ChevronDown />
      </IconButton>
      <IconButton label="Close the search" shortcut="Esc" size="small" onClick={close}>
        <X />
      </IconButton>
    </div>
  );
}
