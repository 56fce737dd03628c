import { useRef, useState } from "react";
import type { HostId } from "../../../shared/contracts/ids.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { errorSentence, readableError } from "../../../shared/errors/error-text.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useAct } from "../../ui/use-act.ts";
import { AddressBuilder } from "./address-builder.tsx";
import { ADDRESS_KINDS, hasPassword, isComplete, NO_PARTS, withoutPassword, type AddressKind } from "./host-address.ts";
import { useUriMeaning, type MeaningState } from "./use-uri-meaning.ts";
import "./add-host-dialog.css";

const KIND_WORDS: Readonly<Record<string, string>> = {
  libvirt: "A libvirt host",
  qemu: "A QEMU",
  qmp: "A QEMU",
  "address-book": "One console",
  sample: "The sample guests",
};

function Meaning({ state }: { readonly state: MeaningState }) {
  if (state.phase !== "known") return null;
  const { kind, label, isAddressBookEntry } = state.meaning;
  return (
    <>
      {KIND_WORDS[kind] ?? `A host of kind ${kind}`}, shown as “{label}”.
      {isAddressBookEntry && " It goes into the address book."}
    </>
  );
}

export interface AddHostDialogProps {
  /** What to begin with. */
  readonly uri?: string;
  /** Set to change a host that is there. */
  readonly editHostId?: HostId;
  readonly onClose: () => void;
}

export function AddHostDialog({ uri: initialUri = "", editHostId, onClose }: AddHostDialogProps) {
  const commands = useCommands();
  const editedHost = useAppStore((state) => (editHostId === undefined ? undefined : state.hostById.get(editHostId)));
  const isEdit = editHostId !== undefined;

  const addressInput = useRef<HTMLInputElement>(null);
  const [uri, setUri] = useState(editedHost?.uri ?? initialUri);
  const [label, setLabel] = useState(editedHost?.label ?? "");
  const [kind, setKind] = useState<AddressKind>();
  const [parts, setParts] = useState(NO_PARTS);
  const [addressError, setAddressError] = useState<string>();
  const [wasLeft, setLeft] = useState(false);
  const meaning = useUriMeaning(uri, commands);
  const { isBusy, error, run, clearError } = useAct(errorSentence);

  const changeUri = (next: string): void => {
    setUri(next);
    setAddressError(undefined);
    clearError();
  };

  const save = async (): Promise<void> => {
    const given = uri.trim();
    const name = label.trim();
    try {
      const { isAddressBookEntry, label: ownLabel } = await commands.describeUri(given);
      if (isAddressBookEntry && !isEdit) {
        const address = withoutPassword(given);
        await commands.putAddressBookEntry({
          id: crypto.randomUUID(),
          name: name === "" ? ownLabel : name,
          uri: address,
        });
      } else {
        const host = { uri: given, ...(name === "" ? {} : { label: name }) };
        await (isEdit ? commands.editHost(editHostId, host) : commands.addHost(host));
      }
    } catch (failure) {
      if (!(failure instanceof AppError) || failure.code !== "URI_INVALID") throw failure;
      setAddressError(readableError(failure).text);
      addressInput.current?.focus();
      return;
    }
    onClose();
  };

  const submit = (): void => {
    if (isBusy) return;
    if (uri.trim() === "") {
      setAddressError("An address is needed.");
      addressInput.current?.focus();
      return;
    }
    run(save);
  };

  const shownError = addressError ?? (wasLeft && meaning.phase === "wrong" ? meaning.reason : undefined);
  const failure = editedHost?.state.phase === "failed" ? editedHost.state.error : undefined;

  return (
    <Dialog
      title={isEdit ? `Edit ${editedHost?.label ?? "the host"}` : "Add a host"}
      {...(isEdit ? {} : { description: "A hypervisor, or one screen or text console." })}
      initialFocus={addressInput}
      onSubmit={submit}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isBusy={isBusy}>
            {isEdit ? "Save" : "Add"}
          </Button>
        </>
      }
    >
      <div className="add-host">
        {failure !== undefined && <Alert tone="warning">{readableError(failure).text}</Alert>}
        {!isEdit && (
          <AddressBuilder
            kind={kind}
            parts={parts}
            onChange={(nextKind, nextParts) => {
              setKind(nextKind);
              setParts(nextParts);
              if (nextKind !== undefined) changeUri(isComplete(nextKind, nextParts) ? nextKind.build(nextParts) : "");
            }}
          />
        )}
        <TextField
          ref={addressInput}
          label="Address"
          isMono
          maxLength={2048}
          placeholder="qemu+ssh://root@rack-a/system"
          value={uri}
          hint={meaning.phase === "known" ? <Meaning state={meaning} /> : undefined}
          error={shownError}
          onBlur={() => {
            setLeft(uri.trim() !== "");
          }}
          onChange={(event) => {
            setKind(undefined);
            setLeft(false);
            changeUri(event.target.value);
          }}
        />
        {hasPassword(uri) && (
          <Alert tone="warning">
            The password in this address is kept in memory only and never written to a file. Better leave it out: it
            will be asked for when it is needed.
          </Alert>
        )}
        <TextField
          label="Name in the list (optional)"
          maxLength={200}
          placeholder={meaning.phase === "known" ? meaning.meaning.label : ""}
          value={label}
          onChange={(event) => {
            setLabel(event.target.value);
          }}
        />
        {error !== undefined && <Alert tone="failed">{error}</Alert>}
        {!isEdit && (
          <details className="add-host-examples">
            <summary>Addresses that are understood</summary>
            <ul>
              {ADDRESS_KINDS.map((each) => (
                <li key={each.id}>
                  <button
                    type="button"
                    onClick={() => {
                      setKind(undefined);
                      changeUri(each.example);
                      addressInput.current?.focus();
                    }}
                  >
                    {each.example}
                  </button>
                  <span>{each.meaning}</span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </Dialog>
  );
}
