import { ProtocolError } from "../../protocols/bytes/protocol-error.ts";

/** SPICE_MAX_PASSWORD_LENGTH (spice/protocol.h), in bytes; a server compares no more. */
export const MAX_SPICE_PASSWORD_BYTES = 60;

const ALGORITHM = { name: "RSA-OAEP", hash: "SHA-1" } as const;

/** The ticket of a link: the password and its NUL, readable only for the server that made the key. Breaks with ProtocolError. */
export async function encryptSpiceTicket(publicKey: Uint8Array, password: string): Promise<Uint8Array> {
  const { subtle } = globalThis.crypto;
  let key;
  try {
    key = await subtle.importKey("spki", Uint8Array.from(publicKey), ALGORITHM, false, ["encrypt"]);
  } catch {
    throw new ProtocolError("malformed", "the key for its ticket is not an RSA key");
  }
  try {
    return new Uint8Array(await subtle.encrypt(ALGORITHM.name, key, new TextEncoder().encode(`${password}\0`)));
  } catch {
    throw new ProtocolError("malformed", "the key for its ticket cannot encrypt one");
  }
}
