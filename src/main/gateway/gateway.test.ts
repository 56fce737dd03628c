import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { API_METHODS, GATEWAY_PATHS, STREAM_SUBPROTOCOL } from "../../shared/contracts/api.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { FakeDuplex } from "../../testing/fake-duplex.ts";
import { createProviderContext } from "../../testing/provider-context.ts";
import type { Picture } from "../providers/provider.ts";
import type { ApiHandlers } from "./api-connection.ts";
import { openGateway, type Gateway } from "./gateway.ts";
import { hostsOf } from "./request-guard.ts";
import { TicketOffice } from "./tickets.ts";

const INDEX = "<!doctype html><title>page</title>";
const STATUS_LINE = /^HTTP\/1\.1 (\d{3})/;

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let pageFolder: string;
let tickets: TicketOffice;
let gateway: Gateway;
let answerPicture: (guestId: string) => Promise<Picture>;
let sockets: WebSocket[];

beforeEach(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "switchyard-page-"));
  await mkdir(join(pageFolder, "assets"));
  await writeFile(join(pageFolder, "index.html"), INDEX);
  await writeFile(join(pageFolder, "assets", "main-abc.js"), "export {};");
  tickets = new TicketOffice();
  sockets = [];
  answerPicture = () => Promise.reject(new AppError("NOT_FOUND", "no such guest", { what: "The guest" }));
  gateway = await openGateway({
    port: 0,
    pageFolder,
    tickets,
    log: createProviderContext().log,
    picture: (guestId) => answerPicture(guestId),
    api: {
      handlers: Object.fromEntries(
        Object.keys(API_METHODS).map((name) => [name, () => ({})]),
      ) as unknown as ApiHandlers,
      firstEvents: () => [],
      onEvent: new Emitter<never>().event,
    },
  });
});

afterEach(async () => {
  await rm(pageFolder, { recursive: true });
});

/** Ends everything, and waits until both sides know. */
const endAll = async (): Promise<void> => {
  const live = sockets.filter(({ readyState }) => readyState === WebSocket.OPEN);
  const closed = live.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  gateway.dispose();
  tickets.dispose();
  await Promise.all(closed);
  await new Promise(setImmediate);
};

const host = (): string => `127.0.0.1:${gateway.port}`;
const ownOrigin = (): string => `http://${host()}`;
const token = (): string => new URL(gateway.address).hash.slice(1);

const send = (
  path: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port: gateway.port, path, method, headers: { Host: host(), ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
        });
      },
    );
    request.once("error", reject);
    request.end(body);
  });

const trade = (body: string, headers: Record<string, string> = {}): Promise<Reply> =>
  send(GATEWAY_PATHS.session, { method: "POST", headers: { Origin: ownOrigin(), ...headers }, body });

const logIn = async (): Promise<string> => {
  const { headers } = await trade(token());
  return (headers["set-cookie"]?.[0] ?? "").split(";", 1)[0] ?? "";
};

/** The status that a WebSocket is refused with, or 101 when it opens. */
const upgrade = (path: string, headers: Record<string, string>, protocols: string[] = []): Promise<number> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://${host()}${path}`, protocols, { headers });
    sockets.push(socket);
    socket.once("open", () => resolve(101));
    socket.once("unexpected-response", (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on("error", () => resolve(0));
  });

const openStream = (cookie: string, ticket: string): Promise<number> =>
  upgrade(GATEWAY_PATHS.stream, { Cookie: cookie, Origin: ownOrigin() }, [STREAM_SUBPROTOCOL, ticket]);

describe("Gateway", () => {
  expectNoLeaks({ settle: endAll });

  describe("token trade", () => {
    it("gives an HttpOnly, SameSite=Strict cookie whose name tells ports apart", async () => {
      const { status, headers } = await trade(token());
      expect([status, headers["cache-control"], headers["set-cookie"]?.length]).toEqual([204, "no-store", 1]);
      expect(headers["set-cookie"]?.[0]).toMatch(
        new RegExp(`^switchyard-${gateway.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
      );
    });

    it("gives each page a cookie of its own", async () => {
      expect(await logIn()).not.toBe(await logIn());
    });

    it.each([
      ["wrong", () => "A".repeat(43)],
      ["empty", () => ""],
      ["one character short", () => token().slice(1)],
      ["in other case", () => token().toUpperCase()],
    ])("refuses a token that is %s", async (_, wrong) => {
      const { status, headers } = await trade(wrong());
      expect([status, headers["set-cookie"]]).toEqual([401, undefined]);
    });

    it("refuses a right token from a foreign page, from no page and to a foreign Host", async () => {
      const replies = await Promise.all([
        trade(token(), { Origin: "http://evil.example" }),
        trade(token(), { Origin: `https://${host()}` }),
        trade(token(), { Origin: "null" }),
        send(GATEWAY_PATHS.session, { method: "POST", body: token() }),
        trade(token(), { Host: `evil.example:${gateway.port}`, Origin: `http://evil.example:${gateway.port}` }),
      ]);
      expect(replies.map(({ status, headers }) => [status, headers["set-cookie"]])).toEqual(
        replies.map(() => [403, undefined]),
      );
    });

    it("takes POST only", async () => {
      const { status } = await send(GATEWAY_PATHS.session, { headers: { Origin: ownOrigin() } });
      expect(status).toBe(405);
    });

    it("does not read a body beyond its limit", async () => {
      // It hangs up in the middle of the body, or refuses.
      const status = await trade(token() + " ".repeat(1024 * 1024)).then(
        (reply) => reply.status,
        () => "hung up",
      );
      expect([401, "hung up"]).toContain(status);
    });

    it("says the token nowhere but in its address's fragment", () => {
      const { hash, search, pathname, username, password } = new URL(gateway.address);
      expect([hash.length, search, pathname, username, password]).toEqual([44, "", "/", "", ""]);
    });
  });

  describe("the page's files", () => {
    it("are served with the security headers, without a session", async () => {
      const { status, headers, body } = await send("/");
      expect([status, body.toString(), headers["content-type"], headers["cache-control"]]).toEqual([
        200,
        INDEX,
        "text/html; charset=utf-8",
        "no-store",
      ]);
      const policy = (headers["content-security-policy"] as string).split("; ");
      expect(policy).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "script-src 'self' 'wasm-unsafe-eval'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
        ]),
      );
      expect(policy.find((part) => part.startsWith("script-src"))).toBe("script-src 'self' 'wasm-unsafe-eval'");
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
    });

    it("are kept by the browser where their name holds a hash", async () => {
      const { headers } = await send("/assets/main-abc.js");
      expect([headers["content-type"], headers["cache-control"]]).toEqual([
        "text/javascript; charset=utf-8",
        "private, max-age=31536000, immutable",
      ]);
    });

    it("have a head without a body", async () => {
      const { status, headers, body } = await send("/", { method: "HEAD" });
      expect([status, headers["content-length"], body.length]).toEqual([200, String(INDEX.length), 0]);
    });

    it.each([
      "/../package.json",
      "/assets/../../../../../../etc/passwd",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/..%2f..%2fetc/passwd",
      "/assets/..\\..\\index.html",
      "//etc/passwd",
      "/index.html%00.js",
      "/assets",
      "/assets/",
      "/.",
      "http://127.0.0.1/index.html",
    ])("are all that there is: %s is not found", async (path) => {
      expect((await send(path)).status).toBe(404);
    });

    it("are not given to a foreign Host or Origin", async () => {
      const replies = await Promise.all([
        send("/", { headers: { Host: "rebound.example" } }),
        send("/", { headers: { Host: `127.0.0.1.evil.example:${gateway.port}` } }),
        send("/", { headers: { Host: "127.0.0.1" } }),
        send("/", { headers: { Origin: "http://evil.example" } }),
      ]);
      expect(replies.map(({ status, body }) => [status, body.length])).toEqual(replies.map(() => [403, 0]));
    });

    it.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("cannot be asked for with %s", async (method) => {
      expect((await send("/", { method })).status).toBe(405);
    });
  });

  describe("pictures", () => {
    beforeEach(() => {
      answerPicture = () => Promise.resolve({ mediaType: "image/png", bytes: Uint8Array.of(1, 2, 3) });
    });

    it("go to a page with a session, under the guest's own id", async () => {
      const asked: string[] = [];
      answerPicture = (guestId) => {
        asked.push(guestId);
        return Promise.resolve({ mediaType: "image/png", bytes: Uint8Array.of(1, 2, 3) });
      };
      const reply = await send(`${GATEWAY_PATHS.picture}rack%2Fg%201?v=4`, { headers: { Cookie: await logIn() } });
      expect([reply.status, reply.headers["content-type"], [...reply.body], asked]).toEqual([
        200,
        "image/png",
        [1, 2, 3],
        ["rack/g 1"],
      ]);
    });

    it("go to nobody without a session, with a foreign cookie, or beside our own page", async () => {
      const cookie = await logIn();
      const path = `${GATEWAY_PATHS.picture}rack%2Fg1`;
      const replies = await Promise.all([
        send(path),
        send(path, { headers: { Cookie: `switchyard-${gateway.port}=${"A".repeat(43)}` } }),
        send(path, { headers: { Cookie: cookie, "Sec-Fetch-Site": "same-site" } }),
        send(path, { headers: { Cookie: cookie, "Sec-Fetch-Site": "cross-site" } }),
        send(path, { headers: { Cookie: cookie, Origin: "http://evil.example" } }),
        send(path, { headers: { Cookie: cookie, Host: "rebound.example" } }),
      ]);
      expect(replies.map(({ status, body }) => [status, body.length])).toEqual([
        [401, 0],
        [401, 0],
        [403, 0],
        [403, 0],
        [403, 0],
        [403, 0],
      ]);
    });

    it("are not found for a guest that is gone or an id that is none", async () => {
      answerPicture = () => Promise.reject(new AppError("NOT_FOUND", "no such guest", { what: "The guest" }));
      const headers = { Cookie: await logIn() };
      const replies = await Promise.all(
        ["gone", "%E0%A4%A", ""].map((id) => send(GATEWAY_PATHS.picture + id, { headers })),
      );
      expect(replies.map(({ status }) => status)).toEqual([404, 404, 404]);
    });

    it("fail without a word when there is a bug", async () => {
      answerPicture = () => Promise.reject(new TypeError("secret inner state"));
      const reply = await send(`${GATEWAY_PATHS.picture}rack%2Fg1`, { headers: { Cookie: await logIn() } });
      expect([reply.status, reply.body.toString()]).toEqual([500, ""]);
    });
  });

  describe("WebSockets", () => {
    it("open for our own page with a session", async () => {
      expect(await upgrade(GATEWAY_PATHS.api, { Cookie: await logIn(), Origin: ownOrigin() })).toBe(101);
    });

    it("are refused without session, without Origin, from a foreign page or Host, and elsewhere", async () => {
      const cookie = await logIn();
      const own = { Cookie: cookie, Origin: ownOrigin() };
      expect(
        await Promise.all([
          upgrade(GATEWAY_PATHS.api, { Origin: ownOrigin() }),
          upgrade(GATEWAY_PATHS.api, { Cookie: cookie }),
          upgrade(GATEWAY_PATHS.api, { ...own, Origin: "http://evil.example" }),
          upgrade(GATEWAY_PATHS.api, { ...own, Host: "rebound.example" }),
          upgrade(GATEWAY_PATHS.api, { ...own, "Sec-Fetch-Site": "cross-site" }),
          upgrade("/elsewhere", own),
        ]),
      ).toEqual([401, 403, 403, 403, 403, 403]);
    });

    // A peer that never closed its own side held the socket for ever, without any session.
    it("are hung up on when refused", async () => {
      const raw = connect({ port: gateway.port, host: "127.0.0.1", allowHalfOpen: true });
      const received: Buffer[] = [];
      raw.on("data", (chunk: Buffer) => received.push(chunk));
      raw.write(
        `GET /api HTTP/1.1\r\nHost: ${host()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      );
      await new Promise((resolve) => raw.once("end", resolve));
      const isReset = new Promise((resolve) => raw.once("error", resolve));
      // Only a socket that is closed on the other side answers bytes with a reset.
      const poke = setImmediate(function again() {
        raw.write("x");
        setImmediate(again);
      });
      raw.once("close", () => clearImmediate(poke));
      await isReset;
      expect(STATUS_LINE.exec(Buffer.concat(received).toString())?.[1]).toBe("403");
    });
  });

  describe("tickets", () => {
    const issue = (stream: FakeDuplex): { ticket: string; ended: Promise<AppError | undefined> } => {
      const ended = Promise.withResolvers<AppError | undefined>();
      return { ticket: tickets.issue({ stream, handleEnd: ended.resolve }), ended: ended.promise };
    };

    it("open their stream once", async () => {
      const cookie = await logIn();
      const stream = new FakeDuplex();
      const { ticket } = issue(stream);
      expect([await openStream(cookie, ticket), await openStream(cookie, ticket)]).toEqual([101, 403]);
      expect([sockets[0]?.protocol, stream.destroyed]).toEqual([STREAM_SUBPROTOCOL, false]);
      const received = new Promise((resolve) => sockets[0]?.once("message", resolve));
      stream.receive("R");
      expect(String(await received)).toBe("R");
    });

    it("open nothing without a session, and are then still good", async () => {
      const { ticket } = issue(new FakeDuplex());
      expect([
        await upgrade(GATEWAY_PATHS.stream, { Origin: ownOrigin() }, [STREAM_SUBPROTOCOL, ticket]),
        await openStream(await logIn(), ticket),
      ]).toEqual([401, 101]);
    });

    it("open nothing when made up, or under another subprotocol", async () => {
      const cookie = await logIn();
      const { ticket } = issue(new FakeDuplex());
      const headers = { Cookie: cookie, Origin: ownOrigin() };
      expect([
        await openStream(cookie, "A".repeat(43)),
        await upgrade(GATEWAY_PATHS.stream, headers),
        await upgrade(GATEWAY_PATHS.stream, headers, ["binary", ticket]),
      ]).toEqual([403, 403, 403]);
    });

    it("are void when the far side has gone before their use", async () => {
      const cookie = await logIn();
      const stream = new FakeDuplex();
      const { ticket, ended } = issue(stream);
      stream.destroy();
      expect([(await ended)?.code, await openStream(cookie, ticket)]).toEqual(["REMOTE_CLOSED", 403]);
    });

    // The ticket was used, the upgrade failed, and the console stayed open until its page went.
    it("end their console when the upgrade after them fails", async () => {
      const cookie = await logIn();
      const stream = new FakeDuplex();
      const { ticket, ended } = issue(stream);
      const raw = connect(gateway.port, "127.0.0.1");
      raw.write(
        `GET ${GATEWAY_PATHS.stream} HTTP/1.1\r\nHost: ${host()}\r\nOrigin: ${ownOrigin()}\r\nCookie: ${cookie}\r\n` +
          `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n` +
          `Sec-WebSocket-Protocol: ${STREAM_SUBPROTOCOL}, ${ticket}\r\n\r\n`,
      );
      raw.resume();
      expect([await ended, stream.destroyed]).toEqual([undefined, true]);
      raw.destroy();
    });
  });

  it("rejects with the address when its port is taken", async () => {
    const second = openGateway({
      port: gateway.port,
      pageFolder,
      tickets,
      log: createProviderContext().log,
      picture: () => answerPicture(""),
      api: { handlers: {} as ApiHandlers, firstEvents: () => [], onEvent: new Emitter<never>().event },
    });
    await expect(second).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      detail: { address: host(), reason: "the port is taken" },
    });
  });
});

describe("hostsOf", () => {
  it("names the port", () => {
    expect([...hostsOf(8080)]).toEqual(["127.0.0.1:8080", "localhost:8080"]);
  });

  // With --port 80 every request was refused: browsers leave HTTP's own port out.
  it("leaves HTTP's own port out as well", () => {
    expect([...hostsOf(80)]).toEqual(expect.arrayContaining(["127.0.0.1", "localhost"]));
  });
});
