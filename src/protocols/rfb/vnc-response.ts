import { encryptDesBlock } from "./des.ts";

/** VNC Authentication's answer (RFB, section 7.2.2 "VNC Authentication"). */
export const CHALLENGE_BYTES = 16;

/** The password cut or padded to eight bytes, each byte's bits in reverse, is the DES key. */
export function vncResponse(password: string, challenge: Uint8Array): Uint8Array {
  const key = new Uint8Array(8);
  key.set(passwordBytes(password).subarray(0, 8));
  const reversed = key.map((byte) => {
    let mirrored = 0;
    for (let bit = 0; bit < 8; bit += 1) if (byte & (1 << bit)) mirrored |= 0x80 >> bit;
    return mirrored;
  });
  const response = new Uint8Array(CHALLENGE_BYTES);
  response.set(encryptDesBlock(reversed, challenge.subarray(0, 8)), 0);
  response.set(encryptDesBlock(reversed, challenge.subarray(8, 16)), 8);
  return response;
}

/** Latin-1, as the specification asks of old strings; what does not fit in it goes as UTF-8, as servers on UTF-8 systems expect. */
function passwordBytes(password: string): Uint8Array {
  const codes = Array.from(password, (character) => character.codePointAt(0) ?? 0);
  return codes.every((code) => code <= 0xff) ? Uint8Array.from(codes) : new TextEncoder().encode(password);
}
