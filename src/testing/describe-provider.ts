import { describe, expect, it } from "vitest";
import { ConsoleId, guestIdOf } from "../shared/contracts/ids.ts";
import { GuestSnapshot, type ConsoleProtocol } from "../shared/contracts/inventory.ts";
import { DisposableStore } from "../shared/lifecycle/disposable.ts";
import type { GuestChange, HostLink, Provider } from "../main/providers/provider.ts";
import { expectNoLeaks } from "./expect-no-leaks.ts";
import { askNobody, createProviderContext } from "./provider-context.ts";
import { closed, readBytes } from "./stream-reading.ts";

/** A host to try a provider on; made anew for each test. */
export interface ProviderFixture {
  readonly provider: Provider;
  /** An address of that host. */
  readonly uri: string;
  /** Addresses of this provider's own form that are wrong. */
  readonly wrongUris?: readonly string[];
  /** Makes something happen to a guest that is there; the link must tell of it. */
  readonly changeGuest?: (link: HostLink) => Promise<void>;
  readonly close?: () => Promise<void>;
}

const CONTRACT_TIMEOUT_MS = 20_000;
const noSignal = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });
const abortedSignal = (): { signal: AbortSignal } => ({ signal: AbortSignal.abort() });

/** What every provider keeps to, whatever kind of host it speaks to. */
export function describeProvider(name: string, make: () => Promise<ProviderFixture> | ProviderFixture): void {
  describe(`provider contract: ${name}`, { timeout: CONTRACT_TIMEOUT_MS }, () => {
    expectNoLeaks();

    /** Connects, runs the test, and lets go of everything. */
    const withLink = async (
      test: (link: HostLink, fixture: ProviderFixture, owned: DisposableStore) => Promise<void>,
    ) => {
      const fixture = await make();
      const owned = new DisposableStore();
      try {
        const link = owned.add(await connect(fixture));
        await test(link, fixture, owned);
      } finally {
        owned.dispose();
        await fixture.close?.();
      }
    };

    it("understands its own address and gives it back in one form", async () => {
      const { provider, uri, close } = await make();
      const config = provider.parse(uri);
      expect(config).toMatchObject({ kind: provider.kind });
      expect(provider.parse(config?.uri ?? "")).toEqual({ ...config, password: undefined });
      await close?.();
    });

    it("leaves addresses of others alone and names what is wrong with its own", async () => {
      const { provider, wrongUris = [], close } = await make();
      expect(provider.parse("no-such-scheme://host/path")).toBeUndefined();
      for (const uri of wrongUris)
        expect(() => provider.parse(uri), uri).toThrow(expect.objectContaining({ code: "URI_INVALID" }));
      await close?.();
    });

    it("shows its examples in a form that it understands", async () => {
      const { provider, close } = await make();
      for (const { uri } of provider.examples) expect(provider.parse(uri), uri).toBeDefined();
      await close?.();
    });

    it("does not connect when cancelled before", async () => {
      const fixture = await make();
      const config = fixture.provider.parse(fixture.uri);
      if (config === undefined) throw new Error("the fixture's address is not the provider's");
      const connecting = fixture.provider.connect(config, createProviderContext(), abortedSignal());
      await expect(connecting).rejects.toMatchObject({ code: "CANCELLED" });
      await fixture.close?.();
    });

    it("publishes the whole picture first, valid, with ids of its host, none twice", () =>
      withLink(async (link, _, owned) => {
        const guests = await firstPicture(link, owned);
        expect(guests.map((guest) => GuestSnapshot.parse(guest))).toEqual(guests);
        const { hostId } = createProviderContext();
        expect(guests.every((guest) => guest.hostId === hostId && guest.id.startsWith(`${hostId}/`))).toBe(true);
        expect(new Set(guests.map(({ id }) => id)).size).toBe(guests.length);
      }));

    it("gives the same guests the same ids at the next connection", () =>
      withLink(async (link, fixture, owned) => {
        const ids = (guests: readonly GuestSnapshot[]) =>
          guests.map(({ id, consoles }) => `${id} ${consoles.map((console) => console.id).join(",")}`).sort();
        const first = ids(await firstPicture(link, owned));
        const second = ids(await firstPicture(owned.add(await connect(fixture)), owned));
        expect(second).toEqual(first);
      }));

    it("tells of a change after the whole picture, and no more once the watch is disposed", () =>
      withLink(async (link, { changeGuest }, owned) => {
        if (changeGuest === undefined) return;
        const changes: GuestChange[] = [];
        let heard: () => void = () => undefined;
        const watching = owned.add(
          link.watch((change) => {
            changes.push(change);
            if (changes.length > 1) heard();
          }),
        );
        const told = new Promise<void>((resolve) => {
          heard = resolve;
        });
        await changeGuest(link);
        await told;
        expect(changes[0]?.kind).toBe("all");
        watching.dispose();
        const count = changes.length;
        await changeGuest(link).catch(() => undefined);
        expect(changes.length).toBe(count);
      }));

    it("answers NOT_FOUND for a guest and a console that it does not have", () =>
      withLink(async (link, _, owned) => {
        const unknown = guestIdOf(createProviderContext().hostId, "no-such-guest");
        const console = ConsoleId.parse("no-such-console");
        await expect(open(link, unknown, console)).rejects.toMatchObject({ code: "NOT_FOUND" });
        const guest = (await firstPicture(link, owned))[0];
        if (guest) await expect(open(link, guest.id, console)).rejects.toMatchObject({ code: "NOT_FOUND" });
        if (link.capabilities.power) {
          await expect(link.capabilities.power(unknown, "start", noSignal())).rejects.toMatchObject({
            code: "NOT_FOUND",
          });
        }
        if (link.capabilities.screenshot) {
          await expect(link.capabilities.screenshot(unknown, noSignal())).rejects.toMatchObject({ code: "NOT_FOUND" });
        }
      }));

    it("does not open a console or a stream when cancelled before", () =>
      withLink(async (link, _, owned) => {
        const target = await runningConsole(link, owned, "vnc");
        if (target === undefined) return;
        const opening = link.openConsole(target.guest.id, target.consoleId, { ...abortedSignal(), ask: askNobody });
        await expect(opening).rejects.toMatchObject({ code: "CANCELLED" });
        const endpoint = owned.add(await open(link, target.guest.id, target.consoleId));
        await expect(endpoint.openStream(abortedSignal())).rejects.toMatchObject({ code: "CANCELLED" });
      }));

    it("gives a VNC stream that begins as a server does, and closes it with its endpoint", () =>
      withLink(async (link, _, owned) => {
        const target = await runningConsole(link, owned, "vnc");
        if (target === undefined) return;
        const endpoint = owned.add(await open(link, target.guest.id, target.consoleId));
        expect(endpoint.protocol).toBe("vnc");
        const stream = await endpoint.openStream(noSignal());
        const banner = await readBytes(stream, 12);
        expect(Buffer.from(banner).toString("latin1")).toMatch(/^RFB 003\.00[378]\n$/);
        endpoint.dispose();
        endpoint.dispose();
        await closed(stream);
      }));

    it("closes all streams with the link, which may be disposed twice", () =>
      withLink(async (link, _, owned) => {
        const target = (await runningConsole(link, owned, "vnc")) ?? (await runningConsole(link, owned, "serial"));
        if (target === undefined) return;
        const endpoint = owned.add(await open(link, target.guest.id, target.consoleId));
        const stream = await endpoint.openStream(noSignal());
        link.dispose();
        link.dispose();
        await closed(stream);
      }));
  });
}

async function connect({ provider, uri }: ProviderFixture): Promise<HostLink> {
  const config = provider.parse(uri);
  if (config === undefined) throw new Error(`${provider.kind} does not know its own address ${uri}`);
  return provider.connect(config, createProviderContext(), noSignal());
}

function open(link: HostLink, guestId: GuestSnapshot["id"], consoleId: ConsoleId) {
  return link.openConsole(guestId, consoleId, { ...noSignal(), ask: askNobody });
}

/** The guests as a watcher gets them first. */
function firstPicture(link: HostLink, owned: DisposableStore): Promise<readonly GuestSnapshot[]> {
  return new Promise((resolve, reject) => {
    const watching = new DisposableStore();
    owned.add(watching);
    watching.add(
      link.watch((change) => {
        if (change.kind === "all") resolve(change.guests);
        else reject(new Error(`the first change is "${change.kind}"`));
        watching.dispose();
      }),
    );
  });
}

async function runningConsole(link: HostLink, owned: DisposableStore, protocol: ConsoleProtocol) {
  for (const guest of await firstPicture(link, owned)) {
    const console = guest.consoles.find((one) => one.protocol === protocol && one.unavailable === undefined);
    if (guest.state === "running" && console) return { guest, consoleId: console.id };
  }
  return undefined;
}
