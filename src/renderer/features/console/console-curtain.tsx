import { useEffect, useState, type ReactNode } from "react";
import { Power, RotateCw } from "lucide-react";
import { splitGuestId } from "../../../shared/contracts/ids.ts";
import type { ErrorReport } from "../../../shared/contracts/error-report.ts";
import type { PowerAction } from "../../../shared/contracts/inventory.ts";
import { readableError } from "../../../shared/errors/error-text.ts";
import { after, every } from "../../../shared/lifecycle/timer.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { hopWord, protocolWord } from "../../store/slot-words.ts";
import type { Tab } from "../../store/state.ts";
import { Button } from "../../ui/button.tsx";
import { Spinner } from "../../ui/spinner.tsx";

/** A console that opens faster than this shows no word about it: a flicker would say less than nothing. */
const PATIENCE_MS = 250;
const COUNTDOWN_STEP_MS = 250;

/** What lies over the picture while the console is not live: what goes on or went wrong, at which hop, and what to do. */
export function ConsoleCurtain({ tab, isCovered }: { readonly tab: Tab; readonly isCovered: boolean }) {
  const { state } = tab;
  if (isCovered) return null;
  switch (state.phase) {
    case "live":
      return null;
    case "connecting":
      return <Waiting key={tab.id} text={`Connecting to ${tab.guestName}`} hint={protocolWord(tab.protocol)} />;
    case "waiting-for-picture":
      return <Waiting key={tab.id} text="Connected, waiting for the first picture" hint={protocolWord(tab.protocol)} />;
    case "suspended":
      return <Suspended tab={tab} error={state.error} />;
    case "reconnecting":
      return <Reconnecting tab={tab} error={state.error} attempt={state.attempt} retryAtMs={state.retryAtMs} />;
    case "failed":
      return <Failed tab={tab} error={state.error} />;
  }
}

function Card({ children }: { readonly children: ReactNode }) {
  return (
    <div className="console-curtain">
      <div className="console-card">{children}</div>
    </div>
  );
}

function Waiting({ text, hint }: { readonly text: string; readonly hint: string }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = after(PATIENCE_MS, () => {
      setShown(true);
    });
    return () => {
      timer.dispose();
    };
  }, []);
  if (!isShown) return null;
  return (
    <Card>
      <p className="console-card-line">
        <Spinner />
        {text}
        <small>{hint}</small>
      </p>
    </Card>
  );
}

/** What failed and where: the reason, the hop, the act. */
function Failure({ error }: { readonly error: ErrorReport }) {
  const { text, act } = readableError(error);
  return (
    <>
      <p className="console-card-text">{text}</p>
      <p className="console-card-hop">
        Failed at: {hopWord(error)}
        {act !== undefined && <> · {act}</>}
      </p>
    </>
  );
}

function Suspended({ tab, error }: { readonly tab: Tab; readonly error: ErrorReport }) {
  const commands = useCommands();
  const guest = useAppStore((state) => state.guestById.get(tab.guestId));
  const wake = ["start", "resume"].find((action) => guest?.actions.includes(action as PowerAction)) as
    PowerAction | undefined;
  const isProcess = useAppStore((state) => state.hostById.get(splitGuestId(tab.guestId).hostId)?.kind === "qemu");
  if (guest === undefined) {
    return (
      <Card>
        <h2>{tab.guestName} is not there</h2>
        <p className="console-card-text">
          {isProcess ? "The guest’s process ended" : "Its host does not list the guest any more"}; waiting for it to
          come back.
        </p>
        <p className="console-card-hop">Missed at: {hopWord(error)} · Its console opens by itself then.</p>
      </Card>
    );
  }
  return (
    <Card>
      <h2>{tab.guestName} is off</h2>
      <p className="console-card-hop">Its console opens by itself when it runs.</p>
      {wake !== undefined && (
        <div className="console-card-acts">
          <Button
            variant="primary"
            onClick={() => {
              commands.power(tab.guestId, wake);
            }}
          >
            <Power aria-hidden="true" /> {wake === "start" ? "Start" : "Resume"}
          </Button>
        </div>
      )}
    </Card>
  );
}

interface ReconnectingProps {
  readonly tab: Tab;
  readonly error: ErrorReport;
  readonly attempt: number;
  readonly retryAtMs: number;
}

function Reconnecting({ tab, error, attempt, retryAtMs }: ReconnectingProps) {
  const commands = useCommands();
  const seconds = useSecondsUntil(retryAtMs);
  return (
    <Card>
      <h2>
        {tab.guestName} {tab.facts === undefined ? "cannot be reached" : attempt <= 1 ? "was lost" : "is away"}
      </h2>
      <Failure error={error} />
      <div className="console-card-acts">
        {/* Not announced each second; the state is, by the pane. */}
        <span className="console-card-countdown" aria-hidden="true">
          {seconds > 0 ? `Next try in ${seconds} s` : "Trying…"}
        </span>
        <Button
          onClick={() => {
            commands.retry(tab.id);
          }}
        >
          <RotateCw aria-hidden="true" /> Try now
        </Button>
      </div>
    </Card>
  );
}

function Failed({ tab, error }: { readonly tab: Tab; readonly error: ErrorReport }) {
  const commands = useCommands();
  return (
    <Card>
      <h2>{tab.guestName} could not be opened</h2>
      <Failure error={error} />
      <div className="console-card-acts">
        <Button
          onClick={() => {
            commands.closeTab(tab.id);
          }}
        >
          Close
        </Button>
        <Button
          variant="primary"
          onClick={() => {
            commands.retry(tab.id);
          }}
        >
          <RotateCw aria-hidden="true" /> Try again
        </Button>
      </div>
    </Card>
  );
}

const nowMs = (): number => performance.timeOrigin + performance.now();

function useSecondsUntil(timeMs: number): number {
  const [seconds, setSeconds] = useState(() => Math.ceil((timeMs - nowMs()) / 1000));
  useEffect(() => {
    const update = (): void => {
      setSeconds(Math.ceil((timeMs - nowMs()) / 1000));
    };
    const first = after(0, update);
    const timer = every(COUNTDOWN_STEP_MS, update);
    return () => {
      first.dispose();
      timer.dispose();
    };
  }, [timeMs]);
  return seconds;
}
