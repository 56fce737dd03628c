import { createServer, type TLSSocket } from "node:tls";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createCertificatePins, type StoredCertificatePins } from "../credentials/certificate-pins.ts";
import type { Answer, QuestionBody } from "../../shared/contracts/question.ts";
import { TEST_CA as CA, TEST_CERT as CERT, TEST_KEY as KEY } from "../../testing/test-certificates.ts";
import { openTls } from "./tls.ts";

const never = new AbortController().signal;
const servers: Server[] = [];
let folder = "";
let pins: StoredCertificatePins;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-tls-"));
  await writeFile(join(folder, "ca.pem"), CA);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  await rm(join(folder, "pins.json"), { force: true });
  for (const server of servers.splice(0)) server.close();
});

async function startServer(): Promise<number> {
  const server = createServer({ cert: CERT, key: KEY }, (socket: TLSSocket) => {
    socket.on("error", () => undefined);
    socket.end("hello");
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Connects by name, reads the greeting; gives what was asked and what came. */
async function open(
  target: { port: number; host?: string; servername?: string; caFile?: string; ca?: string },
  answer: Answer = { kind: "refuse" },
): Promise<{ asked: QuestionBody[]; greeting: string; code: string }> {
  pins = createCertificatePins({ file: join(folder, "pins.json") });
  const asked: QuestionBody[] = [];
  const ask = (body: QuestionBody): Promise<Answer> => {
    asked.push(body);
    return Promise.resolve(answer);
  };
  try {
    const stream = await openTls(
      { host: "127.0.0.1", servername: "localhost", ...target },
      { pins, ask },
      { signal: never },
    );
    const [chunk] = (await once(stream, "data")) as [Buffer];
    stream.destroy();
    return { asked, greeting: chunk.toString(), code: "" };
  } catch (error) {
    return { asked, greeting: "", code: (error as { code: string }).code };
  }
}

describe("a TLS connection", () => {
  it("trusts a certificate that an authority vouches for, without a question", async () => {
    const port = await startServer();
    const trusted = { asked: [], greeting: "hello", code: "" };
    expect(await open({ port, ca: CA })).toEqual(trusted);
    expect(await open({ port, caFile: join(folder, "ca.pem") })).toEqual(trusted);
    expect(await open({ port, ca: CA, servername: "127.0.0.1" })).toEqual(trusted);
    expect(await open({ port, ca: CA, host: "localhost", servername: "127.0.0.2" })).toMatchObject({
      code: "TLS_UNTRUSTED",
      asked: [{ problem: "it is made out to another name" }],
    });
  });

  it("asks for a certificate that nobody vouches for, and takes no for an answer", async () => {
    const port = await startServer();
    const result = await open({ port });
    expect(result).toMatchObject({
      code: "TLS_UNTRUSTED",
      asked: [
        {
          kind: "certificate",
          target: `127.0.0.1:${String(port)}`,
          subject: "CN=localhost",
          issuer: "CN=Test CA",
          problem: "its authority is not one that is trusted here",
        },
      ],
    });
  });

  it("asks for a certificate of another name even with a known authority", async () => {
    const result = await open({ port: await startServer(), ca: CA, servername: "other.example" });
    expect(result).toMatchObject({ code: "TLS_UNTRUSTED", asked: [{ problem: "it is made out to another name" }] });
  });

  it("remembers an accepted certificate", async () => {
    const port = await startServer();
    expect(await open({ port }, { kind: "accept", remember: true })).toMatchObject({ greeting: "hello" });
    expect(await open({ port })).toEqual({ asked: [], greeting: "hello", code: "" });
  });

  it("accepts a certificate once without writing it down", async () => {
    const port = await startServer();
    expect(await open({ port }, { kind: "accept", remember: false })).toMatchObject({ greeting: "hello" });
    expect(await open({ port })).toMatchObject({ code: "TLS_UNTRUSTED" });
  });

  it("refuses a certificate that is not the accepted one, without a question", async () => {
    const port = await startServer();
    const other = `${"AA:".repeat(31)}AA`;
    createCertificatePins({ file: join(folder, "pins.json") }).pin(`127.0.0.1:${String(port)}`, other, {
      isLasting: true,
    });
    expect(await open({ port }, { kind: "accept", remember: true })).toMatchObject({ asked: [], code: "TLS_CHANGED" });
  });

  it("names a certificate file that is missing or is none", async () => {
    const port = await startServer();
    expect(await open({ port, caFile: join(folder, "none.pem") })).toMatchObject({ code: "TLS_FILE" });
    await writeFile(join(folder, "text.pem"), "no certificate");
    expect(await open({ port, caFile: join(folder, "text.pem") })).toMatchObject({ code: "TLS_FILE" });
  });

  it("says that the far side does not speak TLS", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.write("SSH-2.0-OpenSSH_9\r\n");
    });
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    expect(await open({ port: (server.address() as AddressInfo).port })).toMatchObject({ code: "TLS_FAILED" });
  });
});
