import { useId, useRef, useState } from "react";
import type { AddressBookEntry } from "../../../shared/contracts/settings.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { errorSentence, readableError } from "../../../shared/errors/error-text.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useAct } from "../../ui/use-act.ts";

export interface EntryFormProps {
  /** Undefined for a new one. */
  readonly entry: AddressBookEntry | undefined;
  readonly groups: readonly string[];
  readonly onDone: () => void;
}

export function EntryForm({ entry, groups, onDone }: EntryFormProps) {
  const commands = useCommands();
  const listId = useId();
  const addressInput = useRef<HTMLInputElement>(null);
  const nameInput = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(entry?.name ?? "");
  const [uri, setUri] = useState(entry?.uri ?? "");
  const [group, setGroup] = useState(entry?.group ?? "");
  const [nameError, setNameError] = useState<string>();
  const [addressError, setAddressError] = useState<string>();
  const { isBusy, error, run } = useAct(errorSentence);

  const save = async (): Promise<void> => {
    try {
      const meaning = await commands.describeUri(uri.trim());
      if (!meaning.isAddressBookEntry) {
        setAddressError("This is a hypervisor, not one console: add it with “Add a host”.");
        addressInput.current?.focus();
        return;
      }
      await commands.putAddressBookEntry({
        id: entry?.id ?? crypto.randomUUID(),
        name: name.trim(),
        uri: uri.trim(),
        ...(group.trim() === "" ? {} : { group: group.trim() }),
      });
    } catch (failure) {
      if (!(failure instanceof AppError) || failure.code !== "URI_INVALID") throw failure;
      setAddressError(readableError(failure).text);
      addressInput.current?.focus();
      return;
    }
    onDone();
  };

  const submit = (): void => {
    if (isBusy) return;
    const hasName = name.trim() !== "";
    const hasAddress = uri.trim() !== "";
    setNameError(hasName ? undefined : "A name is needed.");
    setAddressError(hasAddress ? undefined : "An address is needed.");
    if (!hasName) nameInput.current?.focus();
    else if (!hasAddress) addressInput.current?.focus();
    else run(save);
  };

  return (
    <form
      className="address-book-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="address-book-fields">
        <TextField
          ref={nameInput}
          label="Name"
          autoFocus
          maxLength={200}
          value={name}
          error={nameError}
          onChange={(event) => {
            setName(event.target.value);
            setNameError(undefined);
          }}
        />
        <TextField
          label="Group (optional)"
          maxLength={200}
          list={listId}
          value={group}
          onChange={(event) => {
            setGroup(event.target.value);
          }}
        />
        <datalist id={listId}>
          {groups.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </div>
      <TextField
        ref={addressInput}
        label="Address"
        isMono
        maxLength={2048}
        placeholder="vnc://10.0.0.9:5900"
        hint="vnc://host:port, vnc+unix:///path, telnet://host:port, tcp://host:port, serial+unix:///path. No password: it is asked for."
        value={uri}
        error={addressError}
        onChange={(event) => {
          setUri(event.target.value);
          setAddressError(undefined);
        }}
      />
      {error !== undefined && <Alert tone="failed">{error}</Alert>}
      <div className="address-book-form-acts">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" isBusy={isBusy}>
          {entry === undefined ? "Add" : "Save"}
        </Button>
      </div>
    </form>
  );
}
