import { drop } from "../../../shared/lifecycle/drop.ts";
import { createBrowserMedia } from "./media/browser-media.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";
import { SCREEN_CLOCK } from "./worker/frame-clock.ts";
import { SpiceClient } from "./worker/spice-client.ts";

/** What is used of DedicatedWorkerGlobalScope, which TypeScript's DOM types do not have. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

/** The worker's start: one SPICE connection a worker. What comes before the browser has said what it can decode waits. */
const scope = globalThis as unknown as WorkerScope;
const early: ToWorker[] = [];
scope.onmessage = (event) => {
  early.push(event.data);
};

async function start(): Promise<void> {
  const client = new SpiceClient({
    post: (message, transfer = []) => {
      scope.postMessage(message, transfer);
    },
    openSocket: ({ url, protocols }) => new WebSocket(url, [...protocols]),
    clock: SCREEN_CLOCK,
    media: await createBrowserMedia(),
  });
  scope.onmessage = (event) => {
    client.handle(event.data);
  };
  for (const message of early.splice(0)) client.handle(message);
}

drop(start());
