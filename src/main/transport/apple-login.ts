import { createCipheriv, createDiffieHellman, createHash, randomFillSync } from "node:crypto";
import type { DiffieHellmanChallenge, RfbLogin } from "../../protocols/rfb/client-handshake.ts";

const FIELD_BYTES = 64;

/** A field of the login: UTF-8, zero-terminated, the rest random. */
function fieldOf(text: string): Buffer {
  const field = randomFillSync(Buffer.alloc(FIELD_BYTES));
  const bytes = Buffer.from(text, "utf8").subarray(0, FIELD_BYTES - 1);
  bytes.copy(field);
  field[bytes.length] = 0;
  return field;
}

/**
 * The client's answer of Diffie-Hellman Authentication: credentials under AES-128-ECB with the MD5 of the shared secret, then
 * our public value. The weak parts are the protocol's. https://github.com/rfbproto/rfbproto/blob/master/rfbproto.rst#diffie-hellman-authentication
 */
export function answerDiffieHellman(challenge: DiffieHellmanChallenge, login: RfbLogin): Buffer {
  const keyBytes = challenge.prime.length;
  const exchange = createDiffieHellman(Buffer.from(challenge.prime), challenge.generator);
  exchange.generateKeys();
  const padded = (value: Buffer): Buffer => Buffer.concat([Buffer.alloc(keyBytes - value.length), value]);
  const secret = padded(exchange.computeSecret(challenge.publicValue));
  const key = createHash("md5").update(secret).digest();
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  const credentials = Buffer.concat([fieldOf(login.userName), fieldOf(login.password)]);
  return Buffer.concat([cipher.update(credentials), cipher.final(), padded(exchange.getPublicKey())]);
}
