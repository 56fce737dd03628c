import { useEffect, useState } from "react";
import { Trash2 } from "lucide-react";
import type { AcceptedCertificate } from "../../../shared/contracts/api.ts";
import { errorSentence } from "../../../shared/errors/error-text.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { useAct } from "../../ui/use-act.ts";

/** What the user trusts, each with the way to trust it no longer. */
export function AcceptedCertificates() {
  const commands = useCommands();
  const [certificates, setCertificates] = useState<readonly AcceptedCertificate[]>();
  const [told, setTold] = useState("");
  const { isBusy, error, run } = useAct(errorSentence);

  useEffect(() => {
    run(async () => {
      setCertificates(await commands.listTrust());
    });
  }, [commands, run]);

  const forget = (target: string): void => {
    if (isBusy) return;
    run(async () => {
      await commands.forgetTrust(target);
      setCertificates(await commands.listTrust());
      setTold(`The certificate of ${target} is forgotten; it will be asked for again.`);
    });
  };

  return (
    <section>
      <h3 id="settings-certificates">Accepted certificates</h3>
      <p className="ui-field-hint">
        If a host was given a new certificate, forget the old one here. SSH host keys are in your own known_hosts,
        passwords in memory only.
      </p>
      {certificates !== undefined && certificates.length > 0 ? (
        <ul className="settings-hosts" aria-labelledby="settings-certificates">
          {certificates.map(({ target, fingerprint, isLasting }) => (
            <li key={target}>
              <span className="settings-host-texts">
                {target}
                <code className="settings-fingerprint">{fingerprint}</code>
                {!isLasting && <small>until Switchyard ends</small>}
              </span>
              <IconButton
                label={`Forget the certificate of ${target}`}
                onClick={() => {
                  forget(target);
                }}
              >
                <Trash2 />
              </IconButton>
            </li>
          ))}
        </ul>
      ) : (
        <p className="ui-field-hint">{certificates === undefined ? "" : "None was accepted so far."}</p>
      )}
      <p className="ui-field-hint" role="status">
        {told}
      </p>
      {error !== undefined && <Alert tone="failed">{error}</Alert>}
    </section>
  );
}
