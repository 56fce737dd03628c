import { useEffect } from "react";
import { MonitorPlay, Network, Play } from "lucide-react";
import type { DiscoveryFinding } from "../../../shared/contracts/inventory.ts";
import { errorSentence } from "../../../shared/errors/error-text.ts";
import { actions, appStore, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Dot, type DotTone } from "../../ui/dot.tsx";
import { Kbd } from "../../ui/kbd.tsx";
import { keyLabel } from "../../ui/key-label.ts";
import { Spinner } from "../../ui/spinner.tsx";
import { useAct } from "../../ui/use-act.ts";
import "./first-run.css";

const TONES: Readonly<Record<DiscoveryFinding["outcome"], DotTone>> = {
  found: "running",
  absent: "off",
  denied: "failed",
};
const OUTCOMES: Readonly<Record<DiscoveryFinding["outcome"], string>> = {
  found: "found",
  absent: "not there",
  denied: "no permission",
};

function Findings({ findings }: { readonly findings: readonly DiscoveryFinding[] }) {
  if (findings.length === 0) return null;
  return (
    <section aria-labelledby="first-run-findings" className="first-run-findings">
      <h2 id="first-run-findings">Looked for on this computer</h2>
      <ul>
        {findings.map((finding) => (
          <li key={`${finding.what} ${finding.where}`}>
            <Dot tone={TONES[finding.outcome]} label={OUTCOMES[finding.outcome]} />
            <span className="first-run-what">
              {finding.what}
              <code>{finding.where}</code>
            </span>
            <span className={`first-run-note first-run-${finding.outcome}`}>{finding.note}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function HotkeyHint() {
  const hotkeys = useAppStore((state) => state.settings.hotkeys);
  const leader = hotkeys.leader.isEnabled ? hotkeys.leader.keys[0] : undefined;
  return (
    <dl className="first-run-keys">
      <div>
        <dt>
          <Kbd>Ctrl K</Kbd>
        </dt>
        <dd>jump to any guest by a part of its name</dd>
      </div>
      {leader !== undefined && (
        <div>
          <dt>
            <Kbd>{keyLabel(leader)}</Kbd> twice, then <Kbd>1</Kbd>–<Kbd>9</Kbd>
          </dt>
          <dd>switch between open guests; ? shows all keys</dd>
        </div>
      )}
      {hotkeys.held.isEnabled && (
        <div>
          <dt>
            <Kbd>{hotkeys.held.modifiers.map(keyLabel).join(" ")}</Kbd> <Kbd>Tab</Kbd>
          </dt>
          <dd>back to the guest before</dd>
        </div>
      )}
    </dl>
  );
}

/** Stands where a console will be, as long as no tab is open. */
export function FirstRun() {
  const commands = useCommands();
  const isLoaded = useAppStore((state) => state.isInventoryLoaded);
  const guestCount = useAppStore((state) => state.guestById.size);
  const hostCount = useAppStore((state) => state.hostById.size);
  const findings = useAppStore((state) => state.findings);
  const isDone = useAppStore((state) => state.isFirstRunDone);
  const hasSamples = useAppStore(
    (state) => state.settings.hasSampleGuests || [...state.hostById.values()].some((host) => host.kind === "sample"),
  );
  const { isBusy, error, run } = useAct(errorSentence);

  useEffect(
    () => () => {
      // It went because a console was opened: the page has told its story.
      if (appStore.getState().tabs.length > 0) actions.setFirstRunDone();
    },
    [],
  );

  if (!isLoaded) {
    return (
      <div className="first-run">
        <p className="first-run-wait" role="status">
          <Spinner /> Looking for guests…
        </p>
      </div>
    );
  }

  const addHost = (
    <Button
      variant={guestCount === 0 ? "primary" : "plain"}
      onClick={() => {
        actions.setOverlay({ kind: "add-host" });
      }}
    >
      <Network /> Add a host
    </Button>
  );

  if (guestCount > 0 && isDone) {
    return (
      <div className="first-run">
        <div className="first-run-card first-run-calm">
          <MonitorPlay className="first-run-mark" aria-hidden="true" />
          <h1>Pick a guest</h1>
          <p>Its screen opens here.</p>
          <HotkeyHint />
        </div>
      </div>
    );
  }

  return (
    <div className="first-run">
      <div className="first-run-card">
        <h1>{guestCount > 0 ? "Pick a guest" : "No guests yet"}</h1>
        <p>
          {guestCount > 0
            ? `${guestCount === 1 ? "One guest is" : `${guestCount} guests are`} in the list. A click opens its screen here, in a tab.`
            : hostCount > 0
              ? "The hosts in the list have no guests to show, or could not be reached; the list says why."
              : "Name a hypervisor to see the screens of its guests, or look around with the samples."}
        </p>
        <div className="first-run-acts">
          {addHost}
          {!hasSamples && (
            <Button
              isBusy={isBusy}
              onClick={() => {
                run(() => commands.changeSettings({ hasSampleGuests: true }));
              }}
            >
              {!isBusy && <Play />} Try the sample guests
            </Button>
          )}
        </div>
        {error !== undefined && <Alert tone="failed">{error}</Alert>}
        <Findings findings={findings} />
        <HotkeyHint />
      </div>
    </div>
  );
}
