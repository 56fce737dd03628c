import { createServer, type Server } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsoleId, HostId, guestIdOf } from "../../../shared/contracts/ids.ts";
import { GuestSnapshot } from "../../../shared/contracts/inventory.ts";
import { trackDisposables } from "../../../shared/lifecycle/disposable.ts";
import type { GuestChange, HostLink, ProviderContext } from "../provider.ts";
import { addressBookProvider } from "./address-book-provider.ts";

const quiet = (): void => undefined;
const HOST_ID = HostId.parse("h");
const context: ProviderContext = {
  hostId: HOST_ID,
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  ask: () => Promise.resolve({ kind: "refuse" }),
  secrets: { get: () => undefined, remember: quiet, forget: quiet },
  pins: { get: () => undefined, pin: quiet, forget: quiet },
};
const signal = new AbortController().signal;

function connect(uri: string): Promise<HostLink> {
  const config = addressBookProvider.parse(uri);
  if (config === undefined) throw new Error("not an address");
  return addressBookProvider.connect(config, context, { signal });
}

describe("the address book", () => {
  let folder: string;
  let server: Server;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "switchyard-test-"));
    server = createServer((socket) => socket.pipe(socket)).listen(join(folder, "echo.sock"));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it("shows its entries, and publishes only what changes", async () => {
    const link = await connect("address-book:");
    const changes: unknown[] = [];
    link.watch((change: GuestChange) => {
      if (change.kind === "removed") changes.push(["removed", change.guestIds]);
      else changes.push([change.kind, change.guests.map((guest) => GuestSnapshot.parse(guest).name)]);
    });
    const entries = [
      { id: "1", name: "Desk", uri: "vnc://desk", group: "Office" },
      { id: "2", name: "Switch", uri: "telnet://switch" },
      { id: "3", name: "Broken", uri: "vnc://desk:0" },
    ];
    link.capabilities.setEntries?.(entries);
    link.capabilities.setEntries?.([{ ...entries[0]!, name: "Desk 2" }, entries[1]!]);
    expect(changes).toEqual([
      ["all", []],
      ["changed", ["Desk", "Switch", "Broken"]],
      ["changed", ["Desk 2"]],
      ["removed", ["h/3"]],
    ]);
    link.dispose();
  });

  it("says of a wrong address that its console cannot be opened", async () => {
    const link = await connect("address-book:");
    link.capabilities.setEntries?.([{ id: "3", name: "Broken", uri: "nonsense" }]);
    const opening = link.openConsole(guestIdOf(HOST_ID, "3"), ConsoleId.parse("vnc"), { signal, ask: context.ask });
    await expect(opening).rejects.toMatchObject({ code: "CONSOLE_UNAVAILABLE" });
    link.dispose();
  });

  it("opens a raw serial socket both ways, and closes it with the endpoint, without a leak", async () => {
    const stop = trackDisposables();
    const link = await connect(`serial+unix://${folder}/echo.sock`);
    let guests: readonly GuestSnapshot[] = [];
    link.watch((change) => (guests = change.kind === "removed" ? [] : change.guests)).dispose();
    const [guest] = guests;
    const consoleId = guest!.consoles[0]!.id;
    const endpoint = await link.openConsole(guest!.id, consoleId, { signal, ask: context.ask });
    const stream = await endpoint.openStream({ signal });
    stream.write("hello");
    const echoed = await new Promise((resolve) => stream.once("data", (chunk: Buffer) => resolve(chunk.toString())));
    const closed = new Promise((resolve) => stream.once("close", resolve));
    endpoint.dispose();
    await closed;
    link.dispose();
    expect([guest!.name, endpoint.protocol, echoed, stop()]).toEqual([`${folder}/echo.sock`, "serial", "hello", []]);
  });

  it("opens nothing after the endpoint is disposed", async () => {
    const link = await connect(`serial+unix://${folder}/echo.sock`);
    const guestId = guestIdOf(HOST_ID, "console");
    const endpoint = await link.openConsole(guestId, ConsoleId.parse("serial"), { signal, ask: context.ask });
    endpoint.dispose();
    await expect(endpoint.openStream({ signal })).rejects.toThrow();
    link.dispose();
  });

  it("keeps a password that was typed with an address out of the address", () => {
    expect(addressBookProvider.parse("vnc://me:geheim@desk:1")).toEqual({
      kind: "address-book",
      uri: "vnc://desk:1",
      label: "desk:1",
      password: "geheim",
    });
  });
});
