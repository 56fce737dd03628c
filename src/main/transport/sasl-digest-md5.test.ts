import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../protocols/bytes/protocol-error.ts";
import { createDigestMd5 } from "./sasl-digest-md5.ts";
import { type SaslExchange } from "./sasl-exchange.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const bytes = (value: string): Uint8Array => Buffer.from(value);

// The example of RFC 2831 §4.
const CHALLENGE = 'realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8';
const create = (credentials = { userName: "chris", password: "secret" }): SaslExchange =>
  createDigestMd5({ credentials, digestUri: "imap/elwood.innosoft.com", clientNonce: "OA6MHXh6VqTrRk" });

describe("DIGEST-MD5", () => {
  it("answers the example of RFC 2831, and believes the server that answers back", async () => {
    const exchange = create();
    expect(exchange.start()).toBeUndefined();
    expect(text(await exchange.step(bytes(CHALLENGE))).split(",")).toEqual([
      "charset=utf-8",
      'username="chris"',
      'realm="elwood.innosoft.com"',
      'nonce="OA6MG9tEQGm2hh"',
      "nc=00000001",
      'cnonce="OA6MHXh6VqTrRk"',
      'digest-uri="imap/elwood.innosoft.com"',
      "qop=auth",
      "response=d388dad90d4bbd760a152321f2143af7",
    ]);
    expect(await exchange.step(bytes("rspauth=ea40f60335c427b5527b84dbabcdfffd"))).toHaveLength(0);
  });

  it("refuses a server that cannot prove that it knows the password", async () => {
    for (const proof of ["rspauth=ea40f60335c427b5527b84dbabcdfffe", "", "rspauth="]) {
      const exchange = create();
      await exchange.step(bytes(CHALLENGE));
      await expect(exchange.step(bytes(proof))).rejects.toMatchObject({ reason: "malformed" });
    }
  });

  it("quotes what a name may hold, and takes the first of several realms", async () => {
    const exchange = create({ userName: 'a"b\\c', password: "x" });
    const answer = text(await exchange.step(bytes(`realm="one, \\"two\\"",realm="three",${CHALLENGE.slice(28)}`)));
    expect(answer).toContain('username="a\\"b\\\\c"');
    expect(answer).toContain('realm="one, \\"two\\"",nonce=');
  });

  it("takes names and realms without a charset for Latin-1", async () => {
    const answer = await create({ userName: "jürgen", password: "x" }).step(
      bytes('nonce="n",qop="auth",algorithm=md5-sess'),
    );
    expect(Buffer.from(answer).toString("latin1")).toMatch(/^username="jürgen",nonce="n"/);
  });

  it.each([
    ["without a nonce", 'qop="auth",algorithm=md5-sess'],
    ["of another algorithm", 'nonce="n",qop="auth",algorithm=md5'],
    ["with two nonces", 'nonce="n",nonce="m",qop="auth",algorithm=md5-sess'],
    ["that wants encryption", 'nonce="n",qop="auth-conf",algorithm=md5-sess'],
    ["with an open quote", 'nonce="n'],
    ["of other words", "hello, world"],
  ])("refuses a challenge %s", async (_, challenge) => {
    await expect(create().step(bytes(challenge))).rejects.toMatchObject({ name: "ProtocolError", reason: "malformed" });
  });

  it("refuses a challenge above the RFC's length", async () => {
    await expect(create().step(new Uint8Array(2049))).rejects.toMatchObject({ reason: "limit" });
  });

  it("ends any bytes in an answer or a ProtocolError", async () => {
    const challenge = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.string({ maxLength: 40 }), fc.nat(CHALLENGE.length))
        .map(([noise, at]) => bytes(CHALLENGE.slice(0, at) + noise + CHALLENGE.slice(at))),
    );
    await fc.assert(
      fc.asyncProperty(challenge, async (given) => {
        try {
          expect(await create().step(given)).toBeInstanceOf(Uint8Array);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
