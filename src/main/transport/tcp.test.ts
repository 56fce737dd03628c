import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { openTcp } from "./tcp.ts";

const never = new AbortController().signal;
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function listen(host: string): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, host);
  await once(server, "listening");
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe("a TCP connection", () => {
  it("carries bytes both ways", async () => {
    const stream = await openTcp({ host: "127.0.0.1", port: await listen("127.0.0.1") }, { signal: never });
    stream.write("ping");
    const [chunk] = (await once(stream, "data")) as [Buffer];
    stream.destroy();
    expect(chunk.toString()).toBe("ping");
  });

  it("tries every address of a name", async () => {
    // "localhost" may be ::1 first; the server listens on IPv4 only.
    const stream = await openTcp({ host: "localhost", port: await listen("127.0.0.1") }, { signal: never });
    stream.destroy();
  });

  it("says which address refused", async () => {
    const port = await listen("127.0.0.1");
    for (const close of open.splice(0)) close();
    await expect(openTcp({ host: "127.0.0.1", port }, { signal: never })).rejects.toMatchObject({
      code: "CONNECT_REFUSED",
      detail: { address: `127.0.0.1:${String(port)}` },
    });
  });

  it("says that a name is not known", async () => {
    await expect(openTcp({ host: "no-such-host.invalid", port: 1 }, { signal: never })).rejects.toMatchObject({
      code: "NAME_NOT_FOUND",
      detail: { host: "no-such-host.invalid" },
    });
  });

  it("shows an IPv6 address in brackets and refuses a port that is none", async () => {
    await expect(openTcp({ host: "::1", port: 70_000 }, { signal: never })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      detail: { address: "[::1]:70000" },
    });
  });

  it("ends as cancelled when its signal aborts", async () => {
    const abort = new AbortController();
    const opening = openTcp({ host: "127.0.0.1", port: await listen("127.0.0.1") }, { signal: abort.signal });
    abort.abort();
    await expect(opening).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
