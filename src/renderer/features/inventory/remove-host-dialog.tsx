import { useRef, useState } from "react";
import type { HostSnapshot } from "../../../shared/contracts/inventory.ts";
import { asAppError } from "../../../shared/errors/app-error.ts";
import { readableError } from "../../../shared/errors/error-text.ts";
import { drop } from "../../../shared/lifecycle/drop.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";

export interface RemoveHostDialogProps {
  readonly host: HostSnapshot;
  readonly guestCount: number;
  readonly onRemove: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before a host leaves the list. */
export function RemoveHostDialog({ host, guestCount, onRemove, onClose }: RemoveHostDialogProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();

  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      await onRemove();
      onClose();
    } catch (failure) {
      setError(readableError(asAppError(failure)).text);
      setBusy(false);
    }
  };

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
              drop(remove());
            }}
          >
            Remove
          </Button>
        </>
      }
    >
      {error !== undefined && (
        <p className="ui-field-error" role="alert">
          {error}
        </p>
      )}
    </Dialog>
  );
}
