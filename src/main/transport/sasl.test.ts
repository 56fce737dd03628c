import { describe, expect, it } from "vitest";
import { chooseSaslExchange } from "./sasl.ts";

const CREDENTIALS = { userName: "user", password: "pencil" };
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("utf8");

describe("SASL", () => {
  // The example of RFC 7677 §3.
  const NONCE = "rOprNGfwEbeRWgbNEkqO";
  const SERVER_FIRST = `r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
  const scram = () => chooseSaslExchange(["PLAIN", "SCRAM-SHA-256"], CREDENTIALS, { isPrivate: true, nonce: NONCE })!;

  it("proves the password as in the example of RFC 7677", async () => {
    const exchange = scram();
    expect(text(exchange.start())).toBe(`n,,n=user,r=${NONCE}`);
    expect(text(await exchange.step(Buffer.from(SERVER_FIRST)))).toBe(
      `c=biws,r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
    );
    const final = Buffer.from("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    expect(await exchange.step(final)).toHaveLength(0);
  });

  it("refuses a server that cannot prove that it knows the password", async () => {
    const exchange = scram();
    await exchange.step(Buffer.from(SERVER_FIRST));
    await expect(exchange.step(Buffer.from("v=AAAA"))).rejects.toMatchObject({ reason: "malformed" });
  });

  it.each([
    ["another nonce", "r=other,s=W22ZaJ0S,i=4096", "malformed"],
    ["too many rounds", `r=${NONCE}x,s=W22ZaJ0S,i=2000000000`, "limit"],
    ["nothing", "", "malformed"],
  ])("refuses a challenge with %s", async (_, challenge, reason) => {
    await expect(scram().step(Buffer.from(challenge))).rejects.toMatchObject({ name: "ProtocolError", reason });
  });

  it("shows the password in the clear only where nobody can listen", () => {
    expect(text(chooseSaslExchange(["PLAIN"], CREDENTIALS, { isPrivate: true })!.start())).toBe("\0user\0pencil");
    expect(chooseSaslExchange(["PLAIN"], CREDENTIALS, { isPrivate: false })).toBeUndefined();
    const service = { name: "libvirt", host: "rack-a" };
    expect(chooseSaslExchange(["GSSAPI", "DIGEST-MD5"], CREDENTIALS, { isPrivate: false, service })).toBeUndefined();
    expect(chooseSaslExchange(["GSSAPI", "DIGEST-MD5"], CREDENTIALS, { isPrivate: true })).toBeUndefined();
    expect(chooseSaslExchange(["DIGEST-MD5", "PLAIN"], CREDENTIALS, { isPrivate: true, service })?.mechanism).toBe(
      "DIGEST-MD5",
    );
  });
});
