import type { Event } from "../../shared/lifecycle/event.ts";
import type { ApiEvent, ApiMethod, ApiParams, ApiResult } from "../../shared/contracts/api.ts";
import type { GuestId, TicketId } from "../../shared/contracts/ids.ts";

/** The page's link to the host process; the same in Electron and in a browser. It reconnects by itself. */
export interface HostApi {
  /** Rejects with an AppError; GATEWAY_LOST when the link is down. */
  call<M extends ApiMethod>(method: M, params: ApiParams<M>, options?: { signal?: AbortSignal }): Promise<ApiResult<M>>;
  /** Events in order. After a reconnect, `settings`, `inventory` reset and `questions` come anew. */
  readonly onEvent: Event<ApiEvent>;
  readonly onLinkChange: Event<LinkState>;
  readonly link: LinkState;
  /** The byte stream that a ticket stands for: binary messages both ways. Not yet open when returned. */
  openStream(ticket: TicketId): WebSocket;
  /** The same stream, for who opens the WebSocket elsewhere (a worker). */
  streamPass(ticket: TicketId): StreamPass;
  /** Address of a guest's picture made by its host, for an <img>; holds no secret. `version` defeats the cache. */
  pictureUrl(guestId: GuestId, version: number): string;
}

/** What a WebSocket to a stream is opened with; good for one. */
export interface StreamPass {
  readonly url: string;
  readonly protocols: readonly string[];
}

export type LinkState = "connecting" | "up" | "lost";
