import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer, connect, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer, QuestionBody } from "../../shared/contracts/question.ts";
import { createSecretMemory } from "../credentials/secret-memory.ts";
import type { SecretMemory } from "../providers/provider.ts";
import { openSsh, type SshConnection } from "./ssh.ts";

const { Server: SshServer, utils } = ssh2;
const never = new AbortController().signal;
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const ACCEPT: Answer = { kind: "accept", remember: true };
const secret = (text: string): Answer => ({ kind: "secret", secret: text });

let folder = "";
let knownHostsFile = "";
let secrets: SecretMemory;
const servers: { close(): unknown }[] = [];
const connections: SshConnection[] = [];
const hostKeys = { one: utils.generateKeyPairSync("ed25519"), two: utils.generateKeyPairSync("ed25519") };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-ssh-"));
  // No key, configuration or agent of the person who runs the tests.
  vi.stubEnv("HOME", folder);
  vi.stubEnv("SSH_AUTH_SOCK", "");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  secrets = createSecretMemory();
  knownHostsFile = join(folder, "ssh", "known_hosts");
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.dispose();
  for (const server of servers.splice(0)) server.close();
  await rm(join(folder, "ssh"), { recursive: true, force: true });
});

/** A server that lets "user" in with the password "good", or with the given public key, and forwards to loopback. */
async function startServer(
  options: { hostKey?: keyof typeof hostKeys; publicKey?: string; drops?: boolean } = {},
): Promise<number> {
  const wanted = options.publicKey === undefined ? undefined : utils.parseKey(options.publicKey);
  const server = new SshServer({ hostKeys: [hostKeys[options.hostKey ?? "one"].private] }, (client) => {
    client.on("error", () => undefined);
    client.on("authentication", (auth) => {
      const isWelcome =
        wanted === undefined || wanted instanceof Error
          ? auth.method === "password" && auth.password === "good"
          : auth.method === "publickey" && wanted.getPublicSSH().equals(auth.key.data);
      if (isWelcome) auth.accept();
      else auth.reject([wanted === undefined ? "password" : "publickey"]);
    });
    client.on("ready", () => {
      if (options.drops === true) client.end();
    });
    client.on("tcpip", (accept, reject, info) => {
      const socket = connect(info.destPort, info.destIP);
      socket.once("error", () => reject());
      socket.once("connect", () => {
        const channel = accept();
        channel.pipe(socket).pipe(channel);
      });
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server as unknown as Server, "listening");
  return (server.address() as AddressInfo).port;
}

async function open(
  port: number,
  answers: Answer[],
  target: { keyFile?: string; password?: string } = {},
): Promise<{ connection?: SshConnection; code: string; asked: QuestionBody[] }> {
  const asked: QuestionBody[] = [];
  const ask = (body: QuestionBody): Promise<Answer> => {
    asked.push(body);
    return Promise.resolve(answers.shift() ?? { kind: "refuse" });
  };
  try {
    const connection = await openSsh(
      { host: "127.0.0.1", port, user: "user", knownHostsFile, ...target },
      { ask, secrets, log },
      { signal: never },
    );
    connections.push(connection);
    return { connection, code: "", asked };
  } catch (error) {
    return { code: (error as { code: string }).code, asked };
  }
}

describe("an SSH connection", () => {
  it("asks for an unknown host key and writes the accepted one down", async () => {
    const port = await startServer();
    const first = await open(port, [ACCEPT], { password: "good" });
    expect(first.asked).toMatchObject([
      { kind: "ssh-host-key", target: `127.0.0.1:${String(port)}`, keyType: "ssh-ed25519" },
    ]);
    expect(await readFile(knownHostsFile, "utf8")).toContain(`[127.0.0.1]:${String(port)} ssh-ed25519 `);
    expect((await stat(knownHostsFile)).mode & 0o777).toBe(0o600);
    expect(await open(port, [], { password: "good" })).toMatchObject({ code: "", asked: [] });
  });

  it("does not go on with a host key that the user refuses", async () => {
    expect(await open(await startServer(), [], { password: "good" })).toMatchObject({ code: "SSH_HOST_KEY_REFUSED" });
  });

  it("refuses a changed host key without a question", async () => {
    const port = await startServer({ hostKey: "one" });
    await open(port, [ACCEPT], { password: "good" });
    const [, type = "", key = ""] = (await readFile(knownHostsFile, "utf8")).trim().split(" ");
    const other = hostKeys.two.public.split(" ")[1] ?? "";
    await writeFile(knownHostsFile, `[127.0.0.1]:${String(port)} ${type} ${other}\n`);
    expect(key).not.toBe(other);
    expect(await open(port, [ACCEPT], { password: "good" })).toMatchObject({ code: "SSH_HOST_KEY_CHANGED", asked: [] });
  });

  it("asks again for a refused password and remembers the good one", async () => {
    const port = await startServer();
    const { asked, code } = await open(port, [ACCEPT, secret("bad"), secret("good")]);
    expect({ code, reasons: asked.slice(1).map((body) => "reason" in body && body.reason) }).toEqual({
      code: "",
      reasons: ["first", "refused"],
    });
    expect(await open(port, [])).toMatchObject({ code: "", asked: [] });
  });

  it("gives up after three refused passwords and forgets the last", async () => {
    const port = await startServer();
    const { asked, code } = await open(port, [ACCEPT, secret("1"), secret("2"), secret("3"), secret("good")]);
    expect({ code, count: asked.length }).toEqual({ code: "SSH_LOGIN_REFUSED", count: 4 });
    expect(secrets.get(`ssh user@127.0.0.1:${String(port)}`)).toBeUndefined();
  });

  it("asks for the passphrase only of the key that the server takes", async () => {
    const key = utils.generateKeyPairSync("ecdsa", { bits: 256, passphrase: "open", cipher: "aes256-ctr", rounds: 1 });
    const keyFile = join(folder, "key");
    await writeFile(keyFile, key.private, { mode: 0o600 });
    const port = await startServer({ publicKey: key.public });
    const { asked, code } = await open(port, [ACCEPT, secret("wrong"), secret("open")], { keyFile });
    expect({ code, asked: asked.slice(1) }).toEqual({
      code: "",
      asked: [
        { kind: "passphrase", keyFile, reason: "first" },
        { kind: "passphrase", keyFile, reason: "refused" },
      ],
    });
    expect(await open(port, [], { keyFile })).toMatchObject({ code: "", asked: [] });
    const stranger = await startServer({ publicKey: utils.generateKeyPairSync("ed25519").public });
    expect(await open(stranger, [ACCEPT], { keyFile })).toMatchObject({ code: "SSH_LOGIN_REFUSED", asked: [{}] });
  });

  it("forwards streams and says which target was refused", async () => {
    const echo = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    servers.push(echo);
    await once(echo, "listening");
    const { connection } = await open(await startServer(), [ACCEPT], { password: "good" });
    const stream = await connection!.forwardTcp("127.0.0.1", (echo.address() as AddressInfo).port, { signal: never });
    stream.write("ping");
    const [chunk] = (await once(stream, "data")) as [Buffer];
    expect(chunk.toString()).toBe("ping");
    await expect(connection!.forwardTcp("127.0.0.1", 1, { signal: never })).rejects.toMatchObject({
      code: "SSH_FORWARD_REFUSED",
      detail: { target: "127.0.0.1:1" },
    });
  });

  it("says once that the server ended it", async () => {
    const { connection } = await open(await startServer({ drops: true }), [ACCEPT], { password: "good" });
    const codes: string[] = [];
    await new Promise<void>((resolve) => {
      connection!.onClosed((error) => {
        codes.push(error.code);
        resolve();
      });
    });
    await new Promise<void>((resolve) => {
      connection!.onClosed((error) => {
        codes.push(`late ${error.code}`);
        resolve();
      });
    });
    connection!.dispose();
    expect(codes).toEqual(["CONNECTION_LOST", "late CONNECTION_LOST"]);
    await expect(connection!.forwardTcp("127.0.0.1", 1, { signal: never })).rejects.toMatchObject({
      code: "CONNECTION_LOST",
    });
  });

  it("knows a server that speaks something else", async () => {
    const web = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    }).listen(0, "127.0.0.1");
    servers.push(web);
    await once(web, "listening");
    expect(await open((web.address() as AddressInfo).port, [])).toMatchObject({ code: "SSH_FAILED" });
  });
});
