import { createCipheriv } from "node:crypto";

/** RFC 6143, 7.2.2 "VNC Authentication": the answer to a challenge. The key's bytes are mirrored, as every server does. */
export function vncAuthenticationAnswer(challenge: Uint8Array, password: string): Uint8Array {
  const key = Buffer.alloc(8);
  key.set(Buffer.from(password, "latin1").subarray(0, 8));
  for (const [at, byte] of key.entries()) key[at] = mirrored(byte);
  // Triple DES with one key three times is single DES, which OpenSSL 3 no longer offers by itself.
  const cipher = createCipheriv("des-ede3-ecb", Buffer.concat([key, key, key]), null).setAutoPadding(false);
  return Uint8Array.from(Buffer.concat([cipher.update(challenge), cipher.final()]));
}

function mirrored(byte: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) result |= 0x80 >> bit;
  return result;
}
