import { AppError, asAppError, cancelled, isCancelled } from "../../shared/errors/app-error.ts";
import { reportOf } from "../../shared/contracts/error-report.ts";
import type { GuestId } from "../../shared/contracts/ids.ts";
import type { GuestSnapshot, HostSnapshot } from "../../shared/contracts/inventory.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import type { GuestChange, HostConfig, HostLink, Provider, ProviderContext } from "../providers/provider.ts";

/** Pauses before the next try at a host that failed, in milliseconds; the last one repeats. Each is shortened by up to a fifth by chance. */
export const HOST_RETRY_PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** A host that claims to have more is not listened to further. */
export const MAX_GUESTS_PER_HOST = 50_000;

/** Errors that trying again by itself cannot mend, or would make worse (a locked account, a question asked again and again). */
const WAITS_FOR_USER = new Set([
  "URI_INVALID",
  "LOGIN_REFUSED",
  "LOGIN_NEEDED",
  "LOGIN_UNSUPPORTED",
  "SSH_LOGIN_REFUSED",
  "SSH_HOST_KEY_CHANGED",
  "SSH_HOST_KEY_REFUSED",
  "TLS_CHANGED",
  "TLS_UNTRUSTED",
  "TLS_FILE",
  "UNSUPPORTED",
  "CANCELLED",
]);

export interface HostEntryEvents {
  readonly handleHost: (host: HostSnapshot) => void;
  readonly handleGuests: (changed: readonly GuestSnapshot[], removed: readonly GuestId[]) => void;
}

/** One host over time: connects, listens, and comes back by itself with growing pauses. What its provider does never reaches another host. */
export class HostEntry implements Disposable {
  readonly #provider: Provider;
  readonly #config: HostConfig;
  readonly #context: ProviderContext;
  readonly #events: HostEntryEvents;
  readonly #random: () => number;
  readonly #lifetime = new DisposableStore();
  readonly #guests = new Map<GuestId, GuestSnapshot>();
  /** What belongs to the present try or link. */
  #attempt = new DisposableStore();
  #attemptNumber = 0;
  #link: HostLink | undefined;
  #snapshot: HostSnapshot;

  constructor(options: {
    provider: Provider;
    config: HostConfig;
    context: ProviderContext;
    snapshot: HostSnapshot;
    events: HostEntryEvents;
    random?: () => number;
  }) {
    this.#provider = options.provider;
    this.#config = options.config;
    this.#context = options.context;
    this.#snapshot = options.snapshot;
    this.#events = options.events;
    this.#random = options.random ?? Math.random;
  }

  get snapshot(): HostSnapshot {
    return this.#snapshot;
  }

  get guests(): ReadonlyMap<GuestId, GuestSnapshot> {
    return this.#guests;
  }

  /** Throws the reason why there is none. */
  get link(): HostLink {
    if (this.#link !== undefined) return this.#link;
    const { state } = this.#snapshot;
    if (state.phase === "failed") throw new AppError(state.error.code, state.error.message, state.error.detail);
    throw new AppError("CONNECT_FAILED", "host is not connected yet", {
      address: this.#snapshot.label,
      reason: "still connecting",
    });
  }

  /** What is said of the host; the connection stays as it is. */
  describe(said: Pick<HostSnapshot, "label" | "origin">): void {
    if (this.#snapshot.label === said.label && this.#snapshot.origin === said.origin) return;
    this.#snapshot = { ...this.#snapshot, ...said };
    this.#events.handleHost(this.#snapshot);
  }

  get config(): HostConfig {
    return this.#config;
  }

  /** Starts to connect, or tries again at once. */
  connect(): void {
    if (this.#lifetime.isDisposed) return;
    this.#setState({ phase: "connecting" });
    this.#try();
  }

  /** Without a word of its own: while it tries by itself, the reason why the last try failed stays to be read. */
  #try(): void {
    if (this.#lifetime.isDisposed) return;
    this.#release(this.#attempt);
    this.#link = undefined;
    const attempt = new DisposableStore();
    this.#attempt = attempt;
    const controller = new AbortController();
    attempt.defer(() => {
      controller.abort(cancelled());
    });
    drop(this.#run(attempt, controller.signal));
  }

  async #run(attempt: DisposableStore, signal: AbortSignal): Promise<void> {
    try {
      const link = await this.#provider.connect(this.#config, this.#context, { signal });
      attempt.add(link);
      if (attempt.isDisposed) return;
      attempt.add(
        link.onClosed((error) => {
          this.#fail(attempt, error);
        }),
      );
      if (isOver(attempt)) return;
      this.#link = link;
      let isWatched = false;
      let hasList = false;
      // With its first list, not before: whoever sees the host live sees its guests (`switchyard list`, "No guests").
      const becomeLive = (): void => {
        if (!isWatched || !hasList || isOver(attempt)) return;
        this.#attemptNumber = 0;
        this.#setState({ phase: "live" });
      };
      attempt.add(
        link.watch((change) => {
          if (isOver(attempt)) return;
          this.#apply(change);
          if (hasList || change.kind !== "all") return;
          hasList = true;
          becomeLive();
        }),
      );
      // A link that was closed already says so while it is listened to; a list may have come by now.
      isWatched = true;
      becomeLive();
    } catch (error) {
      if (attempt.isDisposed) return;
      if (!(error instanceof AppError) && !isCancelled(error))
        this.#context.log.error("a provider failed", { kind: this.#provider.kind, error });
      this.#fail(attempt, asAppError(error));
    }
  }

  #fail(attempt: DisposableStore, error: AppError): void {
    if (attempt !== this.#attempt || attempt.isDisposed) return;
    this.#release(attempt);
    this.#link = undefined;
    const report = reportOf(error);
    if (WAITS_FOR_USER.has(error.code)) {
      this.#setState({ phase: "failed", error: report });
      return;
    }
    const longest = HOST_RETRY_PAUSES_MS[Math.min(this.#attemptNumber, HOST_RETRY_PAUSES_MS.length - 1)] ?? 30_000;
    this.#attemptNumber += 1;
    const retryInMs = Math.round(longest * (1 - 0.2 * this.#random()));
    this.#attempt = new DisposableStore();
    this.#attempt.add(
      after(retryInMs, () => {
        this.#try();
      }),
    );
    this.#setState({ phase: "failed", error: report, retryInMs });
  }

  #setState(state: HostSnapshot["state"]): void {
    this.#snapshot = { ...this.#snapshot, state };
    this.#events.handleHost(this.#snapshot);
  }

  #apply(change: GuestChange): void {
    const changed: GuestSnapshot[] = [];
    const removed: GuestId[] = [];
    const put = (guest: GuestSnapshot): void => {
      const before = this.#guests.get(guest.id);
      if (before === undefined && this.#guests.size >= MAX_GUESTS_PER_HOST) return;
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(guest)) return;
      this.#guests.set(guest.id, guest);
      changed.push(guest);
    };
    const remove = (guestId: GuestId): void => {
      if (this.#guests.delete(guestId)) removed.push(guestId);
    };
    if (change.kind === "removed") change.guestIds.forEach(remove);
    else {
      if (change.kind === "all") {
        const kept = new Set(change.guests.map((guest) => guest.id));
        for (const guestId of [...this.#guests.keys()]) if (!kept.has(guestId)) remove(guestId);
      }
      change.guests.forEach(put);
    }
    if (changed.length > 0 || removed.length > 0) this.#events.handleGuests(changed, removed);
  }

  dispose(): void {
    this.#lifetime.dispose();
    this.#release(this.#attempt);
    this.#link = undefined;
  }

  /** A provider whose link cannot be released breaks nothing else. */
  #release(attempt: DisposableStore): void {
    try {
      attempt.dispose();
    } catch (error) {
      this.#context.log.error("a provider failed to let go", { kind: this.#provider.kind, error });
    }
  }
}

/** Asked anew after each call that may have ended it: the compiler would take the last answer for granted. */
function isOver(attempt: DisposableStore): boolean {
  return attempt.isDisposed;
}
