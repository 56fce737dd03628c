import { MonitorPlay, SquareTerminal } from "lucide-react";
import type { GuestId } from "../../../shared/contracts/ids.ts";
import type { ConsoleProtocol } from "../../../shared/contracts/inventory.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import "./choose-console-dialog.css";

const MEANINGS: Readonly<Record<ConsoleProtocol, string>> = {
  vnc: "the guest's screen",
  spice: "the guest's screen, with sound and devices",
  rdp: "a desktop session inside the guest",
  serial: "the guest's text console",
  tn3270: "a 3270 terminal",
};

const isText = (protocol: ConsoleProtocol): boolean => protocol === "serial" || protocol === "tn3270";

export interface ChooseConsoleDialogProps {
  readonly guestId: GuestId;
  readonly onClose: () => void;
}

/** A guest has several consoles: which one? The choice is remembered. */
export function ChooseConsoleDialog({ guestId, onClose }: ChooseConsoleDialogProps) {
  const commands = useCommands();
  const guest = useAppStore((state) => state.guestById.get(guestId));
  const preferred = useAppStore((state) => state.preferredConsoleByGuest.get(guestId));

  return (
    <Dialog
      width="small"
      title={guest === undefined ? "The guest is not there any more" : `Open ${guest.name}`}
      description="It has several consoles. The choice is remembered for this guest; the tab's menu changes it."
      closesOnClickBeside={false}
      onClose={onClose}
    >
      {guest?.consoles.length === 0 && <Alert tone="info">It has no console now.</Alert>}
      <ul className="choose-console">
        {guest?.consoles.map((console) => (
          <li key={console.id}>
            <button
              type="button"
              disabled={console.unavailable !== undefined}
              onClick={() => {
                onClose();
                commands.openGuest(guest.id, console.id);
              }}
            >
              {isText(console.protocol) ? <SquareTerminal aria-hidden="true" /> : <MonitorPlay aria-hidden="true" />}
              <span>
                {console.label}
                <small>{console.unavailable ?? MEANINGS[console.protocol]}</small>
              </span>
              {console.id === preferred && <small>last used</small>}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
