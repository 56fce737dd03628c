import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { guestIdOf, type HostId } from "../../shared/contracts/ids.ts";
import type { GuestSnapshot, InventoryChange } from "../../shared/contracts/inventory.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../shared/contracts/settings.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { toDisposable } from "../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { createProviderContext } from "../../testing/provider-context.ts";
import type { GuestChange, HostConfig, HostLink, Provider } from "../providers/provider.ts";
import { hostIdOf, Inventory } from "./inventory.ts";
import { WantedHosts } from "./wanted-hosts.ts";

/** A link whose far side is the test. */
class FakeLink implements HostLink {
  readonly capabilities = {};
  readonly #onClosed = new Emitter<AppError>();
  publish: (change: GuestChange) => void = () => undefined;
  isDisposed = false;
  /** Said to whoever listens, as by a link that died before anybody did. */
  closedBefore: AppError | undefined;
  readonly #held = toDisposable(() => undefined);

  readonly onClosed: HostLink["onClosed"] = (listener) => {
    if (this.closedBefore !== undefined) listener(this.closedBefore);
    return this.#onClosed.event(listener);
  };

  watch(publish: (change: GuestChange) => void): { dispose: () => void } {
    this.publish = publish;
    publish({ kind: "all", guests: [] });
    return toDisposable(() => undefined);
  }

  openConsole(): Promise<never> {
    return Promise.reject(new AppError("UNSUPPORTED", "none here", { what: "A console", reason: "it is a fake" }));
  }

  close(error: AppError): void {
    this.#onClosed.fire(error);
  }

  dispose(): void {
    this.isDisposed = true;
    this.#held.dispose();
  }
}

const LOST = new AppError("CONNECTION_LOST", "gone", { address: "rack" });

/** A provider of `<kind>:` addresses whose tries wait for the test. */
class FakeProvider implements Provider {
  readonly examples = [];
  readonly kind: string;
  readonly tries: { config: HostConfig; signal: AbortSignal; outcome: PromiseWithResolvers<HostLink> }[] = [];
  discover?: NonNullable<Provider["discover"]>;

  constructor(kind: string) {
    this.kind = kind;
  }

  parse(uri: string): HostConfig | undefined {
    if (!uri.startsWith(`${this.kind}:`)) return undefined;
    if (uri.endsWith("!")) throw new AppError("URI_INVALID", "wrong", { uri, reason: "it ends so" });
    const [address = "", password] = uri.split("#");
    return { kind: this.kind, uri: address, label: address, ...(password === undefined ? {} : { password }) };
  }

  connect(config: HostConfig, _: unknown, { signal }: { signal: AbortSignal }): Promise<HostLink> {
    const outcome = Promise.withResolvers<HostLink>();
    this.tries.push({ config, signal, outcome });
    return outcome.promise;
  }

  /** The newest try succeeds. */
  async succeed(link = new FakeLink()): Promise<FakeLink> {
    this.tries.at(-1)?.outcome.resolve(link);
    await vi.advanceTimersByTimeAsync(0);
    return link;
  }
}

const guestOf = (hostId: HostId, name: string, state: GuestSnapshot["state"] = "running"): GuestSnapshot => ({
  id: guestIdOf(hostId, name),
  hostId,
  name,
  state,
  consoles: [],
  actions: [],
  hasScreenshot: false,
});

let rack: FakeProvider;
let book: FakeProvider;
let sample: FakeProvider;
let inventory: Inventory;
let changes: InventoryChange[];
let failures: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  rack = new FakeProvider("libvirt");
  book = new FakeProvider("address-book");
  sample = new FakeProvider("sample");
  changes = [];
  failures = [];
  const { log } = createProviderContext();
  inventory = new Inventory({
    providers: [rack, book, sample],
    contextOf: (hostId) =>
      createProviderContext({ hostId, log: { ...log, error: (_, facts) => failures.push(facts) } }),
  });
  inventory.onChange((change) => changes.push(change));
});

const endAll = (): Promise<void> => {
  inventory.dispose();
  vi.useRealTimers();
  return Promise.resolve();
};

const add = (uri: string): HostId => inventory.add(inventory.parse(uri).config, { origin: "configured" });
const statesOf = (): Record<string, string> =>
  Object.fromEntries(inventory.hosts.map(({ uri, state }) => [uri, state.phase]));

describe("Inventory", () => {
  afterEach(endAll);

  it("says only what differs when a host tells its whole picture again", async () => {
    const hostId = add("libvirt:a");
    const link = await rack.succeed();
    link.publish({ kind: "all", guests: [guestOf(hostId, "one"), guestOf(hostId, "two"), guestOf(hostId, "three")] });
    changes.length = 0;
    link.publish({
      kind: "all",
      guests: [guestOf(hostId, "one"), guestOf(hostId, "two", "off"), guestOf(hostId, "four")],
    });
    link.publish({
      kind: "all",
      guests: [guestOf(hostId, "one"), guestOf(hostId, "two", "off"), guestOf(hostId, "four")],
    });
    expect(changes).toEqual([
      {
        kind: "guests",
        hostId,
        changed: [guestOf(hostId, "two", "off"), guestOf(hostId, "four")],
        removed: [guestIdOf(hostId, "three")],
      },
    ]);
    expect(inventory.guests.map(({ name }) => name)).toEqual(["one", "two", "four"]);
  });

  it("takes changes and removals, and no removal twice", async () => {
    const hostId = add("libvirt:a");
    const link = await rack.succeed();
    link.publish({ kind: "changed", guests: [guestOf(hostId, "one")] });
    changes.length = 0;
    for (let count = 0; count < 2; count += 1) {
      link.publish({ kind: "removed", guestIds: [guestIdOf(hostId, "one"), guestIdOf(hostId, "never")] });
    }
    expect(changes).toEqual([{ kind: "guests", hostId, changed: [], removed: [guestIdOf(hostId, "one")] }]);
    expect(() => inventory.guest(guestIdOf(hostId, "one"))).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });

  it("is not delayed by a host that never answers, nor broken by one that throws at once", async () => {
    add("libvirt:dead");
    vi.spyOn(rack, "connect").mockImplementationOnce(() => {
      throw new TypeError("a provider's bug");
    });
    add("libvirt:broken");
    add("libvirt:good");
    await rack.succeed();
    expect([statesOf(), failures.length]).toEqual([
      { "libvirt:dead": "connecting", "libvirt:broken": "failed", "libvirt:good": "live" },
      1,
    ]);
  });

  it("keeps a host's guests while it is tried again, and tries until it is there", async () => {
    const hostId = add("libvirt:a");
    const link = await rack.succeed();
    link.publish({ kind: "changed", guests: [guestOf(hostId, "one")] });
    link.close(LOST);
    expect([statesOf()["libvirt:a"], link.isDisposed, inventory.guests.length]).toEqual(["failed", true, 1]);
    expect(() => inventory.linkOf(hostId)).toThrow(expect.objectContaining({ code: "CONNECTION_LOST" }));
    await vi.advanceTimersByTimeAsync(500);
    await rack.succeed();
    expect([statesOf()["libvirt:a"], rack.tries.length]).toEqual(["live", 2]);
  });

  it("starts with short pauses again after a success", async () => {
    add("libvirt:a");
    for (let count = 0; count < 6; count += 1) {
      rack.tries.at(-1)?.outcome.reject(LOST);
      await vi.advanceTimersByTimeAsync(30_000);
    }
    const link = await rack.succeed();
    const before = rack.tries.length;
    link.close(LOST);
    await vi.advanceTimersByTimeAsync(500);
    expect(rack.tries).toHaveLength(before + 1);
  });

  it.each(["LOGIN_REFUSED", "SSH_HOST_KEY_CHANGED", "TLS_CHANGED", "TLS_UNTRUSTED", "CANCELLED"] as const)(
    "waits for the user after %s",
    async (code) => {
      const hostId = add("libvirt:a");
      rack.tries.at(-1)?.outcome.reject(new AppError(code, "no", { address: "rack" }));
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect([rack.tries.length, inventory.hosts[0]?.state]).toMatchObject([1, { phase: "failed", error: { code } }]);
      inventory.retry(hostId);
      expect(rack.tries).toHaveLength(2);
    },
  );

  // The host was shown as live, with a link that was gone, for ever.
  it("sees that a link closed while it was taken over", async () => {
    add("libvirt:a");
    const link = new FakeLink();
    link.closedBefore = LOST;
    await rack.succeed(link);
    expect([statesOf()["libvirt:a"], link.isDisposed]).toEqual(["failed", true]);
  });

  // Guests came back under a host that was gone.
  it("does not listen to a link that it let go", async () => {
    const hostId = add("libvirt:a");
    const link = await rack.succeed();
    inventory.remove(hostId);
    changes.length = 0;
    link.publish({ kind: "changed", guests: [guestOf(hostId, "ghost")] });
    link.close(LOST);
    expect([changes, inventory.guests]).toEqual([[], []]);
  });

  // It ended the whole process, or kept the host in the tree.
  it("lives on when a link cannot be released", async () => {
    const hostId = add("libvirt:a");
    const link = await rack.succeed();
    link.dispose = () => {
      throw new TypeError("a provider's bug");
    };
    inventory.remove(hostId);
    expect([inventory.hosts, changes.at(-1), failures.length]).toEqual([[], { kind: "host-removed", hostId }, 1]);
  });

  it("closes a link that comes after the host was removed", async () => {
    const hostId = add("libvirt:a");
    inventory.remove(hostId);
    const link = await rack.succeed();
    expect([rack.tries[0]?.signal.aborted, link.isDisposed]).toEqual([true, true]);
  });

  it("keeps the connection of a host that is added again, under its new label", async () => {
    const hostId = add("libvirt:a");
    const link = await rack.succeed();
    inventory.add(inventory.parse("libvirt:a").config, { label: "Rack A", origin: "option" });
    expect([inventory.linkOf(hostId) === link, inventory.hosts[0]?.label, inventory.hosts[0]?.origin]).toEqual([
      true,
      "Rack A",
      "option",
    ]);
  });

  // A wrong password could not be mended by giving the address again.
  it("connects anew when another password came for a host", () => {
    add("libvirt:a#wrong");
    add("libvirt:a#wrong");
    add("libvirt:a");
    expect(rack.tries).toHaveLength(1);
    add("libvirt:a#right");
    expect(rack.tries.map(({ config, signal }) => [config.password, signal.aborted])).toEqual([
      ["wrong", true],
      ["right", false],
    ]);
  });

  it("knows an address that no provider knows", () => {
    expect(() => inventory.parse("gopher://x")).toThrow(expect.objectContaining({ code: "URI_INVALID" }));
    expect(() => inventory.parse("libvirt:x!")).toThrow(expect.objectContaining({ code: "URI_INVALID" }));
  });

  it("gives the same host the same id, and different ones different ids", () => {
    const [a, again, b, other] = ["libvirt:a", "libvirt:a", "libvirt:b", "sample:a"].map((uri) =>
      hostIdOf(inventory.parse(uri).config),
    );
    expect([a === again, new Set([a, b, other]).size]).toEqual([true, 3]);
  });

  it("finds what is there though one provider fails and one neither answers nor heeds its signal", async () => {
    rack.discover = () =>
      Promise.resolve({
        hosts: [{ kind: "libvirt", uri: "libvirt:a", label: "a" }],
        findings: [{ what: "libvirt", where: "/run", outcome: "found", note: "1 guest" }],
      });
    book.discover = () => {
      throw new TypeError("a provider's bug");
    };
    sample.discover = () => new Promise(() => undefined);
    const controller = new AbortController();
    const found = inventory.discover(() => true, { signal: controller.signal });
    await vi.advanceTimersByTimeAsync(0);
    controller.abort();
    expect((await found).map(({ uri }) => uri)).toEqual(["libvirt:a"]);
    book.discover = () => Promise.reject(new AppError("HOST_REPLY", "no", { address: "x", reason: "no" }));
    const again = inventory.discover((kind) => kind !== "sample", { signal: new AbortController().signal });
    expect((await again).map(({ uri }) => uri)).toEqual(["libvirt:a"]);
    expect(inventory.findings.map(({ what, outcome }) => [what, outcome])).toEqual([
      ["libvirt", "found"],
      ["address-book", "absent"],
    ]);
  });
});

describe("Inventory's holdings", () => {
  expectNoLeaks({ settle: endAll });

  it("are released in every phase of a host", async () => {
    add("libvirt:connecting");
    add("libvirt:failed");
    rack.tries.at(-1)?.outcome.reject(LOST);
    await vi.advanceTimersByTimeAsync(0);
    add("libvirt:live");
    await rack.succeed();
    add("libvirt:waiting");
    rack.tries.at(-1)?.outcome.reject(new AppError("LOGIN_REFUSED", "no", { address: "x" }));
    await vi.advanceTimersByTimeAsync(0);
    expect(Object.values(statesOf())).toEqual(["connecting", "failed", "live", "failed"]);
  });
});

describe("WantedHosts", () => {
  afterEach(endAll);

  let settings: Settings;
  let passwordByUri: Map<string, string>;

  beforeEach(() => {
    settings = DEFAULT_SETTINGS;
    passwordByUri = new Map();
  });

  const want = (options: { optionUris?: string[]; isDemo?: boolean; isOnlyOptions?: boolean } = {}): WantedHosts =>
    new WantedHosts({
      inventory,
      settings: () => settings,
      isDemo: options.isDemo ?? false,
      isOnlyOptions: options.isOnlyOptions ?? false,
      optionConfigs: [],
      optionUris: options.optionUris ?? [],
      passwordOf: (uri) => passwordByUri.get(uri),
      log: createProviderContext().log,
    });

  const hosts = (): string[] => inventory.hosts.map(({ uri, label, origin }) => `${uri} ${label} ${origin}`);
  const SIGNAL = new AbortController().signal;

  it("wants the hosts of the command line, of the settings, those found, the address book and the sample guests", async () => {
    settings = {
      ...DEFAULT_SETTINGS,
      hosts: [{ uri: "libvirt:configured", label: "Mine" }, { uri: "libvirt:wrong!" }, { uri: "gopher:x" }],
      addressBook: [{ id: "1", name: "x", uri: "vnc://x" }],
      hasSampleGuests: true,
    };
    rack.discover = () =>
      Promise.resolve({ hosts: [{ kind: "libvirt", uri: "libvirt:found", label: "found" }], findings: [] });
    const wanted = want({ optionUris: ["libvirt:option"] });
    wanted.reconcile();
    await wanted.discover({ signal: SIGNAL });
    expect(hosts().toSorted()).toEqual([
      "address-book: address-book: automatic",
      "libvirt:configured Mine configured",
      "libvirt:found found automatic",
      "libvirt:option libvirt:option option",
      "sample: sample: automatic",
    ]);
  });

  it("wants nothing else with --demo, and nothing else with only options", async () => {
    settings = { ...DEFAULT_SETTINGS, hosts: [{ uri: "libvirt:configured" }], hasSampleGuests: true };
    rack.discover = () => Promise.reject(new Error("nobody should ask"));
    const demo = want({ isDemo: true });
    demo.reconcile();
    await demo.discover({ signal: SIGNAL });
    expect(hosts()).toEqual(["sample: sample: automatic"]);
    const only = want({ isOnlyOptions: true, optionUris: ["libvirt:option"] });
    only.reconcile();
    await only.discover({ signal: SIGNAL });
    expect(hosts()).toEqual(["libvirt:option libvirt:option option"]);
  });

  it("wants hosts without an address, as connection files give them, also later and each once", () => {
    const config = (uri: string) => ({ kind: "libvirt", uri, label: "VM 100" });
    const wanted = new WantedHosts({
      inventory,
      settings: () => settings,
      isDemo: false,
      isOnlyOptions: true,
      optionConfigs: [config("file:1")],
      optionUris: [],
      passwordOf: () => undefined,
      log: createProviderContext().log,
    });
    wanted.reconcile();
    wanted.addOption(config("file:2"));
    wanted.addOption(config("file:2"));
    expect(hosts()).toEqual(["file:1 VM 100 option", "file:2 VM 100 option"]);
  });

  it("refuses a wrong address of the command line", () => {
    expect(() => want({ optionUris: ["libvirt:wrong!"] })).toThrow(expect.objectContaining({ code: "URI_INVALID" }));
  });

  it("removes what is not wanted any more, and keeps what was found once", async () => {
    settings = { ...DEFAULT_SETTINGS, hosts: [{ uri: "libvirt:configured" }] };
    rack.discover = () =>
      Promise.resolve({ hosts: [{ kind: "libvirt", uri: "libvirt:found", label: "found" }], findings: [] });
    const wanted = want();
    await wanted.discover({ signal: SIGNAL });
    rack.discover = () => Promise.resolve({ hosts: [], findings: [] });
    settings = DEFAULT_SETTINGS;
    await wanted.discover({ signal: SIGNAL });
    expect(hosts()).toEqual(["libvirt:found found automatic"]);
    settings = { ...DEFAULT_SETTINGS, discovery: { ...DEFAULT_SETTINGS.discovery, libvirt: false } };
    wanted.reconcile();
    expect(hosts()).toEqual([]);
  });

  // Editing a label closed every console of the host.
  it("gives a host its new label without connecting anew", async () => {
    settings = { ...DEFAULT_SETTINGS, hosts: [{ uri: "libvirt:a", label: "Old" }] };
    const wanted = want();
    wanted.reconcile();
    const link = await rack.succeed();
    settings = { ...DEFAULT_SETTINGS, hosts: [{ uri: "libvirt:a", label: "New" }] };
    wanted.reconcile();
    expect([hosts(), rack.tries.length, link.isDisposed]).toEqual([["libvirt:a New configured"], 1, false]);
    settings = { ...DEFAULT_SETTINGS, hosts: [{ uri: "libvirt:a" }] };
    wanted.reconcile();
    expect(hosts()).toEqual(["libvirt:a libvirt:a configured"]);
  });

  it("gives a password to its host, and shows it nowhere", () => {
    settings = { ...DEFAULT_SETTINGS, hosts: [{ uri: "libvirt:a" }] };
    passwordByUri.set("libvirt:a", "hunter2");
    want().reconcile();
    expect(rack.tries.map(({ config }) => config.password)).toEqual(["hunter2"]);
    expect(JSON.stringify([inventory.reset(), changes])).not.toContain("hunter2");
  });
});
