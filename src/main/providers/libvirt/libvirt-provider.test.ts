import type { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { DOMAIN_STATE } from "../../../protocols/libvirt/remote-procedures.ts";
import { ConsoleId, guestIdOf } from "../../../shared/contracts/ids.ts";
import { DisposableStore } from "../../../shared/lifecycle/disposable.ts";
import { describeProvider } from "../../../testing/describe-provider.ts";
import { startFakeRfbServer } from "../../../testing/fake-rfb-server.ts";
import { askNobody, createProviderContext } from "../../../testing/provider-context.ts";
import { readBytes } from "../../../testing/stream-reading.ts";
import type { AppError } from "../../../shared/errors/app-error.ts";
import type { Ask, GuestChange, HostLink } from "../provider.ts";
import { FakeLibvirtDaemon, type FakeDomain } from "./fake-libvirt-daemon.ts";
import { libvirtProvider } from "./libvirt-provider.ts";

const RUNNING_UUID = "11111111-1111-4111-8111-111111111111";
const OFF_UUID = "22222222-2222-4222-8222-222222222222";
const SERIAL = `<serial type='pty'><target port='0'/><alias name='serial0'/></serial>`;

function domain(name: string, uuid: string, state: number, devices = ""): FakeDomain {
  const xml = `<domain type='kvm'><name>${name}</name><uuid>${uuid}</uuid><devices>${devices}<video/></devices></domain>`;
  return { name, uuid, state, xml };
}

const noSignal = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });
const running = guestIdOf(createProviderContext().hostId, RUNNING_UUID);
const off = guestIdOf(createProviderContext().hostId, OFF_UUID);
const SERIAL0 = ConsoleId.parse("serial0");

describeProvider("libvirt", async () => {
  const vnc = await startFakeRfbServer();
  const graphics = `<graphics type='vnc' port='${vnc.port}'><listen type='address' address='127.0.0.1'/></graphics>`;
  const daemon = await FakeLibvirtDaemon.start([
    domain("web", RUNNING_UUID, DOMAIN_STATE.running, graphics + SERIAL),
    domain("spare", OFF_UUID, DOMAIN_STATE.shutoff),
  ]);
  let isPaused = false;
  return {
    provider: libvirtProvider,
    uri: daemon.uri,
    wrongUris: ["qemu+warp://host/system", "qemu+ssh:///system", "qemu+unix://host/system", "qemu:///nowhere"],
    changeGuest: async (link) => {
      // Sooner, the change would be in the first picture already.
      await daemon.whenXmlRead(2);
      isPaused = !isPaused;
      await link.capabilities.power?.(running, isPaused ? "pause" : "resume", noSignal());
    },
    close: async () => {
      vnc.dispose();
      await daemon.close();
    },
  };
});

async function withDaemon(
  test: (daemon: FakeLibvirtDaemon, connect: () => Promise<HostLink>) => Promise<void>,
): Promise<void> {
  const owned = new DisposableStore();
  const daemon = await FakeLibvirtDaemon.start([
    domain("web", RUNNING_UUID, DOMAIN_STATE.running, SERIAL),
    domain("spare", OFF_UUID, DOMAIN_STATE.shutoff, SERIAL),
  ]);
  try {
    await test(daemon, async () => {
      const config = libvirtProvider.parse(daemon.uri)!;
      return owned.add(await libvirtProvider.connect(config, createProviderContext(), noSignal()));
    });
  } finally {
    owned.dispose();
    await daemon.close();
  }
}

/** The changes of a watch, one after the other. */
function changesOf(link: HostLink): () => Promise<GuestChange> {
  const waiting: GuestChange[] = [];
  let wake = (): void => undefined;
  link.watch((change) => {
    waiting.push(change);
    wake();
  });
  return async () => {
    while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return waiting.shift()!;
  };
}

async function openSerial(link: HostLink): Promise<Duplex> {
  const endpoint = await link.openConsole(running, SERIAL0, { ...noSignal(), ask: askNobody });
  return endpoint.openStream(noSignal());
}

describe("a libvirt host", () => {
  it("shows a guest that is defined and takes away one that is undefined, by events", () =>
    withDaemon(async (daemon, connect) => {
      const next = changesOf(await connect());
      await next();
      const uuid = "33333333-3333-4333-8333-333333333333";
      daemon.define(domain("new", uuid, DOMAIN_STATE.shutoff));
      expect(await next()).toMatchObject({
        kind: "changed",
        guests: [{ name: "new", state: "off", actions: ["start"] }],
      });
      daemon.undefine(uuid);
      expect(await next()).toMatchObject({ kind: "removed", guestIds: [expect.stringContaining(uuid)] });
    }));

  it("keeps a guest whose XML is not understood in the list, without consoles", () =>
    withDaemon(async (daemon, connect) => {
      const next = changesOf(await connect());
      await next();
      const uuid = "33333333-3333-4333-8333-333333333333";
      daemon.define({ ...domain("odd", uuid, DOMAIN_STATE.running), xml: "<!DOCTYPE domain><domain/>" });
      expect(await next()).toMatchObject({ kind: "changed", guests: [{ name: "odd", consoles: [] }] });
    }));

  it("opens a text console as a stream in both directions, on a connection of its own", () =>
    withDaemon(async (daemon, connect) => {
      const link = await connect();
      const stream = await openSerial(link);
      expect(Buffer.from(await readBytes(stream, 7)).toString()).toBe("login: ");
      stream.write("root");
      expect(Buffer.from(await readBytes(stream, 4)).toString()).toBe("root");
      expect([daemon.connectionCount, daemon.openedNames]).toEqual([2, ["qemu:///system", "qemu:///system"]]);
    }));

  it.each([
    ["is taken over when a person says so", { kind: "accept", remember: false }, "login: "],
    ["is left with who has it when a person says so", { kind: "refuse" }, "CONSOLE_BUSY"],
  ] as const)("has a text console that %s", (_, answer, outcome) =>
    withDaemon(async (daemon, connect) => {
      daemon.isConsoleBusy = true;
      const asked: unknown[] = [];
      const ask: Ask = (body) => {
        asked.push(body);
        return Promise.resolve(answer);
      };
      const endpoint = await (await connect()).openConsole(running, SERIAL0, { ...noSignal(), ask });
      const seen = endpoint.openStream(noSignal()).then(
        async (stream) => Buffer.from(await readBytes(stream, 7)).toString(),
        (error: unknown) => (error as AppError).code,
      );
      expect([await seen, asked]).toEqual([outcome, [{ kind: "take-over", target: "web" }]]);
    }),
  );

  it("says GUEST_OFF for a console of a guest that does not run", () =>
    withDaemon(async (_, connect) => {
      const opening = (await connect()).openConsole(off, SERIAL0, { ...noSignal(), ask: askNobody });
      await expect(opening).rejects.toMatchObject({ code: "GUEST_OFF" });
    }));

  it("takes a screenshot without a console", () =>
    withDaemon(async (_, connect) => {
      const picture = await (await connect()).capabilities.screenshot!(running, noSignal());
      expect(picture).toEqual({ mediaType: "image/x-portable-pixmap", bytes: Buffer.from("P6\n1 1\n255\nabc") });
    }));

  it("gives the daemon's reason when a power action fails", () =>
    withDaemon(async (_, connect) => {
      const action = (await connect()).capabilities.power!(running, "reset", noSignal());
      await expect(action).rejects.toMatchObject({
        code: "HOST_ACTION_FAILED",
        detail: { action: "Reset", reason: "the fake does not do that" },
      });
    }));

  it("tells once that the daemon is gone, and ends its streams", () =>
    withDaemon(async (daemon, connect) => {
      const link = await connect();
      const stream = await openSerial(link);
      stream.resume();
      const streamClosed = new Promise((resolve) => stream.once("close", resolve));
      const codes: string[] = [];
      const told = new Promise<void>((resolve) =>
        link.onClosed((error) => {
          codes.push(error.code);
          resolve();
        }),
      );
      daemon.drop();
      await Promise.all([told, streamClosed]);
      expect(codes).toEqual(["REMOTE_CLOSED"]);
    }));

  it("ends with the daemon's reason when it gives no list", () =>
    withDaemon(async (daemon, connect) => {
      daemon.listRefusal = "access denied";
      const link = await connect();
      const told = new Promise((resolve) => link.onClosed(resolve));
      link.watch(() => expect.unreachable("there is nothing to show"));
      expect(await told).toMatchObject({ code: "HOST_REPLY", detail: { reason: "access denied" } });
    }));

  it("says what polkit said", () =>
    withDaemon(async (daemon, connect) => {
      daemon.authTypes = [2];
      daemon.polkitRefusal = "no polkit agent available";
      await expect(connect()).rejects.toMatchObject({
        code: "LOGIN_NOT_ALLOWED",
        detail: { reason: "no polkit agent available" },
      });
    }));

  it("names the login methods when it knows none of them", () =>
    withDaemon(async (daemon, connect) => {
      daemon.authTypes = [1];
      await expect(connect()).rejects.toMatchObject({ code: "LOGIN_UNSUPPORTED", detail: { method: "SASL GSSAPI" } });
    }));
});
