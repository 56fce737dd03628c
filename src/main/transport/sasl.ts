import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { ProtocolError } from "../../protocols/bytes/protocol-error.ts";
import { createDigestMd5 } from "./sasl-digest-md5.ts";
import { type SaslCredentials, type SaslExchange } from "./sasl-exchange.ts";

export interface SaslOptions {
  /** TLS, SSH or a local socket: nobody can listen in. */
  readonly isPrivate: boolean;
  /** What is logged in to: "libvirt" and a host name, which DIGEST-MD5 wants to be told; without it that is not chosen. */
  readonly service?: { readonly name: string; readonly host: string };
  /** For tests. */
  readonly nonce?: string;
}

/** RFC 4616 */
function createPlain(credentials: SaslCredentials): SaslExchange {
  return {
    mechanism: "PLAIN",
    start: () => Buffer.from(`\0${credentials.userName}\0${credentials.password}`, "utf8"),
    step: () => Promise.resolve(new Uint8Array(0)),
  };
}

const NONCE_BYTES = 18;
/** RFC 7677 asks for 4,096 at least; a server that wants more than this only wants our processor. */
const MAX_SCRAM_ITERATIONS = 1_000_000;
/** "n,,": no channel binding and no other identity (RFC 5802 §7). */
const GS2_HEADER = "n,,";

const deriveKey = promisify(pbkdf2);

/** Attributes of a SCRAM message: "r=…,s=…,i=…". */
function scramAttributes(message: string): Map<string, string> {
  return new Map(message.split(",").map((part) => [part.slice(0, 1), part.slice(2)]));
}

function xorBytes(left: Uint8Array, right: Uint8Array): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}

/** RFC 5802 and RFC 7677, without channel binding. */
function createScram(
  mechanism: string,
  digest: "sha1" | "sha256" | "sha512",
  credentials: SaslCredentials,
  nonce: string,
): SaslExchange {
  const userName = credentials.userName.replaceAll("=", "=3D").replaceAll(",", "=2C");
  const clientFirst = `n=${userName},r=${nonce}`;
  const hmac = (key: Uint8Array, text: string): Buffer => createHmac(digest, key).update(text).digest();
  const keyBytes = createHash(digest).digest().length;
  let expectedSignature: Buffer | undefined;

  async function proveFirst(challenge: string): Promise<Uint8Array> {
    const attributes = scramAttributes(challenge);
    const serverNonce = attributes.get("r") ?? "";
    const salt = Buffer.from(attributes.get("s") ?? "", "base64");
    const iterations = Number(attributes.get("i"));
    if (!serverNonce.startsWith(nonce) || serverNonce.length === nonce.length || salt.length === 0) {
      throw new ProtocolError("malformed", "its SCRAM challenge does not answer ours");
    }
    if (!Number.isInteger(iterations) || iterations < 1 || iterations > MAX_SCRAM_ITERATIONS) {
      throw new ProtocolError("limit", "its SCRAM challenge wants too many rounds");
    }
    const salted = await deriveKey(credentials.password.normalize("NFKC"), salt, iterations, keyBytes, digest);
    const clientKey = hmac(salted, "Client Key");
    const storedKey = createHash(digest).update(clientKey).digest();
    const withoutProof = `c=${Buffer.from(GS2_HEADER).toString("base64")},r=${serverNonce}`;
    const authMessage = `${clientFirst},${challenge},${withoutProof}`;
    const proof = xorBytes(clientKey, hmac(storedKey, authMessage));
    expectedSignature = hmac(hmac(salted, "Server Key"), authMessage);
    return Buffer.from(`${withoutProof},p=${proof.toString("base64")}`);
  }

  function verify(challenge: string, expected: Buffer): Uint8Array {
    const signature = Buffer.from(scramAttributes(challenge).get("v") ?? "", "base64");
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new ProtocolError("malformed", "it could not prove that it knows the password");
    }
    return new Uint8Array(0);
  }

  return {
    mechanism,
    start: () => Buffer.from(GS2_HEADER + clientFirst),
    step: async (challenge) => {
      const text = Buffer.from(challenge).toString("utf8");
      return expectedSignature === undefined ? proveFirst(text) : verify(text, expectedSignature);
    },
  };
}

/**
 * The best exchange that both sides know; undefined when there is none. PLAIN shows the password to whoever listens, and
 * DIGEST-MD5 makes it easy to guess; they are taken only where nobody can listen.
 */
export function chooseSaslExchange(
  offered: readonly string[],
  credentials: SaslCredentials,
  options: SaslOptions,
): SaslExchange | undefined {
  const nonce = options.nonce ?? randomBytes(NONCE_BYTES).toString("base64");
  if (offered.includes("SCRAM-SHA-512")) return createScram("SCRAM-SHA-512", "sha512", credentials, nonce);
  if (offered.includes("SCRAM-SHA-256")) return createScram("SCRAM-SHA-256", "sha256", credentials, nonce);
  if (offered.includes("SCRAM-SHA-1")) return createScram("SCRAM-SHA-1", "sha1", credentials, nonce);
  if (!options.isPrivate) return undefined;
  if (options.service !== undefined && offered.includes("DIGEST-MD5")) {
    const digestUri = `${options.service.name}/${options.service.host}`;
    return createDigestMd5({ credentials, digestUri, clientNonce: nonce });
  }
  if (offered.includes("PLAIN")) return createPlain(credentials);
  return undefined;
}

/** Whether `chooseSaslExchange` would find one; asked before anybody is asked for a password. */
export function knowsSaslMechanism(offered: readonly string[], options: SaslOptions): boolean {
  return chooseSaslExchange(offered, { userName: "", password: "" }, options) !== undefined;
}
