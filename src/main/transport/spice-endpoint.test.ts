import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LINK_ERROR } from "../../protocols/spice/constants/link-error.ts";
import type { ChannelRequest } from "../../shared/contracts/api.ts";
import type { Answer, QuestionBody } from "../../shared/contracts/question.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { FakeSpiceServer, type FakeLink, type FakeSpiceServerOptions } from "../../testing/fake-spice-server.ts";
import { createProviderContext } from "../../testing/provider-context.ts";
import { closed, readBytes } from "../../testing/stream-reading.ts";
import { TEST_CA, TEST_CERT, TEST_KEY } from "../../testing/test-certificates.ts";
import type { ConsoleEndpoint } from "../providers/provider.ts";
import { createSpiceEndpoint } from "./spice-endpoint.ts";
import type { SpicePlace, SpiceServer } from "./spice-server.ts";
import { openTcp } from "./tcp.ts";

const signal = new AbortController().signal;
const TLS = { key: TEST_KEY, cert: TEST_CERT };
const DISPLAY: ChannelRequest = { type: 2, id: 0, sessionId: 9, capabilities: [0x137f] };
/** Link reply with two words of capabilities, and the result. */
const LINK_END_BYTES = 16 + 178 + 8 + 4;

const secret = (text: string, userName?: string): Answer => ({
  kind: "secret",
  secret: text,
  ...(userName !== undefined && { userName }),
});
const refuseOver = (isTls: boolean, error: number) => ({
  refuse: (link: FakeLink) => (link.isTls === isTls ? error : undefined),
});

describe("a SPICE console", () => {
  expectNoLeaks();
  let servers: FakeSpiceServer[];
  let endpoints: ConsoleEndpoint[];
  let questions: QuestionBody[];
  let answers: Answer[];
  let places: SpicePlace[];

  beforeEach(() => {
    [servers, endpoints, questions, answers, places] = [[], [], [], [], []];
  });
  afterEach(async () => {
    for (const endpoint of endpoints) endpoint.dispose();
    for (const server of servers) await server.close();
  });

  async function listen(options: FakeSpiceServerOptions = {}): Promise<FakeSpiceServer> {
    const server = await FakeSpiceServer.listen(options);
    servers.push(server);
    return server;
  }

  const placeOf = (server: FakeSpiceServer | undefined): SpicePlace | undefined =>
    server === undefined ? undefined : { kind: "tcp", host: "127.0.0.1", port: server.port };

  /** A console whose person gives the answers in turn. */
  function open(
    { plain, secure }: { plain?: FakeSpiceServer; secure?: FakeSpiceServer },
    more: Partial<SpiceServer> = {},
    context = createProviderContext(),
  ): ConsoleEndpoint {
    const server: SpiceServer = {
      label: "guest",
      plain: placeOf(plain),
      secure: placeOf(secure),
      way: "direct",
      certificate: { ca: TEST_CA },
      open: (place, options) => {
        places.push(place);
        if (place.kind === "unix") throw new Error("no socket here");
        return openTcp({ ...place, host: "127.0.0.1" }, options);
      },
      ...more,
    };
    const endpoint = createSpiceEndpoint(() => Promise.resolve(server), {
      ...context,
      secretKey: "spice guest",
      ask: (body) => {
        questions.push(body);
        const answer = answers.shift();
        return answer === undefined ? Promise.reject(new Error("nobody answers")) : Promise.resolve(answer);
      },
    });
    endpoints.push(endpoint);
    return endpoint;
  }

  it("gives a stream that begins with the server's link reply and the result, then carries both directions", async () => {
    const plain = await listen({ greeting: Uint8Array.of(1, 2, 3) });
    const stream = await open({ plain }).openStream({ signal });
    const begin = Buffer.from(await readBytes(stream, LINK_END_BYTES + 3));
    expect([begin.toString("latin1", 0, 4), begin.readUInt32LE(16), begin.subarray(-7).toString("hex")]).toEqual([
      "REDQ",
      0,
      "00000000010203",
    ]);
    stream.write("hello");
    expect(Buffer.from(await readBytes(stream, 5)).toString()).toBe("hello");
    expect(plain.links).toEqual([
      { connectionId: 0, channelType: 1, channelId: 0, channelCapabilities: [0xf], isTls: false },
    ]);
  });

  it("links further channels with their session, id and capabilities, and closes all with the console", async () => {
    const plain = await listen();
    const console = open({ plain });
    const streams = [
      await console.openStream({ signal }),
      await console.openStream({ signal, channel: { ...DISPLAY, id: 3 } }),
    ];
    expect(plain.links[1]).toMatchObject({ connectionId: 9, channelType: 2, channelId: 3 });
    expect(plain.links[1]?.channelCapabilities).toEqual([0x137f]);
    console.dispose();
    await Promise.all(streams.map(closed));
  });

  it("asks for a password only when there is one, again when it was wrong, and keeps the right one", async () => {
    const plain = await listen({ password: "right" });
    const context = createProviderContext();
    answers = [secret("wrong"), secret("right")];
    const console = open({ plain }, {}, context);
    await console.openStream({ signal });
    const question = { kind: "password", service: "SPICE", target: "guest" };
    expect(questions).toEqual([
      { ...question, reason: "first" },
      { ...question, reason: "refused" },
    ]);
    expect(context.secrets.get("spice guest")).toEqual({ secret: "right" });
    // Refused: without, wrong. Then good.
    expect(plain.links).toHaveLength(3);
    await console.openStream({ signal, channel: DISPLAY });
    expect(plain.links).toHaveLength(4);
  });

  it("tries the password that came with the address first, and asks nobody", async () => {
    const plain = await listen({ password: "given" });
    await open({ plain }, { password: "given" }).openStream({ signal });
    expect([questions, plain.links.length]).toEqual([[], 1]);
  });

  it("says LOGIN_REFUSED after three wrong answers and forgets them", async () => {
    const plain = await listen({ password: "right" });
    const context = createProviderContext();
    answers = [secret("a"), secret("b"), secret("c"), secret("right")];
    const opening = open({ plain }, {}, context).openStream({ signal });
    await expect(opening).rejects.toMatchObject({ code: "LOGIN_REFUSED", detail: { address: "guest" } });
    expect([answers.length, context.secrets.get("spice guest")]).toEqual([1, undefined]);
  });

  it("refuses a password that SPICE has no room for without sending it", async () => {
    const plain = await listen({ password: "right" });
    answers = [secret("right")];
    await open({ plain }, { password: "x".repeat(61) }).openStream({ signal });
    expect(questions).toMatchObject([{ reason: "refused" }]);
  });

  it("asks one question for all channels that open together", async () => {
    const plain = await listen({ password: "old" });
    const console = open({ plain }, { password: "old" });
    await console.openStream({ signal });
    plain.password = "new";
    answers = [secret("new")];
    await Promise.all([0, 1, 2, 3].map((id) => console.openStream({ signal, channel: { ...DISPLAY, id } })));
    expect(questions).toHaveLength(1);
  });

  it("goes to the TLS port when the server says so, and stays there", async () => {
    const plain = await listen(refuseOver(false, LINK_ERROR.needSecured));
    const secure = await listen({ tls: TLS });
    const console = open({ plain, secure });
    await console.openStream({ signal });
    await console.openStream({ signal, channel: DISPLAY });
    expect([plain.links.length, secure.links.length, questions]).toEqual([1, 2, []]);
  });

  it("says TLS_NEEDED when the TLS port is not known", async () => {
    const plain = await listen(refuseOver(false, LINK_ERROR.needSecured));
    await expect(open({ plain }).openStream({ signal })).rejects.toMatchObject({ code: "TLS_NEEDED" });
  });

  it("takes TLS first where somebody could listen in, and leaves it only when the server says so", async () => {
    const plain = await listen();
    const secure = await listen({ tls: TLS, ...refuseOver(true, LINK_ERROR.needUnsecured) });
    await open({ plain, secure }, { way: "proxy" }).openStream({ signal });
    expect([secure.links.length, plain.links.length]).toEqual([1, 1]);
    await secure.close();
    servers.splice(servers.indexOf(secure), 1);
    const opening = open({ plain, secure }, { way: "proxy" }).openStream({ signal });
    await expect(opening).rejects.toMatchObject({ code: "CONNECT_REFUSED" });
    expect(plain.links).toHaveLength(1);
  });

  it("encrypts the channels that its connection file names, and opens none that it turns off", async () => {
    const plain = await listen();
    const secure = await listen({ tls: TLS });
    const console = open({ plain, secure }, { secureChannels: ["main"], disabledChannels: ["record"] });
    await console.openStream({ signal });
    await console.openStream({ signal, channel: DISPLAY });
    expect([secure.links.length, plain.links.length]).toEqual([1, 1]);
    const record = console.openStream({ signal, channel: { ...DISPLAY, type: 6 } });
    await expect(record).rejects.toMatchObject({ code: "CONSOLE_UNAVAILABLE" });
  });

  it("takes a certificate by its subject instead of its name, and asks when it is another", async () => {
    const secure = await listen({ tls: TLS });
    const certificate = { ca: TEST_CA, name: "elsewhere", subject: "CN = localhost".replaceAll(" ", "") };
    await open({ secure }, { certificate }).openStream({ signal });
    expect(questions).toEqual([]);
    answers = [{ kind: "refuse" }];
    const opening = open({ secure }, { certificate: { ...certificate, subject: "CN=other" } }).openStream({ signal });
    await expect(opening).rejects.toMatchObject({ code: "TLS_UNTRUSTED" });
    expect(questions).toMatchObject([{ kind: "certificate", problem: "it is made out to another subject" }]);
  });

  it("logs in by SASL over TLS with a user name that it asks for, and never without TLS", async () => {
    const options = { saslUserName: "ada", password: "pencil" };
    const [plain, secure] = [await listen(options), await listen({ ...options, tls: TLS })];
    answers = [secret("wrong", "ada"), secret("pencil", "ada")];
    await open({ plain, secure }).openStream({ signal });
    expect(questions).toMatchObject([
      { userName: "", reason: "first" },
      { userName: "", reason: "refused" },
    ]);
    await expect(open({ plain }).openStream({ signal })).rejects.toMatchObject({ code: "TLS_NEEDED" });
  });

  it("follows a guest to another host by the same way, with that host's subject", async () => {
    const plain = await listen();
    const secure = await listen({ tls: TLS });
    const console = open({ plain });
    await console.openStream({ signal });
    const target = { host: "next", securePort: secure.port, certificateSubject: "CN=localhost" };
    await console.openStream({ signal, channel: { ...DISPLAY, type: 1, target } });
    expect(places.at(-1)).toEqual({ kind: "tcp", host: "next", port: secure.port });
    expect([secure.links[0]?.connectionId, questions]).toEqual([9, []]);
    answers = [{ kind: "refuse" }];
    const wrong = { ...DISPLAY, target: { ...target, certificateSubject: "CN=other" } };
    await expect(console.openStream({ signal, channel: wrong })).rejects.toMatchObject({ code: "TLS_UNTRUSTED" });
  });

  it.each([
    ["a session that is not known", LINK_ERROR.badConnectionId, "CHANNEL_REFUSED"],
    ["a channel that is not there", LINK_ERROR.channelNotAvailable, "CHANNEL_REFUSED"],
    ["another version", LINK_ERROR.versionMismatch, "PROTOCOL_MISMATCH"],
  ])("names %s", async (_, error, code) => {
    const plain = await listen({ refuse: () => error });
    await expect(open({ plain }).openStream({ signal })).rejects.toMatchObject({ code });
  });

  it("stops when it is cancelled, and leaves no connection open", async () => {
    const plain = await listen({ password: "right" });
    const abort = new AbortController();
    const endpoint = createSpiceEndpoint(
      () =>
        Promise.resolve({
          label: "guest",
          plain: placeOf(plain),
          way: "direct",
          open: (place, options) => {
            if (place.kind === "unix") throw new Error("no socket here");
            return openTcp(place, options);
          },
        }),
      {
        ...createProviderContext(),
        secretKey: "k",
        ask: (_, asked) =>
          new Promise((_resolve, reject) => {
            asked.signal.addEventListener("abort", () => reject(new Error("taken back")));
            abort.abort();
          }),
      },
    );
    endpoints.push(endpoint);
    await expect(endpoint.openStream({ signal: abort.signal })).rejects.toMatchObject({ name: "AbortError" });
    await expect.poll(() => plain.openCount).toBe(0);
  });
});
