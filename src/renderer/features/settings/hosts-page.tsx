import { useState } from "react";
import { Pencil, Plus, Trash2 } from "lucide-react";
import type { HostSnapshot } from "../../../shared/contracts/inventory.ts";
import { errorSentence, readableError } from "../../../shared/errors/error-text.ts";
import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Dot } from "../../ui/dot.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useAct } from "../../ui/use-act.ts";

function HostLine({ host, onRemove }: { readonly host: HostSnapshot; readonly onRemove: () => void }) {
  const [isAsked, setAsked] = useState(false);
  const { state } = host;
  return (
    <li>
      <Dot
        tone={state.phase === "live" ? "running" : state.phase === "failed" ? "failed" : "off"}
        label={state.phase === "live" ? "connected" : state.phase}
      />
      <span className="settings-host-texts">
        {host.label}
        <code>{host.uri}</code>
        {state.phase === "failed" && <small>{readableError(state.error).text}</small>}
      </span>
      {host.origin !== "configured" ? (
        <small>{host.origin === "option" ? "from the command line" : "found by itself"}</small>
      ) : isAsked ? (
        <>
          <Button variant="danger" onClick={onRemove}>
            Remove
          </Button>
          <Button
            onClick={() => {
              setAsked(false);
            }}
          >
            Keep
          </Button>
        </>
      ) : (
        <>
          <IconButton
            label={`Edit ${host.label}`}
            onClick={() => {
              actions.setOverlay({ kind: "add-host", uri: host.uri, editHostId: host.id });
            }}
          >
            <Pencil />
          </IconButton>
          <IconButton
            label={`Remove ${host.label}`}
            onClick={() => {
              setAsked(true);
            }}
          >
            <Trash2 />
          </IconButton>
        </>
      )}
    </li>
  );
}

function ForgetTrust() {
  const commands = useCommands();
  const [target, setTarget] = useState("");
  const [told, setTold] = useState("");
  const { isBusy, error, run } = useAct(errorSentence);
  const forget = (): void => {
    const given = target.trim();
    if (given === "" || isBusy) return;
    run(async () => {
      await commands.forgetTrust(given);
      setTold(`What was trusted for ${given} is forgotten; it will be asked again.`);
      setTarget("");
    });
  };
  return (
    <section>
      <h3>Accepted certificates and passwords</h3>
      <p className="ui-field-hint">
        Accepted certificates are in the settings folder, SSH host keys in your own known_hosts, passwords in memory
        only. If a host was given a new certificate, forget the old one here.
      </p>
      <form
        className="settings-forget"
        onSubmit={(event) => {
          event.preventDefault();
          forget();
        }}
      >
        <TextField
          label="Host and port"
          isMono
          placeholder="rack-a:16514"
          maxLength={512}
          value={target}
          onChange={(event) => {
            setTarget(event.target.value);
            setTold("");
          }}
        />
        <Button type="submit" isBusy={isBusy}>
          Forget
        </Button>
      </form>
      <p className="ui-field-hint" role="status">
        {told}
      </p>
      {error !== undefined && <Alert tone="failed">{error}</Alert>}
    </section>
  );
}

export function HostsPage() {
  const commands = useCommands();
  const hostById = useAppStore((state) => state.hostById);
  const { error, run } = useAct(errorSentence);
  const hosts = [...hostById.values()].filter((host) => !host.isAddressBook);
  return (
    <div className="settings-page">
      <section>
        {hosts.length === 0 ? (
          <p className="ui-field-hint">No hosts yet.</p>
        ) : (
          <ul className="settings-hosts" aria-label="Hosts">
            {hosts.map((host) => (
              <HostLine
                key={host.id}
                host={host}
                onRemove={() => {
                  run(() => commands.removeHost(host.id));
                }}
              />
            ))}
          </ul>
        )}
        {error !== undefined && <Alert tone="failed">{error}</Alert>}
        <div className="settings-row">
          <Button
            onClick={() => {
              actions.setOverlay({ kind: "add-host" });
            }}
          >
            <Plus /> Add a host…
          </Button>
          <Button
            onClick={() => {
              actions.setOverlay({ kind: "address-book" });
            }}
          >
            Address book…
          </Button>
        </div>
      </section>
      <ForgetTrust />
    </div>
  );
}
