import { useRef, useState } from "react";
import { asAppError } from "../../../shared/errors/app-error.ts";
import { readableError } from "../../../shared/errors/error-text.ts";
import type { GuestId } from "../../../shared/contracts/ids.ts";
import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import type { Overlay } from "../../store/state.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";

type RiskyAction = Extract<Overlay, { kind: "confirm-power" }>["action"];

const TEXTS: Readonly<Record<RiskyAction, { title: string; loss: string; act: string; isHarsh: boolean }>> = {
  shutdown: {
    title: "Shut down",
    loss: "The guest is asked to shut down. Programs that run in it end.",
    act: "Shut down",
    isHarsh: false,
  },
  reboot: {
    title: "Reboot",
    loss: "The guest is asked to reboot. Programs that run in it end.",
    act: "Reboot",
    isHarsh: false,
  },
  reset: {
    title: "Reset",
    loss: "The guest starts anew at once, as with a reset button. What it has not written to its disk is lost.",
    act: "Reset",
    isHarsh: true,
  },
  "force-off": {
    title: "Force off",
    loss: "The guest is cut off at once, as by pulling the plug. What it has not written to its disk is lost.",
    act: "Force off",
    isHarsh: true,
  },
};

/** Asks before something in a guest could be lost. */
export function ConfirmPowerDialog({ guestId, action }: { readonly guestId: GuestId; readonly action: RiskyAction }) {
  const commands = useCommands();
  const name = useAppStore((state) => state.guestById.get(guestId)?.name ?? "this guest");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const cancel = useRef<HTMLButtonElement>(null);
  const { title, loss, act, isHarsh } = TEXTS[action];

  const close = (): void => {
    actions.setOverlay({ kind: "none" });
  };

  const confirm = (): void => {
    setBusy(true);
    setProblem(undefined);
    commands.powerConfirmed(guestId, action).then(close, (error: unknown) => {
      setBusy(false);
      setProblem(readableError(asAppError(error)).text);
    });
  };

  return (
    <Dialog
      title={`${title} ${name}?`}
      description={loss}
      role="alertdialog"
      width="small"
      initialFocus={cancel}
      onClose={close}
      footer={
        <>
          <Button ref={cancel} onClick={close}>
            Cancel
          </Button>
          <Button variant={isHarsh ? "danger" : "primary"} isBusy={isBusy} onClick={confirm}>
            {act}
          </Button>
        </>
      }
    >
      {problem !== undefined && (
        <p className="console-dialog-problem" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  );
}
