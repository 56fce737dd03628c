import { useMemo, useRef, useState } from "react";
import { Download, Pencil, Plus, Trash2, Upload } from "lucide-react";
import type { AddressBookEntry } from "../../../shared/contracts/settings.ts";
import { errorSentence } from "../../../shared/errors/error-text.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useAct } from "../../ui/use-act.ts";
import { EntryForm } from "./entry-form.tsx";
import { groupEntries } from "./group-entries.ts";
import { saveTextFile } from "./save-text-file.ts";
import "./address-book-dialog.css";

/** More rows than this make the dialog slow; the filter finds the rest. */
const MAX_SHOWN_ENTRIES = 300;

/** As the API accepts it ("addressBook.import"). */
const MAX_IMPORT_BYTES = 8 * 1024 * 1024;

const EXPORT_FILE_NAME = "switchyard-address-book.json";

type View = { readonly kind: "list" } | { readonly kind: "form"; readonly entry: AddressBookEntry | undefined };

export interface AddressBookDialogProps {
  readonly onClose: () => void;
}

export function AddressBookDialog({ onClose }: AddressBookDialogProps) {
  const commands = useCommands();
  const entries = useAppStore((state) => state.settings.addressBook);
  const [view, setView] = useState<View>({ kind: "list" });
  const [filter, setFilter] = useState("");
  const [removed, setRemoved] = useState<AddressBookEntry>();
  const [told, setTold] = useState<string>();
  const { error, run } = useAct(errorSentence);
  const fileInput = useRef<HTMLInputElement>(null);
  const { groups, shownCount, foundCount } = useMemo(
    () => groupEntries(entries, filter, MAX_SHOWN_ENTRIES),
    [entries, filter],
  );

  const importFile = async (file: File): Promise<void> => {
    if (file.size > MAX_IMPORT_BYTES) {
      setTold("That file is too large for an address book.");
      return;
    }
    const { count } = await commands.importAddressBook(await file.text());
    setTold(count === 1 ? "1 entry was imported." : `${count} entries were imported.`);
  };

  const remove = (entry: AddressBookEntry): void => {
    setTold(undefined);
    run(async () => {
      await commands.removeAddressBookEntry(entry.id);
      setRemoved(entry);
    });
  };

  return (
    <Dialog
      title="Address book"
      description="Single screens and text consoles: VNC servers, telnet and serial ports."
      width="large"
      closesOnClickBeside={false}
      onClose={onClose}
      footer={
        <>
          <span className="ui-dialog-footer-start address-book-files">
            <Button
              onClick={() => {
                fileInput.current?.click();
              }}
            >
              <Upload /> Import…
            </Button>
            <Button
              disabled={entries.length === 0}
              onClick={() => {
                run(async () => {
                  saveTextFile(EXPORT_FILE_NAME, await commands.exportAddressBook());
                });
              }}
            >
              <Download /> Export…
            </Button>
            <input
              ref={fileInput}
              type="file"
              accept=".json,application/json"
              hidden
              aria-label="Address book file to import"
              onChange={(event) => {
                const file = event.target.files?.[0];
                event.target.value = "";
                setRemoved(undefined);
                if (file !== undefined) run(() => importFile(file));
              }}
            />
          </span>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className="address-book">
        {view.kind === "form" ? (
          <EntryForm
            entry={view.entry}
            groups={groups.map(({ name }) => name).filter((name) => name !== "")}
            onDone={() => {
              setView({ kind: "list" });
            }}
          />
        ) : (
          <div className="address-book-head">
            <TextField
              label="Find an entry"
              isLabelHidden
              placeholder="Find an entry"
              value={filter}
              onChange={(event) => {
                setFilter(event.target.value);
              }}
            />
            <Button
              onClick={() => {
                setView({ kind: "form", entry: undefined });
              }}
            >
              <Plus /> Add an entry
            </Button>
          </div>
        )}
        <div role="status" className="address-book-told">
          {told}
          {removed !== undefined && (
            <>
              {removed.name} was removed.{" "}
              <button
                type="button"
                onClick={() => {
                  run(async () => {
                    await commands.putAddressBookEntry(removed);
                    setRemoved(undefined);
                  });
                }}
              >
                Undo
              </button>
            </>
          )}
        </div>
        {error !== undefined && <Alert tone="failed">{error}</Alert>}
        {foundCount === 0 && (
          <p className="address-book-nothing">
            {entries.length === 0 ? "No entries yet." : `No entry matches “${filter}”.`}
          </p>
        )}
        {groups.map((group) => (
          <section key={group.name} aria-label={group.name === "" ? "Without a group" : group.name}>
            {group.name !== "" && <h3>{group.name}</h3>}
            <ul>
              {group.entries.map((entry) => (
                <li key={entry.id}>
                  <span className="address-book-name">{entry.name}</span>
                  <code>{entry.uri}</code>
                  <IconButton
                    label={`Edit ${entry.name}`}
                    onClick={() => {
                      setView({ kind: "form", entry });
                    }}
                  >
                    <Pencil />
                  </IconButton>
                  <IconButton
                    label={`Remove ${entry.name}`}
                    onClick={() => {
                      remove(entry);
                    }}
                  >
                    <Trash2 />
                  </IconButton>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {shownCount < foundCount && (
          <p className="address-book-nothing">{foundCount - shownCount} more: type in the box above to find them.</p>
        )}
      </div>
    </Dialog>
  );
}
