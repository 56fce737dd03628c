import createMulticastDns from "multicast-dns";
import { ConsoleId, guestIdOf, type HostId } from "../../../shared/contracts/ids.ts";
import { AppError, cancelled } from "../../../shared/errors/app-error.ts";
import { DisposableStore, toDisposable, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { after, every } from "../../../shared/lifecycle/timer.ts";
import { addressText } from "../../transport/address.ts";
import type { HostConfig, HostLink, Provider, ProviderContext } from "../provider.ts";
import { EntriesLink, type Entry } from "./entries-link.ts";
import { tryParse } from "./open-entry.ts";
import { RFB_SERVICE, RfbServices, type RfbService } from "./rfb-services.ts";

const KIND = "mdns";
export const MDNS_URI = "mdns:";
const MDNS_HOST: HostConfig = { kind: KIND, uri: MDNS_URI, label: "On the network" };

/** RFC 6762, 5.2: the second question comes after at least a second, and each pause is twice as long. */
const FIRST_QUESTION_PAUSE_MS = 1_000;
/** Addresses live 120 s (RFC 6762, 10): asked each minute, they never lapse while the server is there. */
const LONGEST_QUESTION_PAUSE_MS = 60_000;
/** How often what has expired is looked for. */
const EXPIRY_INTERVAL_MS = 5_000;
/** A packet of questions stays below one Ethernet frame. */
const MAX_QUESTIONS = 20;
/** Local ids are shortened to this, so that host id and it make a guest id. */
const MAX_LOCAL_ID_LENGTH = 300;

type MulticastDns = ReturnType<typeof createMulticastDns>;

/** A guest of an announced server; undefined when its address cannot be one. */
export function entryOfService(hostId: HostId, { id, name, host, port }: RfbService): Entry | undefined {
  const target = tryParse(`vnc://${addressText(host, port)}`);
  if (target === undefined) return undefined;
  return {
    target,
    guest: {
      id: guestIdOf(hostId, id.slice(0, MAX_LOCAL_ID_LENGTH)),
      hostId,
      name,
      title: `${name} (${addressText(host, port)})`,
      state: "running",
      consoles: [{ id: ConsoleId.parse("vnc"), protocol: "vnc", label: "VNC" }],
      actions: [],
      hasScreenshot: false,
    },
  };
}

/** Asks and listens, and tells the link what is there. */
class Browser implements Disposable {
  readonly #dns: MulticastDns;
  readonly #link: EntriesLink;
  readonly #services = new RfbServices();
  readonly #owned = new DisposableStore();
  #pauseMs = FIRST_QUESTION_PAUSE_MS;

  constructor(dns: MulticastDns, link: EntriesLink) {
    this.#dns = dns;
    this.#link = link;
    dns.on("response", (packet) => this.#handleResponse([...(packet.answers ?? []), ...(packet.additionals ?? [])]));
    this.#owned.add(every(EXPIRY_INTERVAL_MS, () => this.#expire()));
    this.#askAndWait();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #handleResponse(records: readonly unknown[]): void {
    const incompleteBefore = new Set(this.#services.incompleteNames);
    this.#services.receive(records, performance.now());
    this.#show();
    const isNews = this.#services.incompleteNames.some((name) => !incompleteBefore.has(name));
    if (isNews) this.#ask();
  }

  #expire(): void {
    if (this.#services.expire(performance.now())) this.#show();
  }

  #show(): void {
    this.#link.set(this.#services.services.flatMap((service) => entryOfService(this.#link.hostId, service) ?? []));
  }

  #ask(): void {
    const incomplete = this.#services.incompleteNames.slice(0, MAX_QUESTIONS);
    this.#dns.query([
      { name: RFB_SERVICE, type: "PTR" },
      ...incomplete.map((name) => ({ name, type: "SRV" }) as const),
    ]);
  }

  #askAndWait(): void {
    this.#ask();
    this.#owned.add(after(this.#pauseMs, () => this.#askAndWait()));
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_QUESTION_PAUSE_MS);
  }
}

/** Binds the mDNS port beside the system's own responder; both may listen there. */
function openMulticastDns(options: { interface?: string; signal: AbortSignal }): Promise<MulticastDns> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    const dns = createMulticastDns(
      options.interface === undefined ? {} : { interface: options.interface, bind: "0.0.0.0" },
    );
    const fail = (error: AppError): void => {
      signal.removeEventListener("abort", handleAbort);
      dns.destroy();
      reject(error);
    };
    const handleAbort = (): void => fail(cancelled());
    signal.addEventListener("abort", handleAbort, { once: true });
    // Both listeners stay: an error without one would end the process. A warning is a packet that is no DNS.
    dns.on("warning", () => undefined);
    dns.on("error", (error) => {
      const reason = (error as NodeJS.ErrnoException).code ?? "?";
      fail(new AppError("CONNECT_FAILED", "mDNS port not usable", { address: "mDNS (UDP port 5353)", reason }));
    });
    dns.once("ready", () => {
      signal.removeEventListener("abort", handleAbort);
      resolve(dns);
    });
  });
}

async function connect(
  context: ProviderContext,
  options: { signal: AbortSignal; interface?: string },
): Promise<HostLink> {
  const dns = await openMulticastDns(options);
  const link = new EntriesLink(context);
  link.own(toDisposable(() => dns.destroy()));
  link.own(new Browser(dns, link));
  return link;
}

/** For tests: the same on one interface. */
export const connectMdnsOn = connect;

/** VNC servers that announce themselves on the local network. */
export const mdnsProvider: Provider = {
  kind: KIND,
  examples: [{ uri: MDNS_URI, meaning: "VNC servers that announce themselves on the network" }],
  parse: (uri) => (uri.trim() === MDNS_URI ? MDNS_HOST : undefined),
  connect: (_config, context, options) => connect(context, options),
  discover() {
    const finding = {
      what: "VNC servers on the network",
      where: "mDNS",
      outcome: "absent",
      note: "listening; servers appear when they announce themselves",
    } as const;
    return Promise.resolve({ hosts: [MDNS_HOST], findings: [finding] });
  },
};
