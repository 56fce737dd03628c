import { ProtocolError } from "../bytes/protocol-error.ts";

/** ProtocolVersion messages (RFB, section 7.1.1). */
export const VERSION_BYTES = 12;

/** The only versions there are; anything else is read as one of them. */
export type RfbVersion = "3.3" | "3.7" | "3.8";

const TEXT_BY_VERSION: Readonly<Record<RfbVersion, string>> = {
  "3.3": "RFB 003.003\n",
  "3.7": "RFB 003.007\n",
  "3.8": "RFB 003.008\n",
};

/** Throws ProtocolError "mismatch" when it is not RFB. */
export function parseVersion(bytes: Uint8Array): { major: number; minor: number } {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const match = /^RFB (\d{3})\.(\d{3})\n$/.exec(text);
  if (match === null) throw new ProtocolError("mismatch", "the first bytes are not a ProtocolVersion");
  return { major: Number(match[1]), minor: Number(match[2]) };
}

export function encodeVersion(version: RfbVersion): Uint8Array {
  return new TextEncoder().encode(TEXT_BY_VERSION[version]);
}

/**
 * The version to speak with a server that offers these bytes, and our answer. Apple (003.889), RealVNC (004.001, 005.000)
 * and others that count on speak 3.8; odd small ones (3.5, 3.6) are 3.3, as the specification says.
 */
export function agreeVersion(offered: Uint8Array): { version: RfbVersion; answer: Uint8Array } {
  const { major, minor } = parseVersion(offered);
  if (major < 3)
    throw new ProtocolError("mismatch", `RFB ${String(major)}.${String(minor)} is not a console's version`);
  const version = major > 3 || minor >= 8 ? "3.8" : minor === 7 ? "3.7" : "3.3";
  return { version, answer: encodeVersion(version) };
}
