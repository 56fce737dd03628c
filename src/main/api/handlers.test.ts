import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApiMethod } from "../../shared/contracts/api.ts";
import { EMPTY_LAYOUT } from "../../shared/contracts/layout.ts";
import type { HostId } from "../../shared/contracts/ids.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import { createCertificatePins } from "../credentials/certificate-pins.ts";
import { createQuestions } from "../credentials/questions.ts";
import type { ApiCall } from "../gateway/api-connection.ts";
import { TicketOffice } from "../gateway/tickets.ts";
import { hostIdOf, Inventory } from "../inventory/inventory.ts";
import { WantedHosts } from "../inventory/wanted-hosts.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { HostConfig } from "../providers/provider.ts";
import { SettingsStore } from "../settings/settings-store.ts";
import { createProviderContext } from "../../testing/provider-context.ts";
import { AddressBookApi } from "./address-book-api.ts";
import { ConsoleConnections } from "./console-connections.ts";
import { createApiHandlers } from "./handlers.ts";

/** An address where nothing is; no host is ever connected to here. */
const RACK = "qmp+tcp://rack.invalid:4444";
const SHELF = "qmp+tcp://shelf.invalid:4444";

let owned: DisposableStore;
let folder: string;
let settings: SettingsStore;
let inventory: Inventory;
let remembered: HostConfig[];
let logged: unknown[];
let call: (method: ApiMethod, params?: unknown) => Promise<unknown>;

beforeEach(async () => {
  owned = new DisposableStore();
  folder = await mkdtemp(join(tmpdir(), "switchyard-handlers-"));
  settings = await SettingsStore.load(folder);
  remembered = [];
  logged = [];
  const log = { ...createProviderContext().log, error: (...words: unknown[]) => logged.push(words) };
  inventory = owned.add(
    new Inventory({ providers: PROVIDERS, contextOf: (hostId) => createProviderContext({ hostId }) }),
  );
  const tickets = owned.add(new TicketOffice());
  const handlers = createApiHandlers({
    info: () => ({ version: "1" }) as never,
    inventory,
    wantedHosts: new WantedHosts({
      inventory,
      settings: () => settings.settings,
      isDemo: true,
      isOnlyOptions: false,
      optionUris: [],
      optionConfigs: [],
      passwordOf: () => undefined,
      log,
    }),
    settings,
    connections: new ConsoleConnections({
      tickets,
      openEndpoint: (guestId, consoleId, options) => inventory.openConsole(guestId, consoleId, options),
    }),
    questions: createQuestions({ hasListener: () => false }),
    pins: createCertificatePins({ file: join(folder, "certificates.json") }),
    addressBook: new AddressBookApi({ settings, parse: (uri) => inventory.parse(uri).config }),
    rememberPassword: (config) => remembered.push(config),
    log,
  });
  const apiCall: ApiCall = {
    signal: new AbortController().signal,
    page: owned.add(new DisposableStore()),
    notify: () => undefined,
  };
  call = async (method, params = {}) =>
    await (handlers[method] as (params: unknown, call: ApiCall) => unknown)(params, apiCall);
});

afterEach(async () => {
  owned.dispose();
  await rm(folder, { recursive: true });
});

const idOf = (uri: string): HostId => hostIdOf(inventory.parse(uri).config);
const configured = (): unknown => settings.settings.hosts;

describe("hosts", () => {
  it("are described by their address before they are added", async () => {
    expect(await call("hosts.describe", { uri: RACK })).toMatchObject({ kind: "qemu", isAddressBookEntry: false });
    expect(await call("hosts.describe", { uri: "vnc://printer" })).toMatchObject({ isAddressBookEntry: true });
    await expect(call("hosts.describe", { uri: "gopher://x" })).rejects.toMatchObject({ code: "URI_INVALID" });
  });

  it("are added once, however often, and the newest name holds", async () => {
    await call("hosts.add", { uri: RACK });
    const { hostId } = (await call("hosts.add", { uri: RACK, label: "Rack" })) as { hostId: HostId };
    expect([configured(), hostId]).toEqual([[{ uri: RACK, label: "Rack" }], idOf(RACK)]);
    await call("hosts.add", { uri: RACK, label: "" });
    expect(configured()).toEqual([{ uri: RACK }]);
  });

  it("keep the password of their address in memory only", async () => {
    await call("hosts.add", { uri: "qemu+tcp://me:pencil@rack.invalid/system" });
    expect(remembered).toMatchObject([{ password: "pencil" }]);
    expect(JSON.stringify(settings.settings)).not.toContain("pencil");
  });

  it("that are one console go into the address book", async () => {
    await call("hosts.add", { uri: "vnc://printer.invalid", label: "Printer" });
    expect([configured(), settings.settings.addressBook]).toMatchObject([[], [{ name: "Printer" }]]);
  });

  it("are edited in their place", async () => {
    await call("hosts.add", { uri: RACK });
    await call("hosts.add", { uri: SHELF });
    const other = "qmp+tcp://other.invalid:4444";
    expect(await call("hosts.edit", { hostId: idOf(RACK), uri: other, label: "Other" })).toEqual({
      hostId: idOf(other),
    });
    expect(configured()).toEqual([{ uri: other, label: "Other" }, { uri: SHELF }]);
  });

  it("are removed", async () => {
    await call("hosts.add", { uri: RACK });
    await call("hosts.add", { uri: SHELF });
    await call("hosts.remove", { hostId: idOf(RACK) });
    expect(configured()).toEqual([{ uri: SHELF }]);
  });

  it("that were found by themselves are neither edited nor removed", async () => {
    for (const method of ["hosts.edit", "hosts.remove"] as const) {
      await expect(call(method, { hostId: idOf(RACK), uri: SHELF })).rejects.toMatchObject({
        code: "UNSUPPORTED",
        detail: { reason: "it was not added by hand" },
      });
    }
  });

  it("of an older program, whose address means nothing today, do not stand in the way of others", async () => {
    await settings.change({ hosts: [{ uri: "gopher://old" }] });
    await call("hosts.add", { uri: RACK });
    await call("hosts.remove", { hostId: idOf(RACK) });
    expect(configured()).toEqual([{ uri: "gopher://old" }]);
  });
});

describe("guests", () => {
  it("do only what they offer", async () => {
    inventory.add(inventory.parse("sample:").config, { origin: "option" });
    await expect.poll(() => inventory.guests.length).toBeGreaterThan(0);
    const guest = inventory.guests[0]!;
    const actions = ["start", "shutdown", "reboot", "reset", "force-off", "pause", "resume"] as const;
    const refused = actions.find((action) => !guest.actions.includes(action))!;
    await expect(call("guests.power", { guestId: guest.id, action: refused })).rejects.toMatchObject({
      code: "UNSUPPORTED",
      detail: { what: `“${refused}” of ${guest.name}` },
    });
    expect(await call("guests.power", { guestId: guest.id, action: guest.actions[0] })).toEqual({});
  });

  it("have a console that opens with a ticket, for the page that asked alone", async () => {
    inventory.add(inventory.parse("sample:").config, { origin: "option" });
    await expect.poll(() => inventory.guests.length).toBeGreaterThan(0);
    const guest = inventory.guests[0]!;
    const opened = (await call("console.open", { guestId: guest.id, consoleId: guest.consoles[0]!.id })) as {
      connectionId: string;
    };
    expect(opened).toMatchObject({ protocol: guest.consoles[0]!.protocol, ticket: expect.any(String) as string });
    await call("console.close", { connectionId: opened.connectionId });
    await expect(call("console.stream", { connectionId: opened.connectionId })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("the rest of the API", () => {
  it("logs a bug that the page met, with its own stack", async () => {
    await call("app.reportBug", { message: "it broke", stack: "at page.js" });
    expect(logged).toEqual([
      ["the page met a bug", { error: expect.objectContaining({ stack: "at page.js" }) as Error }],
    ]);
  });

  it("saves the layout and gives it back", async () => {
    const layout = { ...EMPTY_LAYOUT, isFirstRunDone: true };
    await call("layout.save", { windowId: "w", layout });
    expect(await call("layout.load", { windowId: "w" })).toMatchObject({ isFirstRunDone: true });
    expect((await SettingsStore.load(folder)).layout.isFirstRunDone).toBe(true);
  });

  it("refuses an answer to a question that is closed", async () => {
    await expect(call("questions.answer", { questionId: "q", answer: { kind: "refuse" } })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("changes settings, and exports and imports the address book", async () => {
    await call("settings.change", { theme: "dark" });
    await call("addressBook.put", { id: "1", name: "one", uri: "vnc://one.invalid" });
    const { text } = (await call("addressBook.export")) as { text: string };
    await call("addressBook.remove", { id: "1" });
    expect(await call("addressBook.import", { text })).toEqual({ count: 1 });
    expect([settings.settings.theme, settings.settings.addressBook.map(({ name }) => name)]).toEqual(["dark", ["one"]]);
    expect(await call("trust.list")).toEqual({ certificates: [] });
  });
});
