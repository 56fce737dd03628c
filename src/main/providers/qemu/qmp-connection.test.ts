import { duplexPair, type Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { QmpConnection } from "./qmp-connection.ts";

const GREETING = '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}\r\n';
const signal = new AbortController().signal;
const options = { address: "/run/q.sock", signal };

/** Plays QEMU's part: for each line that comes it answers what `reply` makes of it, byte by byte. */
function serve(server: Duplex, reply: (command: string, id: number) => string | undefined): void {
  const send = (text: string): void => {
    for (const byte of Buffer.from(text)) server.write(Uint8Array.of(byte));
  };
  send(GREETING);
  server.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString().split("\r\n").filter(Boolean)) {
      const { execute, id } = JSON.parse(line) as { execute: string; id: number };
      const text = execute === "qmp_capabilities" ? JSON.stringify({ return: {}, id }) : reply(execute, id);
      if (text === undefined) server.end();
      else send(text);
    }
  });
}

describe("a QMP connection", () => {
  it("negotiates, answers commands and tells events", async () => {
    const [client, server] = duplexPair();
    serve(server, (_, id) => `{"event": "STOP", "timestamp": {}}{"return": {"name": "web"}, "id": ${id}}`);
    const connection = await QmpConnection.open(client, options);
    const events: string[] = [];
    connection.onEvent(({ name }) => events.push(name));
    expect([await connection.execute("query-name", undefined, { signal }), events]).toEqual([
      { name: "web" },
      ["STOP"],
    ]);
    connection.dispose();
    expect(client.destroyed).toBe(true);
  });

  it("gives QEMU's own error as HOST_REPLY", async () => {
    const [client, server] = duplexPair();
    serve(server, (_, id) => `{"error": {"class": "GenericError", "desc": "no screen"}, "id": ${id}}`);
    const connection = await QmpConnection.open(client, options);
    await expect(connection.execute("screendump", {}, { signal })).rejects.toMatchObject({
      code: "HOST_REPLY",
      detail: { address: "/run/q.sock", reason: "no screen" },
    });
    connection.dispose();
  });

  it("ends its commands and says so when QEMU goes away", async () => {
    const [client, server] = duplexPair();
    serve(server, () => undefined);
    const connection = await QmpConnection.open(client, options);
    const codes: string[] = [];
    connection.onClosed(({ code }) => codes.push(code));
    await expect(connection.execute("quit", undefined, { signal })).rejects.toMatchObject({ code: "REMOTE_CLOSED" });
    expect(codes).toEqual(["REMOTE_CLOSED"]);
    await expect(connection.execute("stop", undefined, { signal })).rejects.toMatchObject({ code: "REMOTE_CLOSED" });
  });

  it("ends its commands when it is disposed, without a word of its own", async () => {
    const [client, server] = duplexPair();
    serve(server, () => "");
    const connection = await QmpConnection.open(client, options);
    const codes: string[] = [];
    connection.onClosed(({ code }) => codes.push(code));
    const waiting = connection.execute("stop", undefined, { signal });
    connection.dispose();
    await expect(waiting).rejects.toMatchObject({ code: "REMOTE_CLOSED" });
    expect(codes).toEqual([]);
  });

  it("names what is not QMP, and closes it", async () => {
    const [client, server] = duplexPair();
    server.write("RFB 003.008\n");
    await expect(QmpConnection.open(client, options)).rejects.toMatchObject({ code: "PROTOCOL_MISMATCH" });
    expect(client.destroyed).toBe(true);
  });

  it("gives a socket up that somebody else holds, which is silent", async () => {
    const [client] = duplexPair();
    await expect(QmpConnection.open(client, options)).rejects.toMatchObject({ code: "PROTOCOL_TIMEOUT" });
    expect(client.destroyed).toBe(true);
  });

  it("stops when its signal aborts", async () => {
    const [client] = duplexPair();
    const abort = new AbortController();
    const opening = QmpConnection.open(client, { address: "/run/q.sock", signal: abort.signal });
    abort.abort();
    await expect(opening).rejects.toMatchObject({ code: "CANCELLED" });
    expect(client.destroyed).toBe(true);
  });
});
