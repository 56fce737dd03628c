import { Monitor, SquareTerminal } from "lucide-react";
import type { GuestId } from "../../../shared/contracts/ids.ts";
import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { protocolWord } from "../../store/slot-words.ts";
import { Dialog } from "../../ui/dialog.tsx";

/** Which of a guest's consoles to open; the choice is remembered. */
export function ChooseConsoleDialog({ guestId }: { readonly guestId: GuestId }) {
  const commands = useCommands();
  const guest = useAppStore((state) => state.guestById.get(guestId));
  const close = (): void => {
    actions.setOverlay({ kind: "none" });
  };
  if (guest === undefined) return null;
  return (
    <Dialog
      title={`Open ${guest.name}`}
      description="It has several consoles. The one you choose opens next time."
      width="small"
      onClose={close}
    >
      <ul className="console-choice">
        {guest.consoles.map((console) => (
          <li key={console.id}>
            <button
              type="button"
              disabled={console.unavailable !== undefined}
              onClick={() => {
                close();
                commands.openGuest(guestId, console.id);
              }}
            >
              {console.protocol === "serial" ? <SquareTerminal aria-hidden="true" /> : <Monitor aria-hidden="true" />}
              <span>{console.label}</span>
              <small>{console.unavailable ?? protocolWord(console.protocol)}</small>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
