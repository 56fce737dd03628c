import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openUnix } from "./unix.ts";

const never = new AbortController().signal;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-unix-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a Unix socket connection", () => {
  it("carries bytes both ways", async () => {
    const path = join(folder, "echo.sock");
    const server = createServer((socket) => socket.pipe(socket)).listen(path);
    await once(server, "listening");
    const stream = await openUnix(path, { signal: never });
    stream.write("ping");
    const [chunk] = (await once(stream, "data")) as [Buffer];
    stream.destroy();
    server.close();
    expect(chunk.toString()).toBe("ping");
  });

  it("says that no socket is there", async () => {
    const path = join(folder, "missing.sock");
    await expect(openUnix(path, { signal: never })).rejects.toMatchObject({ code: "SOCKET_MISSING", detail: { path } });
  });

  it("names the path when it is too long for a socket", async () => {
    const path = `/${"x".repeat(300)}`;
    await expect(openUnix(path, { signal: never })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      detail: { address: path },
    });
  });

  it("ends as cancelled when its signal has aborted", async () => {
    await expect(openUnix(join(folder, "any.sock"), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });
});
