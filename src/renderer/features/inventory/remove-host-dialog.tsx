import { useRef } from "react";
import type { HostSnapshot } from "../../../shared/contracts/inventory.ts";
import { errorSentence } from "../../../shared/errors/error-text.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useAct } from "../../ui/use-act.ts";

export interface RemoveHostDialogProps {
  readonly host: HostSnapshot;
  readonly guestCount: number;
  readonly onRemove: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before a host leaves the list. */
export function RemoveHostDialog({ host, guestCount, onRemove, onClose }: RemoveHostDialogProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  const { isBusy, error, run } = useAct(errorSentence);

  return (
    <Dialog
      role="alertdialog"
      width="small"
      title={`Remove ${host.label}?`}
      description={
        guestCount === 0
          ? "It leaves the list. Nothing on the host itself changes."
          : `It and its ${guestCount === 1 ? "guest" : `${guestCount} guests`} leave the list. Nothing on the host itself changes.`
      }
      initialFocus={cancel}
      onClose={onClose}
      footer={
        <>
          <Button ref={cancel} onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="danger"
            isBusy={isBusy}
            onClick={() => {
              run(() => onRemove().then(onClose));
            }}
          >
            Remove
          </Button>
        </>
      }
    >
      {error !== undefined && <Alert tone="failed">{error}</Alert>}
    </Dialog>
  );
}
