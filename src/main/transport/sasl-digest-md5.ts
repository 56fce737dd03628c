import { createHash, timingSafeEqual } from "node:crypto";
import { ProtocolError } from "../../protocols/bytes/protocol-error.ts";
import { type SaslCredentials, type SaslExchange } from "./sasl-exchange.ts";

/**
 * DIGEST-MD5 (RFC 2831) with quality of protection "auth": the login alone. MD5 is no shield against a listener who guesses
 * passwords, so it is the last choice among those that do not show the password.
 */

/** RFC 2831 §2.1: a challenge is at most this long. */
const MAX_CHALLENGE_BYTES = 2048;
/** RFC 2831 §2.1.2: each nonce is used once here. */
const NONCE_COUNT = "00000001";

const md5 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (bytes: Buffer): string => bytes.toString("hex");

/** RFC 2831 §7.1: name=value and name="value" with commas between; a name may come again, so all values are kept. */
function directivesOf(challenge: string): Map<string, string[]> {
  const valuesByName = new Map<string, string[]>();
  let rest = challenge;
  while (rest.trim() !== "") {
    const match = /^[\s,]*([A-Za-z][A-Za-z0-9-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))\s*(?:,|$)/s.exec(rest);
    if (match === null) {
      // Only commas and white space are left, which a list may end with.
      if (/^[\s,]*$/.test(rest)) break;
      throw new ProtocolError("malformed", "its DIGEST-MD5 challenge is not a list of directives");
    }
    const name = (match[1] ?? "").toLowerCase();
    const value = match[2]?.replaceAll(/\\(.)/gs, "$1") ?? match[3] ?? "";
    valuesByName.set(name, [...(valuesByName.get(name) ?? []), value]);
    rest = rest.slice(match[0].length);
  }
  return valuesByName;
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;

export interface DigestMd5Options {
  readonly credentials: SaslCredentials;
  /** What is logged in to, as the server calls itself: "libvirt/host.example". */
  readonly digestUri: string;
  readonly clientNonce: string;
}

/** Breaks with ProtocolError, also when the server wants the whole connection signed or encrypted by DIGEST-MD5. */
export function createDigestMd5(options: DigestMd5Options): SaslExchange {
  const { credentials, digestUri, clientNonce } = options;
  let expectedAnswer: string | undefined;

  function answer(challenge: string): Uint8Array {
    const directives = directivesOf(challenge);
    const one = (name: string): string | undefined => {
      const values = directives.get(name) ?? [];
      if (values.length > 1 && name !== "realm") {
        throw new ProtocolError("malformed", `its DIGEST-MD5 challenge has ${name} twice`);
      }
      return values[0];
    };
    const nonce = one("nonce");
    if (nonce === undefined || nonce === "" || one("algorithm") !== "md5-sess") {
      throw new ProtocolError("malformed", "its DIGEST-MD5 challenge has no nonce or another algorithm");
    }
    const qualities = (one("qop") ?? "auth").split(/[\s,]+/);
    if (!qualities.includes("auth")) {
      throw new ProtocolError(
        "malformed",
        "it wants DIGEST-MD5 to encrypt the connection too; TLS or SSH do that better",
      );
    }
    const charset = one("charset") === "utf-8" ? "utf8" : "latin1";
    const encode = (text: string): Buffer => Buffer.from(text, charset);
    const { userName, password } = credentials;
    const realm = one("realm") ?? "";
    // RFC 2831 §2.1.2.1.
    const secret = md5(encode(`${userName}:${realm}:${password}`));
    const a1 = md5(secret, `:${nonce}:${clientNonce}`);
    const proofFor = (a2: string): string =>
      hex(md5(`${hex(a1)}:${nonce}:${NONCE_COUNT}:${clientNonce}:auth:${hex(md5(a2))}`));
    expectedAnswer = proofFor(`:${digestUri}`);
    const parts = [
      ...(charset === "utf8" ? ["charset=utf-8"] : []),
      `username=${quoted(userName)}`,
      ...(directives.has("realm") ? [`realm=${quoted(realm)}`] : []),
      `nonce=${quoted(nonce)}`,
      `nc=${NONCE_COUNT}`,
      `cnonce=${quoted(clientNonce)}`,
      `digest-uri=${quoted(digestUri)}`,
      "qop=auth",
      `response=${proofFor(`AUTHENTICATE:${digestUri}`)}`,
    ];
    return encode(parts.join(","));
  }

  /** RFC 2831 §2.1.3: the server proves that it knows the password too. */
  function verify(challenge: string, expected: string): Uint8Array {
    const given = Buffer.from(directivesOf(challenge).get("rspauth")?.[0] ?? "");
    const wanted = Buffer.from(expected);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      throw new ProtocolError("malformed", "it could not prove that it knows the password");
    }
    return new Uint8Array(0);
  }

  return {
    mechanism: "DIGEST-MD5",
    // The server speaks first (RFC 2831 §2.1).
    start: () => undefined,
    step: (challenge) =>
      new Promise((resolve) => {
        if (challenge.length > MAX_CHALLENGE_BYTES) {
          throw new ProtocolError("limit", "its DIGEST-MD5 challenge is too long");
        }
        const text = Buffer.from(challenge).toString("utf8");
        resolve(expectedAnswer === undefined ? answer(text) : verify(text, expectedAnswer));
      }),
  };
}
