import { mkdtemp, rm, writeFile, mkdir } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProviderContext } from "../testing/provider-context.ts";
import { createHost, type Host, type HostOptions } from "./host.ts";

let folder: string;
let hosts: Host[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-host-"));
  await mkdir(join(folder, "page"));
  await writeFile(join(folder, "page", "index.html"), "<title>page</title>");
  const discovery = { libvirt: false, qemu: false, mdns: false };
  await writeFile(join(folder, "settings.json"), JSON.stringify({ version: 1, discovery }));
  hosts = [];
});

afterEach(async () => {
  for (const host of hosts) host.dispose();
  await rm(folder, { recursive: true });
});

async function start(options: Partial<HostOptions> = {}): Promise<Host> {
  const host = await createHost({
    configFolder: folder,
    port: 0,
    window: "served",
    isKiosk: false,
    isDemo: false,
    connectUris: [],
    connectConfigs: [],
    openUris: [],
    isOnlyConnectUris: false,
    openNames: [],
    version: "1.2.3",
    log: createProviderContext().log,
    ...options,
  });
  hosts.push(host);
  return host;
}

const withPage = (): { pageFolder: string } => ({ pageFolder: join(folder, "page") });

describe("the host process", () => {
  it("shows the sample guests alone in a demo, and connects to what the command line names", async () => {
    const demo = await start({ isDemo: true });
    await expect.poll(() => demo.inventory.guests.length).toBeGreaterThan(2);
    expect(demo.inventory.hosts.map(({ kind }) => kind)).toEqual(["sample"]);
    const asked = await start({ connectUris: ["qmp+unix:///nowhere"], isOnlyConnectUris: true });
    await asked.discovered;
    expect(asked.inventory.hosts.map(({ kind }) => kind)).toEqual(["qemu"]);
  });

  it("serves its page, and none for a listing", async () => {
    const listing = await start();
    expect(listing.gateway).toBeUndefined();
    const { gateway } = await start(withPage());
    const answer = await fetch(`http://127.0.0.1:${gateway!.port}/`);
    expect([answer.status, await answer.text()]).toEqual([200, "<title>page</title>"]);
  });

  it("holds its configuration folder alone, and lets go of it at the end", async () => {
    const first = await start(withPage());
    await expect(start(withPage())).rejects.toMatchObject({ code: "SETTINGS_IN_USE" });
    first.dispose();
    await expect(start(withPage())).resolves.toBeDefined();
  });

  it("holds nothing after a start that failed", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    try {
      await expect(start({ ...withPage(), port })).rejects.toMatchObject({ code: "CONNECT_FAILED" });
      await expect(start(withPage())).resolves.toBeDefined();
      await expect(start({ connectUris: ["gopher://x"] })).rejects.toMatchObject({ code: "URI_INVALID" });
    } finally {
      taken.close();
    }
  });

  it("follows the settings: a host that is added is connected to, the address book is shown", async () => {
    const host = await start(withPage());
    await host.settings.change({ addressBook: [{ id: "1", name: "printer", uri: "vnc://127.0.0.1:1" }] });
    await expect.poll(() => host.inventory.guests.map(({ name }) => name)).toContain("printer");
    await host.settings.change({ hosts: [{ uri: "qmp+unix:///nowhere" }] });
    expect(host.inventory.hosts.some(({ kind }) => kind === "qemu")).toBe(true);
    await host.settings.change({ hosts: [], addressBook: [] });
    await expect.poll(() => host.inventory.guests.map(({ name }) => name)).not.toContain("printer");
    expect(host.inventory.hosts.some(({ kind }) => kind === "qemu")).toBe(false);
  });
});
