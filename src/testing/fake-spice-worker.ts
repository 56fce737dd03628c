import type { WorkerPort } from "../renderer/sessions/spice/spice-connection.ts";
import type { FromWorker, ToWorker } from "../renderer/sessions/spice/worker-messages.ts";

/** A SPICE connection's worker whose inside is the test. */
export class FakeSpiceWorker implements WorkerPort {
  onmessage: WorkerPort["onmessage"] = null;
  onerror: WorkerPort["onerror"] = null;
  isTerminated = false;
  readonly #received: ToWorker[] = [];

  postMessage(message: ToWorker): void {
    this.#received.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** The worker says this. */
  say(...messages: FromWorker[]): void {
    for (const message of messages) this.onmessage?.({ data: message } as MessageEvent<FromWorker>);
  }

  /** What the page has said since the last call. */
  take(): ToWorker[] {
    return this.#received.splice(0);
  }
}
