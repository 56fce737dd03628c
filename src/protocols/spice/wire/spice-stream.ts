import { ByteQueue } from "../../bytes/byte-queue.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { ChannelKind } from "../constants/channel-kind.ts";
import { COMMON_MESSAGE, describeMessage } from "../constants/message-types.ts";
import { hasMiniHeader, type LinkCapabilities, takeLinkReply } from "./link-reply.ts";
import { SpiceReader } from "./spice-reader.ts";
import { SpiceWriter } from "./spice-writer.ts";

/** SpiceMiniDataHeader: type u16, size u32. */
const MINI_HEADER_BYTES = 6;

/** SpiceDataHeader: serial u64, type u16, size u32, sub_list u32. */
const FULL_HEADER_BYTES = 18;

const MIB = 1024 * 1024;

/**
 * The longest message of a channel. Display: a raw picture of 7680x4320 at 4 bytes is 127 MiB. Main: agent data comes in
 * pieces of 2 KiB, the server's bandwidth test is a ping of 250 KiB. Inputs sends a few bytes. Cursor: 1024x1024 at 4
 * bytes. The others: a piece of sound, or what a device wrote at once.
 */
export const MAX_MESSAGE_BYTES: Readonly<Record<ChannelKind, number>> = {
  main: MIB,
  display: 160 * MIB,
  inputs: 64 * 1024,
  cursor: 8 * MIB,
  playback: MIB,
  record: MIB,
  tunnel: MIB,
  smartcard: MIB,
  usbredir: 16 * MIB,
  port: 16 * MIB,
  webdav: 16 * MIB,
};

/**
 * What may wait unread, in bytes, beside one longest message: bytes wait while a handler's promise holds the channel. The server's
 * ack window (20 messages, twice) bounds it for an honest server.
 */
export const MAX_QUEUED_BYTES: Readonly<Record<"display" | "other", number>> = {
  display: 512 * MIB,
  other: 32 * MIB,
};

/** Sub-messages of one message; servers in use send none. */
export const MAX_SUB_MESSAGES = 1024;

export interface SubMessage {
  readonly type: number;
  readonly body: Uint8Array;
}

export interface StreamMessage extends SubMessage {
  /** The header's, or counted from 1 where the mini header has none. */
  readonly serial: bigint;
  /** Come before the message itself. A LIST message is nothing but these. */
  readonly subMessages: readonly SubMessage[];
}

interface MessageHeader {
  readonly serial: bigint;
  readonly type: number;
  readonly size: number;
  /** Offset of the sub-messages' list in the body; 0 for none. */
  readonly subList: number;
}

/** One connection of a channel, after its link: splits what arrives into messages and puts the header before what goes out. */
export class SpiceStream {
  readonly #kind: ChannelKind;
  readonly #send: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #inbox: ByteQueue;
  #capabilities: LinkCapabilities | undefined;
  #isMini = true;
  /** A header that was read; its body is not whole yet. */
  #header: MessageHeader | undefined;
  #lastReceivedSerial = 0n;
  #lastSentSerial = 0n;

  constructor(options: { kind: ChannelKind; send: (bytes: Uint8Array<ArrayBuffer>) => void }) {
    this.#kind = options.kind;
    this.#send = options.send;
    const queued = options.kind === "display" ? MAX_QUEUED_BYTES.display : MAX_QUEUED_BYTES.other;
    this.#inbox = new ByteQueue({ maxBytes: queued + MAX_MESSAGE_BYTES[options.kind] });
  }

  get capabilities(): LinkCapabilities | undefined {
    return this.#capabilities;
  }

  get queuedBytes(): number {
    return this.#inbox.length;
  }

  /** Keeps the chunk, which must not be written to afterwards. Throws ProtocolError above the limit, or at a wrong link reply. */
  receive(chunk: Uint8Array): void {
    this.#inbox.push(chunk);
    if (this.#capabilities !== undefined) return;
    this.#capabilities = takeLinkReply(this.#inbox);
    if (this.#capabilities !== undefined) this.#isMini = hasMiniHeader(this.#capabilities);
  }

  /** Undefined until one is whole. Its body is a view of what was received where that came in one piece. */
  nextMessage(): StreamMessage | undefined {
    if (this.#capabilities === undefined) return undefined;
    this.#header ??= this.#readHeader();
    if (this.#header === undefined) return undefined;
    const { serial, type, size, subList } = this.#header;
    const body = this.#inbox.read(size);
    if (body === undefined) return undefined;
    this.#header = undefined;
    this.#lastReceivedSerial = serial;
    if (type === COMMON_MESSAGE.list) return { serial, type, body, subMessages: parseSubMessages(body, subList) };
    return { serial, type, body, subMessages: subList === 0 ? [] : parseSubMessages(body, subList) };
  }

  /** Only after the link: before, the form of the header is not known. */
  sendMessage(type: number, body: Uint8Array): void {
    this.#lastSentSerial += 1n;
    const writer = new SpiceWriter();
    if (this.#isMini) writer.u16(type).u32(body.length);
    else writer.u64(this.#lastSentSerial).u16(type).u32(body.length).u32(0);
    this.#send(writer.bytes(body).finish());
  }

  /** Goes on counting where another connection of the same channel ended (seamless migration). */
  continueSerialsOf(previous: SpiceStream): void {
    this.#lastReceivedSerial = previous.#lastReceivedSerial;
    this.#lastSentSerial = previous.#lastSentSerial;
  }

  #readHeader(): MessageHeader | undefined {
    const bytes = this.#inbox.read(this.#isMini ? MINI_HEADER_BYTES : FULL_HEADER_BYTES);
    if (bytes === undefined) return undefined;
    const reader = new SpiceReader(bytes);
    const serial = this.#isMini ? this.#lastReceivedSerial + 1n : reader.u64();
    const type = reader.u16();
    const size = reader.u32();
    const subList = this.#isMini ? 0 : reader.u32();
    if (size > MAX_MESSAGE_BYTES[this.#kind]) {
      throw new ProtocolError("limit", `${describeMessage(this.#kind, type)}: a message of ${String(size)} bytes`);
    }
    return { serial, type, size, subList };
  }
}

/** SpiceSubMessageList: a u16 count, then offsets (from the body's start) of sub-messages: type u16, size u32, data. */
function parseSubMessages(body: Uint8Array, listOffset: number): SubMessage[] {
  const reader = new SpiceReader(body);
  const list = reader.at(listOffset);
  const count = list.u16();
  if (count > MAX_SUB_MESSAGES) throw new ProtocolError("limit", `list: ${String(count)} sub-messages`);
  return Array.from({ length: count }, () => {
    const sub = reader.at(list.u32());
    const type = sub.u16();
    if (type === COMMON_MESSAGE.list) throw new ProtocolError("malformed", "list: a list within a list");
    return { type, body: sub.bytes(sub.u32()) };
  });
}
