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
import { useAct } from "../../ui/use-act.ts";
import { AcceptedCertificates } from "./accepted-certificates.tsx";

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
      <AcceptedCertificates />
    </div>
  );
}
