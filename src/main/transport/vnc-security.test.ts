import { duplexPair, type Duplex } from "node:stream";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { vncResponse } from "../../protocols/rfb/vnc-response.ts";
import type { Answer, QuestionBody } from "../../shared/contracts/question.ts";
import { createSecretMemory } from "../credentials/secret-memory.ts";
import { openSecuredVnc, secureVnc, type VncSecurityContext } from "./vnc-security.ts";

const never = new AbortController().signal;
const HELLO = Buffer.from("RFB 003.008\n");
const CHALLENGE = Buffer.alloc(16, 9);
const OK = Buffer.alloc(4);
const secret = (text: string): Answer => ({ kind: "secret", secret: text });

/** A server's end of a connection: reads exactly, writes. */
class Peer {
  readonly stream: Duplex;
  /** What the code under test holds. */
  readonly otherEnd: Duplex;

  constructor() {
    [this.stream, this.otherEnd] = duplexPair();
  }

  async read(count: number): Promise<Buffer> {
    for (;;) {
      const bytes = this.stream.read(count) as Buffer | null;
      if (bytes !== null) return bytes;
      await once(this.stream, "readable");
    }
  }

  write(...parts: (Buffer | number[])[]): void {
    this.stream.write(Buffer.concat(parts.map((part) => Buffer.from(part))));
  }
}

/** Plays a server that wants a VNC password, up to SecurityResult. */
async function playPasswordServer(peer: Peer, password: string): Promise<void> {
  peer.write(HELLO);
  await peer.read(12);
  peer.write([1, 2]);
  await peer.read(1);
  peer.write(CHALLENGE);
  const response = await peer.read(16);
  if (response.equals(vncResponse(password, CHALLENGE))) peer.write(OK);
  else {
    peer.write([0, 0, 0, 1, 0, 0, 0, 2], Buffer.from("no"));
    peer.stream.end();
  }
}

async function playOpenServer(peer: Peer): Promise<void> {
  peer.write(HELLO);
  await peer.read(12);
  peer.write([1, 1]);
  await peer.read(1);
  peer.write(OK);
}

function serverInit(width: number, height: number): Buffer {
  const message = Buffer.alloc(24 + 4);
  message.writeUInt16BE(width, 0);
  message.writeUInt16BE(height, 2);
  message.writeUInt32BE(4, 20);
  message.write("name", 24);
  return message;
}

function contextWith(answers: Answer[], more: Partial<VncSecurityContext> = {}) {
  const asked: QuestionBody[] = [];
  const secrets = createSecretMemory();
  const context: VncSecurityContext = {
    target: "rack-a:5900",
    secrets,
    secretKey: "vnc rack-a:5900",
    ask: (body) => {
      asked.push(body);
      return Promise.resolve(answers.shift() ?? { kind: "refuse" });
    },
    pins: { get: () => undefined, pin: () => undefined, forget: () => undefined },
    ...more,
  };
  return { context, asked, secrets };
}

/** The viewer's part, up to ClientInit. */
async function playViewer(stream: Duplex): Promise<Buffer> {
  const read = async (count: number): Promise<Buffer> => {
    for (;;) {
      const bytes = stream.read(count) as Buffer | null;
      if (bytes !== null) return bytes;
      await once(stream, "readable");
    }
  };
  const hello = await read(12);
  stream.write(HELLO);
  const types = await read(2);
  stream.write(Buffer.of(1));
  const result = await read(4);
  stream.write(Buffer.of(1));
  return Buffer.concat([hello, types, result]);
}

describe("a secured VNC console", () => {
  it("offers the viewer RFB 3.8 without security, then the server's own bytes", async () => {
    const peer = new Peer();
    const { context } = contextWith([], { password: "secret" });
    const [stream] = await Promise.all([
      secureVnc(peer.otherEnd, context, { signal: never }),
      playPasswordServer(peer, "secret"),
    ]);
    expect(await playViewer(stream)).toEqual(Buffer.concat([HELLO, Buffer.of(1, 1), OK]));
    expect(await peer.read(1)).toEqual(Buffer.of(1));
    peer.write(serverInit(800, 600), [7, 7]);
    await once(stream, "readable");
    expect(stream.read(30)).toEqual(Buffer.concat([serverInit(800, 600), Buffer.of(7, 7)]));
    stream.write(Buffer.of(3, 4));
    expect(await peer.read(2)).toEqual(Buffer.of(3, 4));
  });

  it("asks with a fresh connection for each refused password and remembers the good one", async () => {
    const { context, asked, secrets } = contextWith([secret("bad"), secret("good")]);
    const played: Promise<void>[] = [];
    const openStream = (): Promise<Duplex> => {
      const peer = new Peer();
      played.push(playPasswordServer(peer, "good"));
      return Promise.resolve(peer.otherEnd);
    };
    const stream = await openSecuredVnc(openStream, context, { signal: never });
    stream.destroy();
    expect(asked).toEqual([
      { kind: "password", service: "VNC", target: "rack-a:5900", reason: "first" },
      { kind: "password", service: "VNC", target: "rack-a:5900", reason: "refused" },
    ]);
    expect({ remembered: secrets.get("vnc rack-a:5900"), connections: played.length }).toEqual({
      remembered: { secret: "good" },
      connections: 2,
    });
  });

  it("gives up after three passwords and forgets the last", async () => {
    const { context, asked, secrets } = contextWith(["1", "2", "3", "good"].map(secret));
    const openStream = (): Promise<Duplex> => {
      const peer = new Peer();
      playPasswordServer(peer, "good").catch(() => undefined);
      return Promise.resolve(peer.otherEnd);
    };
    await expect(openSecuredVnc(openStream, context, { signal: never })).rejects.toMatchObject({
      code: "LOGIN_REFUSED",
      detail: { address: "rack-a:5900" },
    });
    expect({ asked: asked.length, remembered: secrets.get("vnc rack-a:5900") }).toEqual({
      asked: 3,
      remembered: undefined,
    });
  });

  it("does not keep a password that stood in the address and was refused", async () => {
    const { context, asked } = contextWith([secret("good")], { password: "bad" });
    const openStream = (): Promise<Duplex> => {
      const peer = new Peer();
      playPasswordServer(peer, "good").catch(() => undefined);
      return Promise.resolve(peer.otherEnd);
    };
    (await openSecuredVnc(openStream, context, { signal: never })).destroy();
    expect(asked).toMatchObject([{ reason: "refused" }]);
  });

  it("closes the connection when nobody gives a password", async () => {
    const peer = new Peer();
    const { context } = contextWith([]);
    playPasswordServer(peer, "x").catch(() => undefined);
    await expect(secureVnc(peer.otherEnd, context, { signal: never })).rejects.toMatchObject({ code: "LOGIN_NEEDED" });
    expect(peer.otherEnd.destroyed).toBe(true);
  });

  it("refuses a framebuffer that is too large before the viewer sees it", async () => {
    for (const [width, height] of [
      [60_000, 60_000],
      [16_385, 1],
      [16_384, 4_097],
    ] as const) {
      const peer = new Peer();
      const { context } = contextWith([]);
      const [stream] = await Promise.all([secureVnc(peer.otherEnd, context, { signal: never }), playOpenServer(peer)]);
      await playViewer(stream);
      await peer.read(1);
      peer.write(serverInit(width, height));
      const [error] = (await once(stream, "error")) as [unknown];
      expect(error).toMatchObject({ code: "FRAMEBUFFER_TOO_LARGE", detail: { width, height, address: "rack-a:5900" } });
      expect(peer.otherEnd.destroyed).toBe(true);
    }
  });

  it("stops reading from the server while the viewer is behind", async () => {
    const peer = new Peer();
    const { context } = contextWith([]);
    const [stream] = await Promise.all([secureVnc(peer.otherEnd, context, { signal: never }), playOpenServer(peer)]);
    await playViewer(stream);
    peer.write(serverInit(800, 600));
    const chunk = Buffer.alloc(64 * 1024);
    const total = 200;
    let taken = 0;
    const writeAll = async (): Promise<void> => {
      for (; taken < total; taken += 1) if (!peer.stream.write(chunk)) await once(peer.stream, "drain");
    };
    const writing = writeAll();
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeLessThan(20);
    let received = 0;
    stream.on("data", (bytes: Buffer) => (received += bytes.length));
    await writing;
    peer.stream.end();
    await once(stream, "end");
    expect(received).toBe(28 + total * chunk.length);
  });

  it("gives the viewer all that the server sent before it closed", async () => {
    const peer = new Peer();
    const { context } = contextWith([]);
    const [stream] = await Promise.all([secureVnc(peer.otherEnd, context, { signal: never }), playOpenServer(peer)]);
    await playViewer(stream);
    peer.write(serverInit(800, 600), Buffer.alloc(1000, 5));
    peer.stream.end();
    await once(peer.otherEnd, "end");
    peer.otherEnd.destroy();
    await once(peer.otherEnd, "close");
    let received = 0;
    for await (const bytes of stream as AsyncIterable<Buffer>) received += bytes.length;
    expect(received).toBe(28 + 1000);
  });

  it("names a server that is not one of VNC, and one that closes or refuses", async () => {
    const codeAfter = async (play: (peer: Peer) => void): Promise<unknown> => {
      const peer = new Peer();
      play(peer);
      const { context } = contextWith([]);
      return secureVnc(peer.otherEnd, context, { signal: never }).catch(
        (error: unknown) => (error as { code: string }).code,
      );
    };
    expect(await codeAfter((peer) => peer.write(Buffer.from("SSH-2.0-x\r\n")))).toBe("PROTOCOL_MISMATCH");
    expect(await codeAfter((peer) => peer.stream.end())).toBe("REMOTE_CLOSED");
    expect(await codeAfter((peer) => peer.write(HELLO, [1, 20]))).toBe("LOGIN_UNSUPPORTED");
    expect(await codeAfter((peer) => peer.write(HELLO, [0, 0, 0, 0, 8], Buffer.from("too many")))).toBe(
      "LOGIN_TOO_MANY",
    );
    expect(await codeAfter((peer) => peer.write(HELLO, [0, 0, 0, 0, 2], Buffer.from("no")))).toBe(
      "CONSOLE_UNAVAILABLE",
    );
    expect(await codeAfter((peer) => peer.write(HELLO, [1, 19, 0, 2, 0, 1, 0, 0, 1, 2]))).toBe("TLS_UNSUPPORTED");
  });

  it("takes another way on a fresh connection when TLS has no certificate", async () => {
    let connections = 0;
    const openStream = (): Promise<Duplex> => {
      connections += 1;
      const peer = new Peer();
      peer.write(HELLO, [2, 19, 1], connections === 1 ? [0, 2, 0, 1, 0, 0, 1, 2] : OK);
      return Promise.resolve(peer.otherEnd);
    };
    const stream = await openSecuredVnc(openStream, contextWith([]).context, { signal: never });
    stream.destroy();
    expect(connections).toBe(2);
  });

  it("refuses a server that had an accepted certificate and now does without", async () => {
    const peer = new Peer();
    peer.write(HELLO, [1, 1]);
    const pins = { get: () => "AA", pin: () => undefined, forget: () => undefined };
    const { context } = contextWith([], { pins, tls: { host: "rack-a" } });
    await expect(secureVnc(peer.otherEnd, context, { signal: never })).rejects.toMatchObject({ code: "TLS_CHANGED" });
  });

  it("ends as cancelled when its signal aborts", async () => {
    const abort = new AbortController();
    const peer = new Peer();
    const opening = secureVnc(peer.otherEnd, contextWith([]).context, { signal: abort.signal });
    abort.abort();
    await expect(opening).rejects.toMatchObject({ code: "CANCELLED" });
    expect(peer.otherEnd.destroyed).toBe(true);
  });
});
