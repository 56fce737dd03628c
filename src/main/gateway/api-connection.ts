import { WebSocket, type RawData } from "ws";
import {
  API_METHODS,
  ClientMessage,
  type ApiEvent,
  type ApiMethod,
  type ApiMethods,
  type ServerMessage,
} from "../../shared/contracts/api.ts";
import { reportOf } from "../../shared/contracts/error-report.ts";
import { AppError, cancelled, isCancelled } from "../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import type { Event } from "../../shared/lifecycle/event.ts";
import type { Logger } from "../providers/provider.ts";
import type { z } from "zod";
import { watchHeartbeat } from "./heartbeat.ts";

/** Requests of one page that may be under way at once: many consoles open together after a restart, each asking. */
const MAX_OPEN_REQUESTS = 1024;

/** A page that is this far behind with events is cut off; it comes back and gets the whole picture anew. */
const MAX_WAITING_EVENT_BYTES = 64 * 1024 * 1024;

/** What a handler knows of its caller. `page` is the owner of what the call opens: it is disposed with the page's link. */
export interface ApiCall {
  readonly signal: AbortSignal;
  readonly page: DisposableStore;
  /** Sends an event to this page alone. */
  readonly notify: (event: ApiEvent) => void;
}

export type ApiHandlers = {
  [M in ApiMethod]: (
    params: z.output<ApiMethods[M]["params"]>,
    call: ApiCall,
  ) => Promise<z.input<ApiMethods[M]["result"]>> | z.input<ApiMethods[M]["result"]>;
};

export interface ApiSource {
  readonly handlers: ApiHandlers;
  /** What a page gets first, so that later events make sense. */
  readonly firstEvents: () => readonly ApiEvent[];
  readonly onEvent: Event<ApiEvent>;
}

/** One page's link to the host process. */
export function serveApi(socket: WebSocket, source: ApiSource, log: Logger): Disposable {
  const page = new DisposableStore();
  const requests = new Map<number, AbortController>();

  const send = (message: ServerMessage): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > MAX_WAITING_EVENT_BYTES) {
      log.warn("a page is too far behind and was cut off");
      socket.terminate();
      return;
    }
    socket.send(JSON.stringify(message));
  };
  const notify = (event: ApiEvent): void => {
    send({ type: "event", event });
  };

  const run = async (id: number, method: string, params: unknown): Promise<void> => {
    const controller = new AbortController();
    requests.set(id, controller);
    try {
      if (!Object.hasOwn(API_METHODS, method)) throw invalid(`there is no method ${method.slice(0, 64)}`);
      const schema = API_METHODS[method as ApiMethod];
      const parsed = schema.params.safeParse(params);
      // The path only: the values may be secrets.
      if (!parsed.success)
        throw invalid(`${method} ${parsed.error.issues.map((issue) => issue.path.join(".")).join(", ")}`);
      const handler = source.handlers[method as ApiMethod] as (params: unknown, call: ApiCall) => Promise<unknown>;
      const result = await handler(parsed.data, { signal: controller.signal, page, notify });
      if (controller.signal.aborted) throw cancelled();
      send({ type: "result", id, result });
    } catch (error) {
      if (!(error instanceof AppError) && !isCancelled(error)) log.error("an API handler failed", { method, error });
      else if (!isCancelled(error)) log.info("a request failed", { method, code: (error as AppError).code });
      send({ type: "error", id, error: reportOf(error) });
    } finally {
      requests.delete(id);
    }
  };

  socket.on("message", (data: RawData, isBinary) => {
    const message = isBinary ? undefined : parseMessage((data as Buffer).toString("utf8"));
    if (message === undefined) {
      log.warn("a page sent something that is not an API message and was cut off");
      socket.close(1008);
      return;
    }
    if (message.type === "cancel") {
      requests.get(message.id)?.abort(cancelled());
      return;
    }
    if (requests.has(message.id) || requests.size >= MAX_OPEN_REQUESTS) {
      send({ type: "error", id: message.id, error: reportOf(invalid("too many requests at once")) });
      return;
    }
    drop(run(message.id, message.method, message.params));
  });
  const end = (): void => {
    for (const controller of requests.values()) controller.abort(cancelled());
    page.dispose();
  };
  socket.once("close", end);
  socket.once("error", () => {
    socket.terminate();
  });
  page.add(watchHeartbeat(socket));

  // Listen before the first events are taken, in one turn, so that nothing falls between.
  page.add(source.onEvent(notify));
  for (const event of source.firstEvents()) notify(event);
  return {
    dispose() {
      socket.terminate();
      end();
    },
  };
}

function invalid(reason: string): AppError {
  return new AppError("INVALID_REQUEST", "request not understood", { reason });
}

function parseMessage(text: string): ClientMessage | undefined {
  try {
    const parsed = ClientMessage.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
