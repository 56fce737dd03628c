import { useRef } from "react";
import type { GuestId } from "../../../shared/contracts/ids.ts";
import { errorSentence } from "../../../shared/errors/error-text.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useAct } from "../../ui/use-act.ts";

export type AskedPowerAction = "shutdown" | "reboot" | "reset" | "force-off";

interface PowerTexts {
  readonly title: (name: string) => string;
  readonly loss: string;
  readonly act: string;
  readonly isRough: boolean;
}

const TEXTS: Readonly<Record<AskedPowerAction, PowerTexts>> = {
  shutdown: {
    title: (name) => `Shut down ${name}?`,
    loss: "Its system is asked to shut down. What is open in it and not saved may be lost.",
    act: "Shut down",
    isRough: false,
  },
  reboot: {
    title: (name) => `Reboot ${name}?`,
    loss: "Its system is asked to restart. What is open in it and not saved may be lost.",
    act: "Reboot",
    isRough: false,
  },
  reset: {
    title: (name) => `Reset ${name}?`,
    loss: "Like the reset button: it restarts at once, and everything that is not yet on its disk is lost.",
    act: "Reset",
    isRough: true,
  },
  "force-off": {
    title: (name) => `Force ${name} off?`,
    loss: "Like pulling the plug: it stops at once, and everything that is not yet on its disk is lost.",
    act: "Force off",
    isRough: true,
  },
};

export interface ConfirmPowerDialogProps {
  readonly guestId: GuestId;
  readonly action: AskedPowerAction;
  readonly onClose: () => void;
}

/** Says what could be lost, and asks. */
export function ConfirmPowerDialog({ guestId, action, onClose }: ConfirmPowerDialogProps) {
  const commands = useCommands();
  const guest = useAppStore((state) => state.guestById.get(guestId));
  const hostLabel = useAppStore((state) => (guest === undefined ? undefined : state.hostById.get(guest.hostId)?.label));
  const cancel = useRef<HTMLButtonElement>(null);
  const { isBusy, error, run } = useAct(errorSentence);
  const texts = TEXTS[action];

  return (
    <Dialog
      role="alertdialog"
      width="small"
      title={texts.title(guest?.name ?? "the guest")}
      description={
        <>
          {texts.loss}
          {hostLabel !== undefined && ` It runs on ${hostLabel}.`}
        </>
      }
      initialFocus={cancel}
      onClose={onClose}
      footer={
        <>
          <Button ref={cancel} onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant={texts.isRough ? "danger" : "primary"}
            isBusy={isBusy}
            disabled={guest === undefined}
            onClick={() => {
              run(() => commands.powerConfirmed(guestId, action).then(onClose));
            }}
          >
            {texts.act}
          </Button>
        </>
      }
    >
      {error !== undefined && <Alert tone="failed">{error}</Alert>}
      {guest === undefined && <Alert tone="info">The guest is not there any more.</Alert>}
    </Dialog>
  );
}
