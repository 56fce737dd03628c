/**
 * What mDNS records say of the VNC servers on the network (RFC 6763, DNS-based service discovery, type `_rfb._tcp`).
 * Records come from anybody on the network: all is checked, and everything has a limit and an end.
 */

export const RFB_SERVICE = "_rfb._tcp.local";

/** More announced servers than this are not shown; the rest of a flood is dropped. */
export const MAX_SERVICES = 256;
/** Names of hosts; a service has one. */
const MAX_HOSTS = 512;
/** RFC 1035, 2.3.4. */
const MAX_NAME_LENGTH = 255;
/** RFC 6762, section 10: records live 75 minutes or two; a longer promise is not believed. */
const MAX_TTL_SECONDS = 75 * 60;
const MAX_RECORDS_IN_PACKET = 512;

/** One VNC server, complete. */
export interface RfbService {
  /** "Living room._rfb._tcp.local", lower case: the same server after it restarted. */
  readonly id: string;
  /** "Living room". */
  readonly name: string;
  /** An IP address, or the `.local` name while no address was heard. */
  readonly host: string;
  readonly port: number;
}

interface Service {
  readonly name: string;
  expiresAtMs: number;
  target: string | undefined;
  port: number;
}

interface Host {
  address: string;
  isIpv4: boolean;
  expiresAtMs: number;
}

interface Record {
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  readonly data: unknown;
}

/** A record as `dns-packet` decoded it, or undefined when it cannot be one of ours. */
function recordOf(value: unknown): Record | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, type, ttl, data } = value as { name?: unknown; type?: unknown; ttl?: unknown; data?: unknown };
  if (typeof name !== "string" || typeof type !== "string" || name.length > MAX_NAME_LENGTH) return undefined;
  const seconds = typeof ttl === "number" && Number.isFinite(ttl) && ttl >= 0 ? ttl : 0;
  return { name, type, data, ttlSeconds: Math.min(seconds, MAX_TTL_SECONDS) };
}

const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9])?\.?$/i;
const IP_V4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const IP_V6 = /^[0-9a-f:.]{2,45}$/i;
/** An IPv6 link-local address means nothing without its interface. */
const LINK_LOCAL = /^fe[89ab]/i;

/** Control characters would let a name pretend to be something else. */
function shownName(label: string): string {
  return label
    .replace(/\p{C}+/gu, " ")
    .trim()
    .slice(0, 63);
}

export class RfbServices {
  readonly #serviceById = new Map<string, Service>();
  readonly #hostByName = new Map<string, Host>();

  /** Takes the records of one packet, in any order; anything that is not well-formed is passed over. */
  receive(records: readonly unknown[], nowMs: number): void {
    const known = records.slice(0, MAX_RECORDS_IN_PACKET).flatMap((value) => recordOf(value) ?? []);
    // An address is kept only for a host that a service names, so names come first.
    for (const record of known) if (record.type === "PTR") this.#handlePointer(record, nowMs);
    for (const record of known) if (record.type === "SRV") this.#handleService(record, nowMs);
    for (const record of known) if (record.type === "A" || record.type === "AAAA") this.#handleAddress(record, nowMs);
  }

  /** Forgets what has expired. True when something did. */
  expire(nowMs: number): boolean {
    const before = this.#serviceById.size + this.#hostByName.size;
    for (const [id, service] of this.#serviceById) if (service.expiresAtMs <= nowMs) this.#serviceById.delete(id);
    for (const [name, host] of this.#hostByName) if (host.expiresAtMs <= nowMs) this.#hostByName.delete(name);
    return this.#serviceById.size + this.#hostByName.size !== before;
  }

  get services(): RfbService[] {
    const services: RfbService[] = [];
    for (const [id, { name, target, port }] of this.#serviceById) {
      if (target === undefined) continue;
      services.push({ id, name, host: this.#hostByName.get(target)?.address ?? target, port });
    }
    return services.sort((a, b) => a.id.localeCompare(b.id));
  }

  /** What to ask next: servers of which the place is not known yet. */
  get incompleteNames(): string[] {
    return [...this.#serviceById].flatMap(([id, { target }]) => (target === undefined ? [id] : []));
  }

  #handlePointer({ name, data, ttlSeconds }: Record, nowMs: number): void {
    if (name.toLowerCase() !== RFB_SERVICE || typeof data !== "string" || data.length > MAX_NAME_LENGTH) return;
    const id = data.toLowerCase();
    const suffix = `.${RFB_SERVICE}`;
    if (!id.endsWith(suffix)) return;
    const label = shownName(data.slice(0, -suffix.length));
    if (label === "") return;
    if (ttlSeconds === 0) {
      // RFC 6762, 10.1: a goodbye.
      this.#serviceById.delete(id);
      return;
    }
    const expiresAtMs = nowMs + ttlSeconds * 1000;
    const service = this.#serviceById.get(id);
    if (service !== undefined) service.expiresAtMs = expiresAtMs;
    else if (this.#serviceById.size < MAX_SERVICES) {
      this.#serviceById.set(id, { name: label, expiresAtMs, target: undefined, port: 0 });
    }
  }

  #handleService({ name, data, ttlSeconds }: Record, nowMs: number): void {
    const service = this.#serviceById.get(name.toLowerCase());
    if (service === undefined || typeof data !== "object" || data === null) return;
    const { target, port } = data as { target?: unknown; port?: unknown };
    if (ttlSeconds === 0) {
      service.target = undefined;
      return;
    }
    if (typeof target !== "string" || !HOST_NAME.test(target)) return;
    if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) return;
    service.target = target.toLowerCase().replace(/\.$/, "");
    service.port = port;
    service.expiresAtMs = Math.max(service.expiresAtMs, nowMs + ttlSeconds * 1000);
  }

  #handleAddress({ name, type, data, ttlSeconds }: Record, nowMs: number): void {
    const isIpv4 = type === "A";
    if (typeof data !== "string" || !(isIpv4 ? IP_V4 : IP_V6).test(data) || LINK_LOCAL.test(data)) return;
    const key = name.toLowerCase().replace(/\.$/, "");
    if (![...this.#serviceById.values()].some(({ target }) => target === key)) return;
    const host = this.#hostByName.get(key);
    if (ttlSeconds === 0) {
      if (host?.address === data) this.#hostByName.delete(key);
      return;
    }
    // IPv4 is kept over IPv6: most VNC servers listen on it alone.
    if (host !== undefined && host.isIpv4 && !isIpv4) return;
    if (host === undefined && this.#hostByName.size >= MAX_HOSTS) return;
    this.#hostByName.set(key, { address: data, isIpv4, expiresAtMs: nowMs + ttlSeconds * 1000 });
  }
}
