import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drop } from "../../shared/lifecycle/drop.ts";
import { MemoryFolder } from "../../testing/memory-folder.ts";
import { parsePropertyNames } from "./dav-xml.ts";
import { FolderServer, HIGH_WATER_BYTES, MAX_CONNECTIONS } from "./folder-server.ts";
import { encodeFrame, FrameSplitter } from "./stream-multiplexer.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Guest {
  readonly server: FolderServer;
  readonly receive: (bytes: Uint8Array) => Promise<void> | undefined;
  /** What each client got, as text; "|" is the end. */
  readonly answers: () => Promise<Record<string, string>>;
}

function start(folder: MemoryFolder): Guest {
  const splitter = new FrameSplitter({ maxBytes: 1 << 20 });
  const got: Record<string, string> = {};
  const failures: unknown[] = [];
  const server = new FolderServer({
    folder,
    now: () => 0,
    send: (bytes) => {
      for (const { clientId, data } of splitter.receive(bytes)) {
        const text = data.length === 0 ? "|" : new TextDecoder("latin1").decode(data);
        got[String(clientId)] = (got[String(clientId)] ?? "") + text;
      }
      return Promise.resolve();
    },
    handleFailure: (error) => failures.push(error),
  });
  const answers = async (): Promise<Record<string, string>> => {
    for (let round = 0; round < 3; round += 1) await settled();
    expect(failures).toEqual([]);
    return got;
  };
  return { server, receive: (bytes) => server.receive(bytes), answers };
}

const say = (clientId: number, text: string): Uint8Array =>
  encodeFrame({ clientId: BigInt(clientId), data: bytesOf(text) });

/** Where nothing holds the sender back. */
function push(guest: Guest, bytes: Uint8Array): void {
  drop(guest.receive(bytes) ?? Promise.resolve());
}

/** Method, target, headers by line, body. */
function request(line: string, headers: readonly string[] = [], body = ""): string {
  const length = body === "" ? [] : [`Content-Length: ${String(body.length)}`];
  return [`${line} HTTP/1.1`, "Host: localhost", ...headers, ...length, "", body].join("\r\n");
}

async function ask(folder: MemoryFolder, ...requests: string[]): Promise<string> {
  const guest = start(folder);
  push(guest, say(1, requests.join("")));
  return (await guest.answers())["1"] ?? "";
}

const statusesOf = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) (?!\w+<|OK<)/g)].map(([, status]) => Number(status));

const sample = (isWritable = false): MemoryFolder =>
  new MemoryFolder({ files: { "a.txt": "0123456789", sub: undefined, "sub/<b>&.txt": "in" }, isWritable });

describe("FolderServer", () => {
  it("gives files whole and in ranges (RFC 9110 §14.2)", async () => {
    const answer = await ask(
      sample(),
      request("GET /a.txt"),
      request("GET /a.txt", ["Range: bytes=2-4"]),
      request("GET /a.txt", ["Range: bytes=-3"]),
      request("GET /a.txt", ["Range: bytes=10-"]),
      request("HEAD /a.txt"),
      request("GET http://localhost/sub/%3Cb%3E%26.txt"),
      request("GET /none"),
      request("GET /sub/"),
    );
    expect(statusesOf(answer)).toEqual([200, 206, 206, 416, 200, 200, 404, 405]);
    for (const part of [
      "\r\n\r\n0123456789HTTP",
      "\r\n\r\n234HTTP",
      "\r\n\r\n789HTTP",
      "\r\n\r\ninHTTP",
      "bytes 2-4/10",
    ]) {
      expect(answer).toContain(part);
    }
  });

  it("lists a folder, with names escaped, to the depth that was asked for (RFC 4918 §9.1)", async () => {
    const hrefs = (answer: string): string[] =>
      [...answer.matchAll(/<D:href>(.*?)<\/D:href>/g)].map(([, href = ""]) => href);
    const folder = sample();
    expect(hrefs(await ask(folder, request("PROPFIND /", ["Depth: 1"])))).toEqual(["/", "/a.txt", "/sub/"]);
    expect(hrefs(await ask(folder, request("PROPFIND /", ["Depth: 0"], "<x/>")))).toEqual(["/"]);
    const sub = await ask(folder, request("PROPFIND /sub", ["Depth: 1"]));
    expect(hrefs(sub)).toEqual(["/sub/", "/sub/%3Cb%3E%26.txt"]);
    expect(sub).toContain("<D:displayname>&lt;b&gt;&amp;.txt</D:displayname>");
    expect(statusesOf(await ask(folder, request("PROPFIND /")))).toEqual([403]);
  });

  it("refuses each method that writes while the folder is shared for reading only", async () => {
    const folder = sample();
    const before = folder.files;
    const writes = [
      "PUT /n",
      "MKCOL /n",
      "DELETE /a.txt",
      "MOVE /a.txt",
      "COPY /a.txt",
      "LOCK /a.txt",
      "UNLOCK /a.txt",
      "PROPPATCH /a.txt",
    ];
    const answer = await ask(folder, ...writes.map((line) => request(line, ["Destination: /n"])), request("OPTIONS *"));
    expect(statusesOf(answer)).toEqual([...writes.map(() => 403), 200]);
    expect(answer).toContain("DAV: 1\r\n");
    expect(folder.files).toEqual(before);
  });

  it("writes, makes, copies, moves and removes where that is allowed", async () => {
    const folder = sample(true);
    const answer = await ask(
      folder,
      request("PUT /new.txt", [], "hello"),
      request("PUT /new.txt", ["Transfer-Encoding: chunked"]) + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
      request("PUT /new.txt", ["If-None-Match: *"], "no"),
      request("PUT /none/new.txt", [], "no"),
      request("MKCOL /made"),
      request("MKCOL /made"),
      request("COPY /sub", ["Destination: http://localhost:9843/made/copy"]),
      request("MOVE /a.txt", ["Destination: /new.txt", "Overwrite: F"]),
      request("MOVE /a.txt", ["Destination: /new.txt"]),
      request("MOVE /made", ["Destination: /made/in"]),
      request("DELETE /sub"),
      request("DELETE /"),
    );
    expect(statusesOf(answer)).toEqual([201, 204, 412, 409, 201, 405, 201, 412, 204, 403, 204, 403]);
    expect(folder.files).toEqual({
      "new.txt": "0123456789",
      made: undefined,
      "made/copy": undefined,
      "made/copy/<b>&.txt": "in",
    });
  });

  it("locks for one client against the others (RFC 4918 §6)", async () => {
    const folder = sample(true);
    const token = "<opaquelocktoken:00000000-0000-4000-8000-000000000001>";
    const answer = await ask(
      folder,
      request("LOCK /a.txt"),
      request("LOCK /a.txt"),
      request("PUT /a.txt", [], "no"),
      request("DELETE /a.txt", []),
      request("PUT /a.txt", [`If: (${token})`], "yes"),
      request("UNLOCK /a.txt", [`Lock-Token: ${token}`]),
      request("UNLOCK /a.txt", [`Lock-Token: ${token}`]),
      request("PUT /a.txt", [], "free"),
      request("LOCK /empty.txt"),
    );
    expect(statusesOf(answer)).toEqual([200, 423, 423, 423, 204, 204, 409, 204, 201]);
    expect(folder.files).toMatchObject({ "a.txt": "free", "empty.txt": "" });
  });

  it("answers what Windows sets on files, and refuses other properties (RFC 4918 §9.2)", async () => {
    const patch = (namespace: string): string =>
      request(
        "PROPPATCH /a.txt",
        [],
        `<D:propertyupdate xmlns:D="DAV:" xmlns:Z="${namespace}"><D:set><D:prop><Z:T>x</Z:T></D:prop></D:set></D:propertyupdate>`,
      );
    expect(await ask(sample(true), patch("urn:schemas-microsoft-com:"))).toContain("HTTP/1.1 200 OK</D:status>");
    expect(await ask(sample(true), patch("urn:other"))).toContain("HTTP/1.1 403 Forbidden</D:status>");
    expect(parsePropertyNames('<a:prop xmlns:a="DAV:"><x xmlns="n"/><a:y><in/></a:y></a:prop><z/>')).toEqual([
      { namespace: "n", name: "x" },
      { namespace: "DAV:", name: "y" },
    ]);
  });

  it("lets no path out of the folder", async () => {
    const targets = [
      "/../x",
      "/%2e%2e/x",
      "/sub/%2E./x",
      "/a%00",
      "/a%2f..%2fb",
      "/a%5cb",
      "/%ff",
      "a.txt",
      `/${"x".repeat(256)}`,
    ];
    const folder = sample(true);
    const gets = await ask(folder, ...targets.map((target) => request(`GET ${target}`)));
    const moves = await ask(folder, ...targets.map((target) => request("COPY /a.txt", [`Destination: ${target}`])));
    expect(statusesOf(gets)).toEqual([...targets.slice(1).map(() => 400), 414]);
    expect(statusesOf(moves)).toEqual([...targets.slice(1).map(() => 400), 414]);
  });

  it("ends a connection that does not speak HTTP, and one that is cut short leaves the file as it was", async () => {
    for (const text of [
      "hello\r\n\r\n",
      request("GET /", ["bad"]),
      request("GET /", ["Transfer-Encoding: gzip"]),
      "x".repeat(40_000),
    ]) {
      expect(await ask(sample(), text)).toMatch(/^HTTP\/1\.1 400 [^|]*\|$/);
    }
    const folder = sample(true);
    const guest = start(folder);
    push(guest, say(1, "PUT /a.txt HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
    expect((await guest.answers())["1"]).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    push(guest, say(1, "ab"));
    push(guest, say(1, ""));
    await guest.answers();
    expect([folder.files["a.txt"], guest.server.connectionCount]).toEqual(["0123456789", 0]);
  });

  it("refuses connections above the limit, and closes after the last answer", async () => {
    const guest = start(sample());
    for (let id = 0; id <= MAX_CONNECTIONS; id += 1) push(guest, say(id, "GET"));
    expect(await guest.answers()).toEqual({ [String(MAX_CONNECTIONS)]: "|" });
    push(guest, say(0, " /a.txt HTTP/1.1\r\nConnection: close\r\n\r\n"));
    expect((await guest.answers())["0"]).toMatch(/Connection: close\r\n\r\n0123456789\|$/);
    expect(guest.server.connectionCount).toBe(MAX_CONNECTIONS - 1);
  });

  it("holds the guest back while what it sent waits", async () => {
    const folder = sample(true);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { write } = folder;
    folder.write = async (path) => {
      await held;
      return write.call(folder, path);
    };
    const guest = start(folder);
    const size = HIGH_WATER_BYTES + 60_000;
    push(guest, say(1, `PUT /big HTTP/1.1\r\nContent-Length: ${String(size)}\r\n\r\n`));
    let room: Promise<void> | undefined;
    for (let sent = 0; sent < size; sent += 30_000)
      room = guest.receive(say(1, "x".repeat(Math.min(30_000, size - sent))));
    expect(room).toBeInstanceOf(Promise);
    release();
    await room;
    expect(statusesOf((await guest.answers())["1"] ?? "")).toEqual([201]);
  });

  it("does not depend on how the bytes were cut", async () => {
    const bytes = [
      say(7, request("GET /a.txt") + request("PUT /x", ["Transfer-Encoding: chunked"]) + "3\r\nabc\r\n0\r\n\r\n"),
      say(-8, request("PROPFIND /", ["Depth: 1"], "<x/>")),
      say(7, request("COPY /x", ["Destination: /y"]) + "bad\r\n\r\n"),
    ].flatMap((frame) => [...frame]);
    const feed = async (cuts: readonly number[]): Promise<unknown> => {
      const folder = sample(true);
      const guest = start(folder);
      const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
      let from = 0;
      for (const to of [...places, bytes.length]) {
        await guest.receive(Uint8Array.from(bytes.slice(from, to)));
        from = to;
      }
      const seven = (await guest.answers())["7"];
      return [seven, folder.files];
    };
    const whole = await feed([]);
    expect(JSON.stringify(whole)).toContain('"y":"abc"');
    expect(await feed(bytes.map((_, index) => index))).toEqual(whole);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 20 }), async (cuts) => {
        expect(await feed(cuts)).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it("takes any bytes without a failure, and leaves a folder that is shared for reading as it was", async () => {
    const words = fc.constantFrom(
      "GET ",
      "PUT ",
      "/a.txt",
      "/..",
      " HTTP/1.1",
      "\r\n",
      "\r\n\r\n",
      "Content-Length: 9",
      "Range: bytes=",
      ":",
      "%",
      "Transfer-Encoding: chunked",
    );
    const text = fc
      .array(fc.oneof(words, fc.string({ unit: "binary", maxLength: 8 })), { maxLength: 30 })
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            text.map((one) => say(3, one)),
            fc.uint8Array({ maxLength: 40 }),
          ),
          { maxLength: 6 },
        ),
        async (pieces) => {
          const folder = sample();
          const before = folder.files;
          const guest = start(folder);
          for (const piece of pieces) await guest.receive(piece);
          await guest.answers();
          guest.server.dispose();
          expect(folder.files).toEqual(before);
        },
      ),
      { numRuns: 150 },
    );
  });
});
