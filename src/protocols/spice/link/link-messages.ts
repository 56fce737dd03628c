import { ProtocolError } from "../../bytes/protocol-error.ts";
import { LINK_ERROR } from "../constants/link-error.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { CLIENT_COMMON_CAPABILITIES, MAX_CAPABILITY_WORDS } from "./capabilities.ts";

/**
 * The messages with which each channel begins (spice-protocol, spice/protocol.h: SpiceLinkHeader, SpiceLinkMess,
 * SpiceLinkReply). All numbers are little-endian.
 */

/** "REDQ" as the header's first number. */
const LINK_MAGIC = 0x51444552;
/** The protocol that everybody speaks since 2010; its minor version changed nothing on the wire. */
const MAJOR_VERSION = 2;
const MINOR_VERSION = 2;

export const LINK_HEADER_BYTES = 16;
/** DER of a SubjectPublicKeyInfo with an RSA key of 1024 bits (SPICE_TICKET_PUBKEY_BYTES). */
export const TICKET_KEY_BYTES = 162;
/** SpiceLinkReply up to its capabilities. */
export const LINK_REPLY_BYTES = 4 + TICKET_KEY_BYTES + 12;
/** SpiceLinkMess up to its capabilities. */
const LINK_MESSAGE_BYTES = 18;
/** A reply has some 200 bytes. */
const MAX_LINK_REPLY_BYTES = 4096;

export interface LinkRequest {
  /** 0 begins a session (main channel only); else the session id that the main channel's init message gave. */
  readonly connectionId: number;
  readonly channelType: number;
  readonly channelId: number;
  /** The channel's own capability words. */
  readonly channelCapabilities: readonly number[];
}

/** SpiceLinkHeader and SpiceLinkMess. */
export function encodeLinkMessage(request: LinkRequest): Uint8Array<ArrayBuffer> {
  const { connectionId, channelType, channelId, channelCapabilities } = request;
  const words = [...CLIENT_COMMON_CAPABILITIES, ...channelCapabilities];
  const writer = new SpiceWriter()
    .u32(LINK_MAGIC)
    .u32(MAJOR_VERSION)
    .u32(MINOR_VERSION)
    .u32(LINK_MESSAGE_BYTES + 4 * words.length)
    .u32(connectionId)
    .u8(channelType)
    .u8(channelId)
    .u32(CLIENT_COMMON_CAPABILITIES.length)
    .u32(channelCapabilities.length)
    .u32(LINK_MESSAGE_BYTES);
  for (const word of words) writer.u32(word);
  return writer.finish();
}

/** Reads a server's SpiceLinkHeader; gives the length of the SpiceLinkReply that follows, in bytes. */
export function parseLinkHeader(header: Uint8Array): number {
  const reader = new SpiceReader(header);
  if (reader.u32() !== LINK_MAGIC) throw new ProtocolError("mismatch", "the first bytes are not SPICE's");
  const major = reader.u32();
  if (major !== MAJOR_VERSION) throw new ProtocolError("mismatch", `it speaks version ${major} of SPICE`);
  reader.skip(4);
  const length = reader.u32();
  if (length < LINK_REPLY_BYTES) throw new ProtocolError("malformed", "its link reply is too short");
  if (length > MAX_LINK_REPLY_BYTES) throw new ProtocolError("limit", `its link reply has ${length} bytes`);
  return length;
}

export interface LinkReply {
  /** LINK_ERROR; with any other than `ok` the rest means nothing. */
  readonly error: number;
  /** For the ticket; zeros from a server that wants none. */
  readonly publicKey: Uint8Array;
  readonly commonCapabilities: readonly number[];
  readonly channelCapabilities: readonly number[];
}

/** Reads a SpiceLinkReply, without its header. */
export function parseLinkReply(body: Uint8Array): LinkReply {
  const reader = new SpiceReader(body);
  const error = reader.u32();
  const publicKey = reader.bytes(TICKET_KEY_BYTES);
  const commonCount = reader.u32();
  const channelCount = reader.u32();
  const offset = reader.u32();
  if (error !== LINK_ERROR.ok) return { error, publicKey, commonCapabilities: [], channelCapabilities: [] };
  if (commonCount > MAX_CAPABILITY_WORDS || channelCount > MAX_CAPABILITY_WORDS) {
    throw new ProtocolError("limit", "its link reply has too many capabilities");
  }
  const words = reader.at(offset);
  const read = (count: number): number[] => Array.from({ length: count }, () => words.u32());
  const commonCapabilities = read(commonCount);
  return { error, publicKey, commonCapabilities, channelCapabilities: read(channelCount) };
}
