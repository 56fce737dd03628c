import { AppError, cancelled } from "../../shared/errors/app-error.ts";
import {
  API_METHODS,
  GATEWAY_PATHS,
  ServerMessage,
  STREAM_SUBPROTOCOL,
  type ApiEvent,
  type ApiMethod,
  type ApiParams,
  type ApiResult,
  type ClientMessage,
} from "../../shared/contracts/api.ts";
import type { TicketId } from "../../shared/contracts/ids.ts";
import { errorOf } from "../../shared/contracts/error-report.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import type { HostApi, LinkState, StreamPass } from "./host-api.ts";

/** Pauses before the next try to reach the host process, in milliseconds; the last one repeats. It is on this machine, so they are short. */
const RELINK_PAUSES_MS = [100, 250, 500, 1_000, 2_000] as const;

/** Calls that wait for the first link; more than this means that nobody cares for the answers. */
const MAX_WAITING_CALLS = 4_096;

interface PendingCall {
  readonly method: ApiMethod;
  readonly message: ClientMessage;
  readonly settle: (outcome: { result: unknown } | { error: AppError }) => void;
}

/** The page's link to the host process over the gateway's WebSocket. */
export function createHostApi(options: {
  /** "ws://127.0.0.1:PORT", as the page's own address says. */
  readonly origin: string;
  /** Makes a WebSocket; a test gives its own. */
  readonly openSocket?: (url: string, protocols?: string[]) => WebSocket;
}): HostApi & Disposable {
  const openSocket = options.openSocket ?? ((url: string, protocols?: string[]) => new WebSocket(url, protocols));
  const owned = new DisposableStore();
  const onEvent = owned.add(new Emitter<ApiEvent>());
  const onLinkChange = owned.add(new Emitter<LinkState>());
  const pending = new Map<number, PendingCall>();
  let link: LinkState = "connecting";
  let socket: WebSocket | undefined;
  let failedTries = 0;
  let lastId = 0;

  const setLink = (next: LinkState): void => {
    if (link === next) return;
    link = next;
    onLinkChange.fire(next);
  };

  const finish = (id: number, outcome: { result: unknown } | { error: AppError }): void => {
    const call = pending.get(id);
    pending.delete(id);
    call?.settle(outcome);
  };

  const handleMessage = (text: string): void => {
    const message = ServerMessage.parse(JSON.parse(text));
    if (message.type === "event") onEvent.fire(message.event);
    else if (message.type === "error") finish(message.id, { error: errorOf(message.error) });
    else {
      const call = pending.get(message.id);
      if (call === undefined) return;
      const parsed = API_METHODS[call.method].result.safeParse(message.result);
      if (parsed.success) finish(message.id, { result: parsed.data });
      else
        finish(message.id, {
          error: new AppError("BUG", `unexpected result of ${call.method}`, {}, { cause: parsed.error }),
        });
    }
  };

  const connect = (): void => {
    if (owned.isDisposed) return;
    const mine = openSocket(`${options.origin}${GATEWAY_PATHS.api}`);
    socket = mine;
    mine.onopen = () => {
      failedTries = 0;
      for (const { message } of pending.values()) mine.send(JSON.stringify(message));
      setLink("up");
    };
    mine.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === "string") handleMessage(event.data);
    };
    mine.onclose = () => {
      if (socket !== mine || owned.isDisposed) return;
      socket = undefined;
      // What was asked may or may not have been done; the caller decides whether to ask again.
      for (const id of [...pending.keys()]) finish(id, { error: lost() });
      setLink("lost");
      const pauseMs = RELINK_PAUSES_MS[Math.min(failedTries, RELINK_PAUSES_MS.length - 1)] ?? 2_000;
      failedTries += 1;
      owned.add(after(pauseMs, connect));
    };
  };

  const streamPass = (ticket: TicketId): StreamPass => ({
    url: `${options.origin}${GATEWAY_PATHS.stream}`,
    protocols: [STREAM_SUBPROTOCOL, ticket],
  });

  owned.defer(() => socket?.close());
  connect();

  return {
    get link() {
      return link;
    },
    onEvent: onEvent.event,
    onLinkChange: onLinkChange.event,

    call<M extends ApiMethod>(method: M, params: ApiParams<M>, { signal }: { signal?: AbortSignal } = {}) {
      return new Promise<ApiResult<M>>((resolve, reject) => {
        if (signal?.aborted === true || owned.isDisposed) {
          reject(cancelled());
          return;
        }
        if (link === "lost" || pending.size >= MAX_WAITING_CALLS) {
          reject(lost());
          return;
        }
        const id = (lastId += 1);
        const handleAbort = (): void => {
          if (!pending.has(id)) return;
          send({ type: "cancel", id });
          finish(id, { error: cancelled() });
        };
        const message: ClientMessage = { type: "request", id, method, params };
        pending.set(id, {
          method,
          message,
          settle: (outcome) => {
            signal?.removeEventListener("abort", handleAbort);
            if ("error" in outcome) reject(outcome.error);
            else resolve(outcome.result as ApiResult<M>);
          },
        });
        signal?.addEventListener("abort", handleAbort, { once: true });
        send(message);
      });
    },

    openStream(ticket) {
      const { url, protocols } = streamPass(ticket);
      return openSocket(url, [...protocols]);
    },

    streamPass,

    pictureUrl(guestId, version) {
      return `${GATEWAY_PATHS.picture}${encodeURIComponent(guestId)}?v=${version}`;
    },

    dispose() {
      owned.dispose();
      for (const id of [...pending.keys()]) finish(id, { error: cancelled() });
    },
  };

  function send(message: ClientMessage): void {
    // Before the link is up, requests wait in `pending` and go out when it opens.
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }
}

function lost(): AppError {
  return new AppError("GATEWAY_LOST", "link to the host process is down");
}
