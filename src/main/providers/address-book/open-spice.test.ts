import { once } from "node:events";
import { connect as connectTcp, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { parseConnectionFile } from "../../../protocols/connection-file/connection-file.ts";
import { ConsoleId, guestIdOf } from "../../../shared/contracts/ids.ts";
import type { QuestionBody } from "../../../shared/contracts/question.ts";
import { DisposableStore } from "../../../shared/lifecycle/disposable.ts";
import { expectNoLeaks } from "../../../testing/expect-no-leaks.ts";
import { FakeSpiceServer, type FakeSpiceServerOptions } from "../../../testing/fake-spice-server.ts";
import { askNobody, createProviderContext } from "../../../testing/provider-context.ts";
import { readBytes } from "../../../testing/stream-reading.ts";
import { TEST_CA, TEST_CERT, TEST_KEY } from "../../../testing/test-certificates.ts";
import type { Ask, HostConfig } from "../provider.ts";
import { addressBookProvider, connectionFileConfig } from "./address-book-provider.ts";

const signal = new AbortController().signal;
const TICKET = "pvespiceproxy:66a1b2c3:100:rack-a::0123456789abcdef";

describe("a SPICE console of the address book", () => {
  expectNoLeaks();
  const servers: { close(): unknown }[] = [];
  const owned: DisposableStore[] = [];
  afterEach(async () => {
    for (const store of owned.splice(0)) store.dispose();
    for (const server of servers.splice(0)) await server.close();
  });

  async function listen(options: FakeSpiceServerOptions): Promise<FakeSpiceServer> {
    const server = await FakeSpiceServer.listen(options);
    servers.push(server);
    return server;
  }

  /** Opens the only console of a host and reads the first word of its stream. */
  async function firstWord(config: HostConfig | undefined, ask: Ask = askNobody): Promise<string> {
    if (config === undefined) throw new Error("not an address");
    const context = createProviderContext();
    const store = new DisposableStore();
    owned.push(store);
    const link = store.add(await addressBookProvider.connect(config, context, { signal }));
    const guestId = guestIdOf(context.hostId, "console");
    const endpoint = await link.openConsole(guestId, ConsoleId.parse("spice"), { signal, ask });
    store.add(endpoint);
    expect(endpoint.protocol).toBe("spice");
    return Buffer.from(await readBytes(await endpoint.openStream({ signal }), 4)).toString();
  }

  it("opens by its address, with the password that was typed there", async () => {
    const server = await listen({ password: "hunter2" });
    expect(await firstWord(addressBookProvider.parse(`spice://:hunter2@127.0.0.1:${server.port}`))).toBe("REDQ");
  });

  it("opens by a connection file as Proxmox makes it: ticket, proxy, authority, subject and password", async () => {
    const server = await listen({ password: "hunter2", tls: { key: TEST_KEY, cert: TEST_CERT } });
    const requests: string[] = [];
    const proxy: Server = createServer((socket: Socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", (chunk: Buffer) => {
        requests.push(chunk.toString("latin1").split("\r\n")[0] ?? "");
        const far = connectTcp(server.port, "127.0.0.1");
        far.on("error", () => socket.destroy());
        socket.write("HTTP/1.0 200 OK\r\n\r\n");
        socket.pipe(far).pipe(socket);
      });
    }).listen(0, "127.0.0.1");
    servers.push(proxy);
    await once(proxy, "listening");
    const file = (subject: string) =>
      connectionFileConfig(
        parseConnectionFile(`[virt-viewer]
type=spice
host=${TICKET}
tls-port=61000
proxy=http://127.0.0.1:${(proxy.address() as AddressInfo).port}
ca=${TEST_CA.replaceAll("\n", "\\n")}
host-subject=${subject}
password=hunter2
title=VM 100 - web
`),
      );
    const config = file("CN=localhost");
    expect(await firstWord(config)).toBe("REDQ");
    expect(requests).toEqual([`CONNECT ${TICKET}:61000 HTTP/1.1`]);
    expect([config.label, JSON.stringify({ ...config, connectionFile: "" }).includes(TICKET)]).toEqual([
      "VM 100 - web",
      false,
    ]);
    const questions: QuestionBody[] = [];
    const refuse: Ask = (body) => {
      questions.push(body);
      return Promise.resolve({ kind: "refuse" });
    };
    await expect(firstWord(file("CN=other"), refuse)).rejects.toMatchObject({ code: "TLS_UNTRUSTED" });
    // The proxy's name: the host is a ticket, which is nobody's to see.
    expect(questions).toMatchObject([{ kind: "certificate", target: "127.0.0.1:61000" }]);
  });
});
