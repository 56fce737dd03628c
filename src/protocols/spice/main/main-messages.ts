import { ProtocolError } from "../../bytes/protocol-error.ts";
import { type ChannelKind, channelKindOf } from "../constants/channel-kind.ts";
import type { SpiceReader } from "../wire/spice-reader.ts";

/** Parses the server's messages of the main channel (spice.proto, "MainChannel"). Each throws ProtocolError only. */

/** A connection has at most one channel of each kind and u8 id; servers have a dozen. */
export const MAX_LISTED_CHANNELS = 256;

/** A host name or a certificate's subject in a migration. */
export const MAX_TARGET_TEXT_BYTES = 1024;

/** The guest's name. */
export const MAX_NAME_BYTES = 1024;

/** "mouse_mode": in server mode the client sends motions, in client mode positions. */
export type MouseMode = "server" | "client";

const SERVER_MOUSE = 1;
const CLIENT_MOUSE = 2;

export interface ListedChannel {
  readonly kind: ChannelKind;
  readonly channelId: number;
}

/** "DstInfo": the other host of a migration. */
export interface MigrationTarget {
  readonly host: string;
  /** Undefined: no unencrypted port. */
  readonly port: number | undefined;
  readonly securePort: number | undefined;
  /** The subject that the other host's certificate must have instead of a host name. */
  readonly certificateSubject: string | undefined;
}

export interface MainInit {
  /** The connection id that the link of every other channel carries. */
  readonly sessionId: number;
  /** How many display channels there will be, as a hint. */
  readonly displayChannelsHint: number;
  readonly supportedMouseModes: readonly MouseMode[];
  readonly mouseMode: MouseMode;
  readonly isAgentConnected: boolean;
  /** Pieces of agent data that may be sent before the server grants more. */
  readonly agentTokens: number;
  /** The server's multimedia time, in milliseconds; wraps at 2^32. */
  readonly mediaTimeMs: number;
  /** Video memory of the guest, in bytes, to size caches by; a hint. */
  readonly ramHintBytes: number;
}

export function parseMainInit(reader: SpiceReader): MainInit {
  return {
    sessionId: reader.u32(),
    displayChannelsHint: reader.u32(),
    supportedMouseModes: mouseModesOf(reader.u32()),
    mouseMode: mouseModeOf(reader.u32()),
    isAgentConnected: reader.u32() !== 0,
    agentTokens: reader.u32(),
    mediaTimeMs: reader.u32(),
    ramHintBytes: reader.u32(),
  };
}

/** Channels of kinds that this client does not know are left out. */
export function parseChannelsList(reader: SpiceReader): ListedChannel[] {
  const count = reader.u32();
  if (count > MAX_LISTED_CHANNELS) throw new ProtocolError("limit", `a list of ${String(count)} channels`);
  const channels: ListedChannel[] = [];
  for (let index = 0; index < count; index += 1) {
    const kind = channelKindOf(reader.u8());
    const channelId = reader.u8();
    if (kind !== undefined) channels.push({ kind, channelId });
  }
  return channels;
}

export function parseMouseMode(reader: SpiceReader): { supported: readonly MouseMode[]; current: MouseMode } {
  return { supported: mouseModesOf(reader.u16()), current: mouseModeOf(reader.u16()) };
}

export function mouseModeBits(mode: MouseMode): number {
  return mode === "client" ? CLIENT_MOUSE : SERVER_MOUSE;
}

/** Ports, then host and subject: a length and the offset of a text that ends with a zero byte. */
export function parseMigrationTarget(reader: SpiceReader): MigrationTarget {
  const port = portOf(reader.u16());
  const securePort = portOf(reader.u16());
  const host = parseTextElsewhere(reader);
  const subject = parseTextElsewhere(reader);
  if (host === "") throw new ProtocolError("malformed", "the other host has no name");
  if (port === undefined && securePort === undefined)
    throw new ProtocolError("malformed", "the other host has no port");
  return {
    host,
    port,
    securePort,
    certificateSubject: subject === "" ? undefined : subject,
  };
}

/** 0, and -1 as a u16: QEMU 7.2 sends the latter for a port that client_migrate_info was not given. */
function portOf(port: number): number | undefined {
  return port === 0 || port === 0xffff ? undefined : port;
}

export function parseName(reader: SpiceReader): string {
  const length = reader.u32();
  if (length > MAX_NAME_BYTES) throw new ProtocolError("limit", `a name of ${String(length)} bytes`);
  return textOf(reader.bytes(length));
}

/** "8-4-4-4-12" hexadecimal digits. */
export function parseUuid(reader: SpiceReader): string {
  const digits = Array.from(reader.bytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function parseTextElsewhere(reader: SpiceReader): string {
  const length = reader.u32();
  const offset = reader.u32();
  if (length === 0 || offset === 0) return "";
  if (length > MAX_TARGET_TEXT_BYTES) throw new ProtocolError("limit", `a text of ${String(length)} bytes`);
  return textOf(reader.at(offset).bytes(length));
}

/** Up to the zero byte, if there is one. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

function mouseModesOf(bits: number): MouseMode[] {
  const modes: MouseMode[] = [];
  if ((bits & SERVER_MOUSE) !== 0) modes.push("server");
  if ((bits & CLIENT_MOUSE) !== 0) modes.push("client");
  return modes;
}

function mouseModeOf(bits: number): MouseMode {
  if (bits === CLIENT_MOUSE) return "client";
  if (bits === SERVER_MOUSE) return "server";
  throw new ProtocolError("malformed", `mouse mode ${String(bits)}`);
}
