import { useEffect, useMemo, useRef, useState } from "react";
import { ClipboardPaste } from "lucide-react";
import type { TabId } from "../../../shared/contracts/ids.ts";
import { type KeyboardLayoutId } from "../../../shared/contracts/settings.ts";
import { errorSentence } from "../../../shared/errors/error-text.ts";
import { drop } from "../../../shared/lifecycle/drop.ts";
import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { LAYOUT_OPTIONS } from "../../store/layout-options.ts";
import { tabOf } from "../../store/selectors.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Select } from "../../ui/select.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import "./type-text.css";

/** So many of them are named; the rest is counted. */
const MAX_NAMED_CHARACTERS = 12;

export interface TypeTextDialogProps {
  readonly tabId: TabId;
  /** The characters of a text that a layout has no keys for, each once. */
  readonly findUntypable: (text: string, layout: KeyboardLayoutId) => readonly string[];
  readonly maxCharacters: number;
}

interface Typing {
  readonly controller: AbortController;
  readonly typed: number;
  readonly all: number;
}

/** Types a text in the guest as key strokes, for where no clipboard reaches: firmware, a login, a recovery shell. */
export function TypeTextDialog({ tabId, findUntypable, maxCharacters }: TypeTextDialogProps) {
  const commands = useCommands();
  const tab = useAppStore((state) => tabOf(state, tabId));
  const consoleSettings = useAppStore((state) => state.settings.console);
  const [text, setText] = useState("");
  const [layout, setLayout] = useState(consoleSettings.typeTextLayout);
  const [typing, setTyping] = useState<Typing>();
  const [error, setError] = useState<string>();
  const area = useRef<HTMLElement>(null);
  const running = useRef<AbortController>(undefined);

  // However the dialog goes away, the typing ends with it.
  useEffect(() => () => running.current?.abort(), []);

  const isText = tab?.protocol === "serial" || tab?.protocol === "tn3270";
  const untypable = useMemo(
    () => (isText || text.length > maxCharacters ? [] : findUntypable(text, layout)),
    [isText, text, layout, maxCharacters, findUntypable],
  );
  const problem = problemOf(text, untypable, maxCharacters);
  const isLive = tab?.state.phase === "live";

  const close = (): void => {
    running.current?.abort();
    actions.setOverlay({ kind: "none" });
    commands.focusConsole();
  };

  const type = async (controller: AbortController): Promise<void> => {
    try {
      await commands.typeText(tabId, text, {
        layout,
        pauseMs: consoleSettings.typeTextPauseMs,
        signal: controller.signal,
        onProgress: (typed, all) => {
          setTyping({ controller, typed, all });
        },
      });
    } catch (failure) {
      setError(errorSentence(failure));
      return;
    } finally {
      running.current = undefined;
      setTyping(undefined);
    }
    commands.notify("info", "The text was typed.");
    close();
  };

  const start = (): void => {
    if (text === "" || problem !== undefined || running.current !== undefined) return;
    const controller = new AbortController();
    running.current = controller;
    setError(undefined);
    setTyping({ controller, typed: 0, all: text.length });
    if (layout !== consoleSettings.typeTextLayout) {
      // The guest's layout stays what it is; a failure to remember it must not keep the text from being typed.
      drop(
        commands
          .changeSettings({ console: { ...consoleSettings, typeTextLayout: layout } })
          .catch((failure: unknown) => {
            commands.notify("error", errorSentence(failure) ?? "");
          }),
      );
    }
    drop(type(controller));
  };

  const fillFromClipboard = async (): Promise<void> => {
    try {
      setText(await navigator.clipboard.readText());
      setError(undefined);
    } catch {
      setError("The browser did not allow reading the clipboard; press Ctrl V in the box instead.");
    }
  };

  if (tab === undefined) return null;
  return (
    <Dialog
      title={`Type text in ${tab.guestName}`}
      description={isText ? "It is sent as if it were pasted." : "Each character is sent as key strokes."}
      initialFocus={area}
      onClose={close}
      onSubmit={start}
      footer={
        typing === undefined ? (
          <>
            <Button className="ui-dialog-footer-start" onClick={() => drop(fillFromClipboard())}>
              <ClipboardPaste aria-hidden="true" /> From the clipboard
            </Button>
            <Button onClick={close}>Close</Button>
            <Button type="submit" variant="primary" disabled={text === "" || problem !== undefined || !isLive}>
              Type
            </Button>
          </>
        ) : (
          <Button
            onClick={() => {
              typing.controller.abort();
            }}
          >
            Cancel
          </Button>
        )
      }
    >
      <div className="type-text">
        <TextArea
          ref={area as React.RefObject<HTMLTextAreaElement | null>}
          label="Text"
          isMono
          rows={7}
          value={text}
          readOnly={typing !== undefined}
          {...(problem === undefined ? {} : { error: problem })}
          onChange={(event) => {
            setText(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && event.ctrlKey) {
              event.preventDefault();
              start();
            }
          }}
        />
        {!isText && (
          <Select
            label="Keyboard layout of the guest"
            hint="What the guest is set to, not what is on your desk."
            value={layout}
            options={LAYOUT_OPTIONS}
            disabled={typing !== undefined}
            onChange={setLayout}
          />
        )}
        {typing !== undefined && (
          <div className="type-text-progress">
            <Progress label="Typed so far" fraction={typing.all === 0 ? 1 : typing.typed / typing.all} />
            <span role="status">
              {typing.typed} of {typing.all}
            </span>
          </div>
        )}
        {!isLive && <Alert tone="failed">The console is not connected now.</Alert>}
        {error !== undefined && <Alert tone="failed">{error}</Alert>}
      </div>
    </Dialog>
  );
}

function problemOf(text: string, untypable: readonly string[], maxCharacters: number): string | undefined {
  if (text.length > maxCharacters) return `This is longer than the ${maxCharacters} characters that can be typed.`;
  if (untypable.length === 0) return undefined;
  const named = untypable.slice(0, MAX_NAMED_CHARACTERS).map(nameOfCharacter).join(" ");
  const rest = untypable.length - MAX_NAMED_CHARACTERS;
  return `This layout has no keys for ${named}${rest > 0 ? ` and ${rest} more` : ""}.`;
}

/** A character as it is, or by number where it cannot be seen. */
function nameOfCharacter(character: string): string {
  if (/^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character)) return character;
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
