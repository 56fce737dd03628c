import { afterEach, describe, expect, it, vi } from "vitest";
import { REMOTE_CALL } from "../../../protocols/libvirt/remote-messages.ts";
import { encodeRpcFrame, MESSAGE_TYPE, REMOTE_PROGRAM } from "../../../protocols/libvirt/rpc-frame.ts";
import { XdrWriter } from "../../../protocols/libvirt/xdr.ts";
import type { AppError } from "../../../shared/errors/app-error.ts";
import { expectNoLeaks } from "../../../testing/expect-no-leaks.ts";
import { FakeDuplex } from "../../../testing/fake-duplex.ts";
import { LibvirtConnection } from "./libvirt-connection.ts";

const CALL_BYTES = 28;

function connect(stream: FakeDuplex): { connection: LibvirtConnection; closed: Promise<AppError> } {
  const connection = new LibvirtConnection(stream, { address: "rack-a" });
  return { connection, closed: new Promise((resolve) => connection.onClosed(resolve)) };
}

function authListReply(serial: number): Uint8Array {
  const header = { program: REMOTE_PROGRAM, version: 1, procedure: 66, type: MESSAGE_TYPE.reply, serial, status: 0 };
  return encodeRpcFrame(header, new XdrWriter().unsignedInt(1).int(0).finish());
}

const listAuth = (connection: LibvirtConnection, signal = new AbortController().signal): Promise<number[]> =>
  connection.call(REMOTE_CALL.authList, undefined, { signal });

afterEach(() => {
  vi.useRealTimers();
});

describe("LibvirtConnection", () => {
  it("answers overlapping calls by their serial, however the bytes come", async () => {
    const stream = new FakeDuplex();
    const { connection } = connect(stream);
    const calls = Promise.all([listAuth(connection), listAuth(connection)]);
    stream.receive(authListReply(2));
    stream.receive(authListReply(1));
    expect(await calls).toEqual([[0], [0]]);
    connection.dispose();
  });

  it("writes a message only after the one before was taken, so that TLS never joins two in a record", async () => {
    const stream = new FakeDuplex({ isStalled: true });
    const { connection } = connect(stream);
    const calls = Promise.all([listAuth(connection), listAuth(connection)]);
    expect([stream.sent.length, stream.writableLength]).toEqual([CALL_BYTES, CALL_BYTES]);
    stream.takeAll();
    stream.receive(authListReply(1));
    stream.receive(authListReply(2));
    await calls;
    expect(stream.sent).toHaveLength(2 * CALL_BYTES);
    connection.dispose();
  });

  it("cancels a call at once and passes over its late reply", async () => {
    const stream = new FakeDuplex();
    const { connection } = connect(stream);
    const abort = new AbortController();
    const call = listAuth(connection, abort.signal);
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
    stream.receive(authListReply(1));
    const next = listAuth(connection);
    stream.receive(authListReply(2));
    expect(await next).toEqual([0]);
    connection.dispose();
  });

  it.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n", "PROTOCOL_MISMATCH"],
    ["a reply that nobody asked for", Buffer.from(authListReply(77)).toString("latin1"), "PROTOCOL_ERROR"],
  ])("ends with its address when the far side sends %s, and all calls with it", async (_, bytes, code) => {
    const stream = new FakeDuplex();
    const { connection, closed } = connect(stream);
    const call = listAuth(connection);
    stream.receive(bytes);
    await expect(call).rejects.toMatchObject({ code, detail: { address: "rack-a", protocol: "libvirt" } });
    expect(await closed).toMatchObject({ code });
    await expect(listAuth(connection)).rejects.toMatchObject({ code });
    expect(stream.destroyed).toBe(true);
  });

  it("ends when the far side closes in the middle of a call", async () => {
    const stream = new FakeDuplex();
    const { connection } = connect(stream);
    const call = listAuth(connection);
    stream.endFromPeer();
    await expect(call).rejects.toMatchObject({ code: "REMOTE_CLOSED", detail: { address: "rack-a" } });
  });

  it("ends when the far side answers no keepalive for half a minute", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { connection, closed } = connect(new FakeDuplex());
    connection.startKeepalive();
    vi.advanceTimersByTime(30_000);
    expect(await closed).toMatchObject({ code: "CONNECTION_LOST" });
  });
});

describe("a disposed LibvirtConnection", () => {
  expectNoLeaks();

  it("holds nothing, and its calls are cancelled", async () => {
    const connection = new LibvirtConnection(new FakeDuplex(), { address: "rack-a" });
    connection.startKeepalive();
    const call = listAuth(connection);
    connection.dispose();
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
