import { isCancelled } from "../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { setDropSink } from "../../shared/lifecycle/drop.ts";
import type { HostApi } from "../host-client/host-api.ts";

/** A page that fails in a loop must not flood the log. */
const MAX_REPORTS = 50;

const MAX_MESSAGE_CHARACTERS = 4_096;
const MAX_STACK_CHARACTERS = 16_384;

/** The one place where this page's bugs go: the host process's log. The other tabs live on. */
export interface BugSink extends Disposable {
  readonly report: (error: unknown) => void;
}

export function createBugSink(api: HostApi): BugSink {
  const owned = new DisposableStore();
  let reportCount = 0;

  const report = (error: unknown): void => {
    if (isCancelled(error) || reportCount >= MAX_REPORTS) return;
    reportCount += 1;
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    const bug = { message: message.slice(0, MAX_MESSAGE_CHARACTERS), stack: stack.slice(0, MAX_STACK_CHARACTERS) };
    // Without a link there is nobody to tell.
    api.call("app.reportBug", bug).catch(() => undefined);
  };

  const handleError = (event: ErrorEvent): void => {
    report(event.error ?? event.message);
  };
  const handleRejection = (event: PromiseRejectionEvent): void => {
    report(event.reason);
  };
  window.addEventListener("error", handleError);
  window.addEventListener("unhandledrejection", handleRejection);
  owned.defer(() => {
    window.removeEventListener("error", handleError);
    window.removeEventListener("unhandledrejection", handleRejection);
  });
  setDropSink(report);

  return {
    report,
    dispose: () => {
      owned.dispose();
    },
  };
}
