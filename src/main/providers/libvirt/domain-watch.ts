import { REMOTE_CALL, type RemoteDomain, type RemoteEvent } from "../../../protocols/libvirt/remote-messages.ts";
import {
  DOMAIN_EVENT_ID,
  DOMAIN_STATE,
  DOMAIN_XML,
  LIST_DOMAINS,
} from "../../../protocols/libvirt/remote-procedures.ts";
import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";
import { asAppError, isCancelled, type AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { drop } from "../../../shared/lifecycle/drop.ts";
import { after } from "../../../shared/lifecycle/timer.ts";
import type { Logger } from "../provider.ts";
import { parseDomainXml, type DomainDescription } from "./domain-xml.ts";
import type { KnownDomain } from "./guest-snapshot.ts";
import type { LibvirtConnection } from "./libvirt-connection.ts";
import { isDomainGone, remoteReason } from "./remote-failure.ts";

/**
 * Calls under way at once. libvirtd works on 5 of one client (max_client_requests); more only keep it from waiting
 * for the network.
 */
const CALL_WINDOW = 32;
/**
 * The list is shown after this although some domains have not told their XML: one guest whose monitor hangs must not
 * hide the others.
 */
const FIRST_PICTURE_LIMIT_MS = 2_000;

export type DomainChange =
  | { readonly kind: "all"; readonly domains: readonly KnownDomain[] }
  | { readonly kind: "changed"; readonly domain: KnownDomain }
  | { readonly kind: "removed"; readonly uuid: string };

const WATCHED_EVENTS = [
  DOMAIN_EVENT_ID.lifecycle,
  DOMAIN_EVENT_ID.reboot,
  DOMAIN_EVENT_ID.pmWakeup,
  DOMAIN_EVENT_ID.pmSuspend,
  DOMAIN_EVENT_ID.pmSuspendDisk,
  DOMAIN_EVENT_ID.deviceRemoved,
  DOMAIN_EVENT_ID.deviceAdded,
  DOMAIN_EVENT_ID.metadataChange,
] as const;

interface SignalOption {
  readonly signal: AbortSignal;
}

/** Asks for events. A driver that lacks one of them is watched by the others. */
export async function registerEvents(
  connection: LibvirtConnection,
  options: SignalOption & { readonly log: Logger },
): Promise<void> {
  const { signal, log } = options;
  const register = async (eventId: number): Promise<void> => {
    try {
      await connection.call(REMOTE_CALL.connectDomainEventCallbackRegisterAny, { eventId }, { signal });
    } catch (error) {
      if (isCancelled(error) || connection.closedBy !== undefined) throw error;
      log.debug("the daemon has no such event", { eventId, reason: remoteReason(error) });
    }
  };
  const registerClose = async (): Promise<void> => {
    try {
      await connection.call(REMOTE_CALL.connectRegisterCloseCallback, undefined, { signal });
    } catch (error) {
      if (isCancelled(error) || connection.closedBy !== undefined) throw error;
    }
  };
  await Promise.all([...WATCHED_EVENTS.map(register), registerClose()]);
}

/**
 * The live list of a host's domains. Each domain is read once and again after each of its events; one read of a domain
 * is under way at a time, and an event during it makes one more.
 */
export class DomainWatch implements Disposable {
  readonly #connection: LibvirtConnection;
  readonly #log: Logger;
  readonly #publish: (change: DomainChange) => void;
  readonly #onFailed: (error: AppError) => void;
  readonly #owned = new DisposableStore();
  readonly #abort = new AbortController();
  readonly #domainByUuid = new Map<string, KnownDomain>();
  /** How the domain is named in calls. */
  readonly #remoteByUuid = new Map<string, RemoteDomain>();
  /** To be read, in order. */
  readonly #waiting = new Set<string>();
  readonly #reading = new Set<string>();
  /** State numbers that the first list told, so that it need not be asked again. */
  readonly #listedStateByUuid = new Map<string, number>();
  #isListed = false;
  #isShown = false;

  /** `onFailed`: the list cannot be had, so there is nothing to watch. */
  constructor(
    connection: LibvirtConnection,
    options: { log: Logger; publish: (change: DomainChange) => void; onFailed: (error: AppError) => void },
  ) {
    this.#connection = connection;
    this.#log = options.log;
    this.#publish = options.publish;
    this.#onFailed = options.onFailed;
    this.#owned.defer(() => this.#abort.abort());
    this.#owned.add(connection.onEvent((event) => this.#handle(event)));
    this.#owned.add(after(FIRST_PICTURE_LIMIT_MS, () => this.#showIfListed()));
    drop(this.#list());
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #list(): Promise<void> {
    const { signal } = this.#abort;
    const list = async (flags: number, state: number | undefined): Promise<void> => {
      const domains = await this.#connection.call(REMOTE_CALL.connectListAllDomains, { flags }, { signal });
      for (const domain of domains) {
        this.#remoteByUuid.set(domain.uuid, domain);
        if (state !== undefined) this.#listedStateByUuid.set(domain.uuid, state);
        const { uuid, name } = domain;
        this.#domainByUuid.set(uuid, { uuid, name, state: state ?? DOMAIN_STATE.noState, description: undefined });
        this.#waiting.add(uuid);
      }
    };
    try {
      // By state, so that not every domain must be asked for its own.
      await Promise.all([
        list(LIST_DOMAINS.running, DOMAIN_STATE.running),
        list(LIST_DOMAINS.paused, DOMAIN_STATE.paused),
        list(LIST_DOMAINS.shutoff, DOMAIN_STATE.shutoff),
        list(LIST_DOMAINS.other, undefined),
      ]);
    } catch (error) {
      if (this.#owned.isDisposed || this.#connection.closedBy !== undefined) return;
      this.#onFailed(asAppError(error));
      return;
    }
    this.#isListed = true;
    this.#readNext();
    this.#showIfRead();
  }

  #handle(event: RemoteEvent): void {
    if (event.kind === "connection-closed") return;
    const { domain } = event;
    // A state from the list may be older than this event.
    this.#listedStateByUuid.delete(domain.uuid);
    this.#remoteByUuid.set(domain.uuid, domain);
    this.#waiting.add(domain.uuid);
    this.#readNext();
  }

  #readNext(): void {
    if (!this.#isListed) return;
    for (const uuid of this.#waiting) {
      if (this.#reading.size >= CALL_WINDOW) return;
      if (this.#reading.has(uuid)) continue;
      this.#waiting.delete(uuid);
      this.#reading.add(uuid);
      drop(this.#read(uuid));
    }
  }

  async #read(uuid: string): Promise<void> {
    const domain = this.#remoteByUuid.get(uuid);
    try {
      if (domain !== undefined) await this.#readDomain(domain);
    } catch (error) {
      if (this.#owned.isDisposed || this.#connection.closedBy !== undefined) return;
      if (isDomainGone(error)) this.#remove(uuid);
      else this.#log.warn("a domain could not be read", { uuid, reason: remoteReason(error) });
    } finally {
      this.#reading.delete(uuid);
    }
    this.#readNext();
    this.#showIfRead();
  }

  async #readDomain(domain: RemoteDomain): Promise<void> {
    const { signal } = this.#abort;
    const listedState = this.#listedStateByUuid.get(domain.uuid);
    this.#listedStateByUuid.delete(domain.uuid);
    const [state, xml] = await Promise.all([
      listedState ??
        this.#connection.call(REMOTE_CALL.domainGetState, { domain }, { signal }).then((reply) => reply.state),
      this.#connection.call(REMOTE_CALL.domainGetXmlDesc, { domain, flags: DOMAIN_XML.none }, { signal }),
    ]);
    if (this.#owned.isDisposed) return;
    const { uuid, name } = domain;
    const known = { uuid, name, state, description: this.#describe(xml, uuid) };
    this.#domainByUuid.set(uuid, known);
    if (this.#isShown) this.#publish({ kind: "changed", domain: known });
  }

  #describe(xml: string, uuid: string): DomainDescription | undefined {
    try {
      return parseDomainXml(xml);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#log.warn("the XML of a domain was not understood", { uuid, reason: error.message });
      return undefined;
    }
  }

  #remove(uuid: string): void {
    this.#remoteByUuid.delete(uuid);
    const wasKnown = this.#domainByUuid.delete(uuid);
    if (wasKnown && this.#isShown) this.#publish({ kind: "removed", uuid });
  }

  #showIfRead(): void {
    if (this.#isListed && this.#waiting.size === 0 && this.#reading.size === 0) this.#show();
  }

  #showIfListed(): void {
    if (this.#isListed) this.#show();
    // Slow as well as long: the list itself is still on its way and shows what there is when it came.
    else this.#owned.add(after(FIRST_PICTURE_LIMIT_MS, () => this.#showIfListed()));
  }

  #show(): void {
    if (this.#isShown || this.#owned.isDisposed) return;
    this.#isShown = true;
    this.#publish({ kind: "all", domains: [...this.#domainByUuid.values()] });
  }
}
