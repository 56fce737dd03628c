import { useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import type { Tab } from "../../store/state.ts";
import { Button } from "../../ui/button.tsx";

/**
 * Something was copied in a guest whose agent can share the clipboard, and the user has not yet said whether guests may. A line
 * below the picture that takes nothing from the guest: it waits, and is asked once for all guests.
 */
export function ClipboardHint({ tab }: { readonly tab: Tab }) {
  const console = useAppStore((state) => state.settings.console);
  const commands = useCommands();
  if (tab.state.phase !== "live" || tab.facts?.isClipboardOffered !== true) return null;

  const answer = (agentClipboard: "allowed" | "refused"): void => {
    commands.changeSettings({ console: { ...console, agentClipboard } }).catch(() => {
      commands.notify("error", "The setting could not be saved.");
    });
    commands.focusConsole();
  };

  return (
    <div className="console-hint console-hint-acts" role="group" aria-label="Clipboard">
      <span>Something was copied in this guest. Share the clipboard with guests?</span>
      <Button
        variant="quiet"
        onClick={() => {
          answer("refused");
        }}
      >
        No
      </Button>
      <Button
        variant="primary"
        onClick={() => {
          answer("allowed");
        }}
      >
        Share
      </Button>
    </div>
  );
}
