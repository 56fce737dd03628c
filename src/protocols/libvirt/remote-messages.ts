import { XdrReader, XdrWriter } from "./xdr.ts";
import { PROCEDURE } from "./remote-procedures.ts";

/** REMOTE_STRING_MAX */
export const MAX_STRING_BYTES = 4 * 1024 * 1024;
/** REMOTE_DOMAIN_LIST_MAX */
export const MAX_LISTED_DOMAINS = 16_384;
/** REMOTE_AUTH_TYPE_LIST_MAX */
const MAX_AUTH_TYPES = 20;
/** REMOTE_AUTH_SASL_DATA_MAX */
export const MAX_SASL_BYTES = 65_536;
/** VIR_UUID_BUFLEN */
const UUID_BYTES = 16;

const TEXT = { maxBytes: MAX_STRING_BYTES };

/** remote_nonnull_domain: how a call names a domain and a reply gives one. */
export interface RemoteDomain {
  readonly name: string;
  /** Lower case with hyphens, as in the domain XML. */
  readonly uuid: string;
  /** -1 while it does not run. */
  readonly id: number;
}

/** remote_error, the part that says something. */
export interface RemoteError {
  /** virErrorNumber */
  readonly code: number;
  /** virErrorDomain: which part of libvirt speaks. */
  readonly domain: number;
  readonly message: string;
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function uuidBytes(text: string): Uint8Array {
  const hex = text.replaceAll("-", "");
  return Uint8Array.from({ length: UUID_BYTES }, (_, index) => parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}

function readDomain(reader: XdrReader): RemoteDomain {
  return { name: reader.string(TEXT), uuid: uuidText(reader.fixedOpaque(UUID_BYTES)), id: reader.int() };
}

function writeDomain(writer: XdrWriter, domain: RemoteDomain): XdrWriter {
  return writer.string(domain.name).fixedOpaque(uuidBytes(domain.uuid)).int(domain.id);
}

/** One call of the remote program: its number, how its arguments are written and its reply is read. */
export interface RemoteCall<Arguments, Reply> {
  readonly procedure: number;
  encode(args: Arguments): Uint8Array<ArrayBuffer>;
  decode(payload: Uint8Array): Reply;
}

function remoteCall<Arguments, Reply>(
  procedure: number,
  write: (writer: XdrWriter, args: Arguments) => void,
  read: (reader: XdrReader) => Reply,
): RemoteCall<Arguments, Reply> {
  return {
    procedure,
    encode(args) {
      const writer = new XdrWriter();
      write(writer, args);
      return writer.finish();
    },
    decode: (payload) => read(new XdrReader(payload)),
  };
}

/** Arguments of a call that has none, and the reply that says nothing. */
export type Nothing = undefined;

const nothing = (): undefined => undefined;

interface DomainArguments {
  readonly domain: RemoteDomain;
}

const domainCall = (procedure: number): RemoteCall<DomainArguments, undefined> =>
  remoteCall(procedure, (writer, { domain }: DomainArguments) => writeDomain(writer, domain), nothing);

const domainCallWithFlags = (procedure: number): RemoteCall<DomainArguments, undefined> =>
  remoteCall(procedure, (writer, { domain }: DomainArguments) => writeDomain(writer, domain).unsignedInt(0), nothing);

/** What a SASL exchange carries. Absent data and empty data differ in SASL, so libvirt sends which it is. */
interface SaslReply {
  readonly isComplete: boolean;
  readonly data: Uint8Array | undefined;
}

/** `char data<>` in remote_protocol.x: an array whose items are single bytes, each as wide as a number (RFC 4506 §4.13). */
function writeSaslData(writer: XdrWriter, data: Uint8Array | undefined): void {
  writer.int(data === undefined ? 1 : 0).unsignedInt(data?.length ?? 0);
  for (const byte of data ?? []) writer.int(byte);
}

function readSaslReply(reader: XdrReader): SaslReply {
  const isComplete = reader.int() !== 0;
  const isNil = reader.int() !== 0;
  // A byte above 127 comes as a negative number where the daemon's `char` has a sign; the array takes its low eight bits.
  const data = Uint8Array.from(reader.array({ maxItems: MAX_SASL_BYTES }, () => reader.int()));
  return { isComplete, data: isNil ? undefined : data };
}

/** The calls that we make (remote_protocol.x: remote_…_args and remote_…_ret). */
export const REMOTE_CALL = {
  authList: remoteCall<Nothing, number[]>(PROCEDURE.authList, nothing, (reader) =>
    reader.array({ maxItems: MAX_AUTH_TYPES }, () => reader.int()),
  ),
  authPolkit: remoteCall<Nothing, { isComplete: boolean }>(PROCEDURE.authPolkit, nothing, (reader) => ({
    isComplete: reader.int() !== 0,
  })),
  authSaslInit: remoteCall<Nothing, { mechanisms: string }>(PROCEDURE.authSaslInit, nothing, (reader) => ({
    mechanisms: reader.string(TEXT),
  })),
  authSaslStart: remoteCall<{ mechanism: string; data: Uint8Array | undefined }, SaslReply>(
    PROCEDURE.authSaslStart,
    (writer, { mechanism, data }) => {
      writeSaslData(writer.string(mechanism), data);
    },
    readSaslReply,
  ),
  authSaslStep: remoteCall<{ data: Uint8Array | undefined }, SaslReply>(
    PROCEDURE.authSaslStep,
    (writer, { data }) => {
      writeSaslData(writer, data);
    },
    readSaslReply,
  ),
  connectSupportsFeature: remoteCall<{ feature: number }, { isSupported: boolean }>(
    PROCEDURE.connectSupportsFeature,
    (writer, { feature }) => writer.int(feature),
    (reader) => ({ isSupported: reader.int() !== 0 }),
  ),
  connectOpen: remoteCall<{ name: string }, undefined>(
    PROCEDURE.connectOpen,
    (writer, { name }) => writer.optional(name, (text) => writer.string(text)).unsignedInt(0),
    nothing,
  ),
  connectClose: remoteCall<Nothing, undefined>(PROCEDURE.connectClose, nothing, nothing),
  connectRegisterCloseCallback: remoteCall<Nothing, undefined>(
    PROCEDURE.connectRegisterCloseCallback,
    nothing,
    nothing,
  ),
  connectListAllDomains: remoteCall<{ flags: number }, RemoteDomain[]>(
    PROCEDURE.connectListAllDomains,
    (writer, { flags }) => writer.int(1).unsignedInt(flags),
    (reader) => reader.array({ maxItems: MAX_LISTED_DOMAINS }, () => readDomain(reader)),
  ),
  connectDomainEventCallbackRegisterAny: remoteCall<{ eventId: number }, { callbackId: number }>(
    PROCEDURE.connectDomainEventCallbackRegisterAny,
    // No domain: the events of all.
    (writer, { eventId }) => writer.int(eventId).optional(undefined, nothing),
    (reader) => ({ callbackId: reader.int() }),
  ),
  domainLookupByUuid: remoteCall<{ uuid: string }, RemoteDomain>(
    PROCEDURE.domainLookupByUuid,
    (writer, { uuid }) => writer.fixedOpaque(uuidBytes(uuid)),
    readDomain,
  ),
  domainGetXmlDesc: remoteCall<DomainArguments & { readonly flags: number }, string>(
    PROCEDURE.domainGetXmlDesc,
    (writer, { domain, flags }) => writeDomain(writer, domain).unsignedInt(flags),
    (reader) => reader.string(TEXT),
  ),
  domainGetState: remoteCall<DomainArguments, { state: number; reason: number }>(
    PROCEDURE.domainGetState,
    (writer, { domain }) => writeDomain(writer, domain).unsignedInt(0),
    (reader) => ({ state: reader.int(), reason: reader.int() }),
  ),
  domainCreateWithFlags: domainCallWithFlags(PROCEDURE.domainCreateWithFlags),
  domainShutdown: domainCall(PROCEDURE.domainShutdown),
  domainReboot: domainCallWithFlags(PROCEDURE.domainReboot),
  domainReset: domainCallWithFlags(PROCEDURE.domainReset),
  domainDestroy: domainCall(PROCEDURE.domainDestroy),
  domainSuspend: domainCall(PROCEDURE.domainSuspend),
  domainResume: domainCall(PROCEDURE.domainResume),
  domainPmWakeup: domainCallWithFlags(PROCEDURE.domainPmWakeup),
  /** Opens a stream. `device` is the alias of a character device; undefined means the first console. */
  domainOpenConsole: remoteCall<
    DomainArguments & { readonly device: string | undefined; readonly flags: number },
    undefined
  >(
    PROCEDURE.domainOpenConsole,
    (writer, { domain, device, flags }) =>
      writeDomain(writer, domain)
        .optional(device, (text) => writer.string(text))
        .unsignedInt(flags),
    nothing,
  ),
  /** Opens a stream that carries the picture. */
  domainScreenshot: remoteCall<DomainArguments, { mediaType: string | undefined }>(
    PROCEDURE.domainScreenshot,
    (writer, { domain }) => writeDomain(writer, domain).unsignedInt(0).unsignedInt(0),
    (reader) => ({ mediaType: reader.optional(() => reader.string(TEXT)) }),
  ),
} as const;

/** Something that libvirt tells without being asked. */
export type RemoteEvent =
  | { readonly kind: "lifecycle"; readonly domain: RemoteDomain; readonly event: number; readonly detail: number }
  /** Anything else that may change what the domain's XML or state says. */
  | { readonly kind: "changed"; readonly domain: RemoteDomain }
  /** The daemon lost its own connection to the hypervisor (virConnectCloseReason). */
  | { readonly kind: "connection-closed"; readonly reason: number };

/** Reads an event; undefined for one that we never registered for. */
export function decodeRemoteEvent(procedure: number, payload: Uint8Array): RemoteEvent | undefined {
  const reader = new XdrReader(payload);
  switch (procedure) {
    case PROCEDURE.domainEventCallbackLifecycle:
      reader.int(); // callback id
      return { kind: "lifecycle", domain: readDomain(reader), event: reader.int(), detail: reader.int() };
    case PROCEDURE.domainEventCallbackPmwakeup:
    case PROCEDURE.domainEventCallbackPmsuspend:
    case PROCEDURE.domainEventCallbackPmsuspendDisk:
      reader.int(); // callback id
      reader.int(); // reason, which stands before the domain in these three
      return { kind: "changed", domain: readDomain(reader) };
    case PROCEDURE.domainEventCallbackReboot:
    case PROCEDURE.domainEventCallbackDeviceRemoved:
    case PROCEDURE.domainEventCallbackAgentLifecycle:
    case PROCEDURE.domainEventCallbackDeviceAdded:
    case PROCEDURE.domainEventCallbackMetadataChange:
      reader.int(); // callback id
      return { kind: "changed", domain: readDomain(reader) };
    case PROCEDURE.connectEventConnectionClosed:
      return { kind: "connection-closed", reason: reader.int() };
    default:
      return undefined;
  }
}

/** virNetMessageError: what a reply or a stream carries when its status is "error". */
export function decodeRemoteError(payload: Uint8Array): RemoteError {
  const reader = new XdrReader(payload);
  const code = reader.int();
  const domain = reader.int();
  return { code, domain, message: reader.optional(() => reader.string(TEXT)) ?? "no reason given" };
}
