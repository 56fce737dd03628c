import type { ByteQueue } from "../../bytes/byte-queue.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { COMMON_CAPABILITY, hasCapability } from "../constants/capabilities.ts";
import { describeLinkError, LINK_ERROR } from "../constants/link-error.ts";
import { SpiceReader } from "./spice-reader.ts";

/** "REDQ", SPICE_MAGIC of protocol.h, as a little-endian number. */
const MAGIC = 0x51444552;

/** SPICE_VERSION_MAJOR. Version 1 was never in wide use and is another protocol. */
const MAJOR_VERSION = 2;

/** SpiceLinkHeader. */
const HEADER_BYTES = 16;

/** SPICE_TICKET_PUBKEY_BYTES: the server's key for the ticket, of no use here any more. */
const PUBLIC_KEY_BYTES = 162;

/** A reply is 178 bytes and a few words; QEMU's has 186. */
export const MAX_LINK_REPLY_BYTES = 4096;

export interface LinkCapabilities {
  /** Words of COMMON_CAPABILITY bits that the server has. */
  readonly common: readonly number[];
  /** Words of the channel's own bits. */
  readonly channel: readonly number[];
}

/**
 * Takes the beginning of a channel's stream as the host process passes it on: SpiceLinkHeader, SpiceLinkReply with the
 * capabilities, and the u32 link result (protocol.h). The login between them was done by the host process. Undefined
 * while bytes are missing; then nothing is taken. Throws ProtocolError "mismatch" where no SPICE server speaks, and
 * "malformed" at a refusal, which the host process never passes on.
 */
export function takeLinkReply(inbox: ByteQueue): LinkCapabilities | undefined {
  const head = inbox.peek(HEADER_BYTES);
  if (head === undefined) return undefined;
  const header = new SpiceReader(head);
  if (header.u32() !== MAGIC) throw new ProtocolError("mismatch", "link: the stream does not begin with REDQ");
  const major = header.u32();
  if (major !== MAJOR_VERSION) {
    throw new ProtocolError("mismatch", `link: the server speaks version ${String(major)} of the protocol`);
  }
  header.skip(4);
  const size = header.u32();
  if (size > MAX_LINK_REPLY_BYTES) throw new ProtocolError("limit", `link: a reply of ${String(size)} bytes`);
  const whole = inbox.read(HEADER_BYTES + size + 4);
  if (whole === undefined) return undefined;
  const body = whole.subarray(HEADER_BYTES, HEADER_BYTES + size);
  const capabilities = parseReply(body);
  const result = new SpiceReader(whole, HEADER_BYTES + size).u32();
  if (result !== LINK_ERROR.ok) throw new ProtocolError("malformed", `link: ${describeLinkError(result)}`);
  return capabilities;
}

function parseReply(body: Uint8Array): LinkCapabilities {
  const reader = new SpiceReader(body);
  const error = reader.u32();
  if (error !== LINK_ERROR.ok) throw new ProtocolError("malformed", `link: ${describeLinkError(error)}`);
  reader.skip(PUBLIC_KEY_BYTES);
  const commonCount = reader.u32();
  const channelCount = reader.u32();
  const words = reader.at(reader.u32());
  // Reading ends at the body's end, MAX_LINK_REPLY_BYTES, whatever the counts say.
  const readWords = (count: number): number[] => {
    if (count * 4 > words.remaining) throw new ProtocolError("malformed", "link: more capabilities than bytes");
    return Array.from({ length: count }, () => words.u32());
  };
  return { common: readWords(commonCount), channel: readWords(channelCount) };
}

/** Whether messages carry the short header, which both sides must want; the host process always asks for it. */
export function hasMiniHeader(capabilities: LinkCapabilities): boolean {
  return hasCapability(capabilities.common, COMMON_CAPABILITY.miniHeader);
}
