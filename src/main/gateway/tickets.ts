import type { Duplex } from "node:stream";
import { AppError } from "../../shared/errors/app-error.ts";
import { TICKET_LIFETIME_MS } from "../../shared/contracts/api.ts";
import { TicketId } from "../../shared/contracts/ids.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { newSecret } from "./secret-text.ts";

/** Tickets that wait to be used, over all pages. */
const MAX_OPEN_TICKETS = 1024;

/** A stream that a ticket stands for, and whose it is. */
export interface TicketedStream {
  readonly stream: Duplex;
  /** Told once when the bridge over the stream has ended, with what ended it. */
  handleEnd(error: AppError | undefined): void;
}

/** Single-use, short-lived rights to one ready stream each. An unused stream is closed when its ticket ends. */
export class TicketOffice implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #open = new Map<TicketId, { target: TicketedStream; expiry: Disposable }>();

  issue(target: TicketedStream): TicketId {
    if (this.#open.size >= MAX_OPEN_TICKETS) throw new AppError("TICKET_INVALID", "too many unused tickets");
    // A stream that is closed already says "close" to nobody any more.
    if (target.stream.destroyed) throw closedEarly();
    const ticket = TicketId.parse(newSecret());
    const expiry = this.#owned.add(
      after(TICKET_LIFETIME_MS, () => {
        this.#open.delete(ticket);
        this.#owned.delete(expiry);
        target.stream.destroy();
        target.handleEnd(new AppError("TICKET_INVALID", "ticket expired unused"));
      }),
    );
    // The far side may end before the page comes; the ticket is then void, and nobody holds a dead stream.
    target.stream.once("close", () => {
      if (this.#open.delete(ticket)) {
        this.#owned.delete(expiry);
        target.handleEnd(closedEarly());
      }
    });
    this.#open.set(ticket, { target, expiry });
    return ticket;
  }

  /**
   * The stream, once; undefined for a ticket that is wrong, used or expired. A lookup in a map by a 256-bit random
   * key leaks nothing worth having through its time.
   */
  redeem(ticket: string): TicketedStream | undefined {
    const entry = this.#open.get(ticket as TicketId);
    if (entry === undefined) return undefined;
    this.#open.delete(ticket as TicketId);
    this.#owned.delete(entry.expiry);
    return entry.target;
  }

  dispose(): void {
    for (const { target } of this.#open.values()) target.stream.destroy();
    this.#open.clear();
    this.#owned.dispose();
  }
}

function closedEarly(): AppError {
  return new AppError("REMOTE_CLOSED", "far side closed before its ticket was used", { address: "The console" });
}
