import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { createProviderContext } from "../../testing/provider-context.ts";
import { readBytes } from "../../testing/stream-reading.ts";
import { TEST_CERT, TEST_KEY } from "../../testing/test-certificates.ts";
import { openThroughProxy, parseHttpProxy } from "./http-proxy.ts";

const signal = new AbortController().signal;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A proxy that records what it is asked and answers with `answer`, byte by byte. */
async function startProxy(answer: string, options: { isTls?: boolean } = {}) {
  const state = { request: "" };
  const serve = (socket: Socket): void => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      state.request += chunk.toString("latin1");
      if (!state.request.endsWith("\r\n\r\n")) return;
      for (const byte of Buffer.from(answer)) socket.write(Buffer.of(byte));
      if (!answer.includes("200")) socket.end();
    });
  };
  const server =
    options.isTls === true ? createTlsServer({ cert: TEST_CERT, key: TEST_KEY }, serve) : createServer(serve);
  server.listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return { state, port: (server.address() as AddressInfo).port };
}

const TICKET = "pvespiceproxy:66a1b2c3:100:rack-a::0123456789abcdef";

describe("a stream through an HTTP proxy", () => {
  it("is asked for by CONNECT, with Proxmox's ticket as the host, and begins behind the answer", async () => {
    const { state, port } = await startProxy("HTTP/1.0 200 OK\r\n\r\nREDQ");
    const stream = await openThroughProxy(
      { host: "127.0.0.1", port, isTls: false, userName: "ada", password: "pencil" },
      { host: TICKET, port: 61000 },
      createProviderContext(),
      { signal },
    );
    expect(Buffer.from(await readBytes(stream, 4)).toString()).toBe("REDQ");
    stream.destroy();
    expect(state.request.split("\r\n")).toEqual([
      `CONNECT ${TICKET}:61000 HTTP/1.1`,
      `Host: ${TICKET}:61000`,
      "Proxy-Connection: keep-alive",
      "User-Agent: Switchyard",
      `Proxy-Authorization: Basic ${Buffer.from("ada:pencil").toString("base64")}`,
      "",
      "",
    ]);
  });

  it("reaches the proxy itself by TLS, whose certificate is checked", async () => {
    const { port } = await startProxy("HTTP/1.1 200 Connection established\r\n\r\n", { isTls: true });
    const proxy = { host: "127.0.0.1", port, isTls: true };
    const target = { host: "::1", port: 1 };
    const asked: string[] = [];
    const trust = (kind: "accept" | "refuse") => ({
      ...createProviderContext(),
      ask: (body: { kind: string }) => {
        asked.push(body.kind);
        return Promise.resolve(kind === "accept" ? ({ kind, remember: false } as const) : ({ kind } as const));
      },
    });
    await expect(openThroughProxy(proxy, target, trust("refuse"), { signal })).rejects.toMatchObject({
      code: "TLS_UNTRUSTED",
    });
    (await openThroughProxy(proxy, target, trust("accept"), { signal })).destroy();
    expect(asked).toEqual(["certificate", "certificate"]);
  });

  it.each([
    ["a refusal", "HTTP/1.1 403 Forbidden\r\n\r\n", "403 Forbidden"],
    ["no proxy at all", "SSH-2.0-x\r\n\r\n", "it is not an HTTP proxy"],
    ["an end", "", "it closed the connection"],
    ["headers without end", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(4000)}`, "its answer does not end"],
  ])("is refused by %s, without telling the ticket", async (_, answer, reason) => {
    const { port } = await startProxy(answer);
    const proxy = { host: "127.0.0.1", port, isTls: false };
    const opening = openThroughProxy(proxy, { host: TICKET, port: 1 }, createProviderContext(), { signal });
    await expect(opening).rejects.toMatchObject({
      code: "PROXY_REFUSED",
      detail: { proxy: `127.0.0.1:${port}`, reason },
    });
  });

  it("fails like any connection when the proxy cannot reach the target just now", async () => {
    const { port } = await startProxy("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const proxy = { host: "127.0.0.1", port, isTls: false };
    const opening = openThroughProxy(proxy, { host: TICKET, port: 1 }, createProviderContext(), { signal });
    await expect(opening).rejects.toMatchObject({ code: "CONNECT_FAILED", detail: { reason: "502 Bad Gateway" } });
  });

  it("is not asked for with a name that holds a header", async () => {
    const { state, port } = await startProxy("HTTP/1.1 200 OK\r\n\r\n");
    const target = { host: "a\r\nEvil: 1", port: 1 };
    const proxy = { host: "127.0.0.1", port, isTls: false };
    await expect(openThroughProxy(proxy, target, createProviderContext(), { signal })).rejects.toMatchObject({
      code: "PROXY_REFUSED",
    });
    expect(state.request).toBe("");
  });
});

describe("a proxy's address", () => {
  it.each([
    ["http://rack-a:3128", { host: "rack-a", port: 3128, isTls: false }],
    ["rack-a:8080", { host: "rack-a", port: 8080, isTls: false }],
    ["http://rack-a", { host: "rack-a", port: 3128, isTls: false }],
    ["http://rack-a:80/", { host: "rack-a", port: 80, isTls: false }],
    ["https://[::1]:443", { host: "::1", port: 443, isTls: true }],
    ["http://a%40b:c@rack-a:1", { host: "rack-a", port: 1, isTls: false, userName: "a@b", password: "c" }],
    ["socks5://rack-a:1", undefined],
    ["http://", undefined],
    ["", undefined],
  ])("is read: %s", (text, proxy) => {
    expect(parseHttpProxy(text)).toEqual(proxy);
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => void parseHttpProxy(text)),
      { numRuns: 50 },
    );
  });
});
