import { ByteQueue } from "../bytes/byte-queue.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { CAPABILITY, HOST_CAPABILITIES, PACKET } from "./packet-types.ts";

/** The longest packet that is taken. A guest's storage driver asks for 1 MiB at most; this leaves room. */
export const MAX_PACKET_BYTES = 16 * 1024 * 1024;

/** `char version[64]` of HELLO. */
const VERSION_BYTES = 64;
/** Words of capabilities in HELLO; the protocol has one so far. */
const MAX_CAPABILITY_WORDS = 16;
const SHORT_HEADER_BYTES = 12;
const LONG_HEADER_BYTES = 16;

export interface Packet {
  readonly type: number;
  readonly id: bigint;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Cuts the stream into packets, and writes packets. Both ways depend on what both sides can ("usb_redir_hello"). */
export class PacketStream {
  readonly #inbox = new ByteQueue({ maxBytes: 2 * (MAX_PACKET_BYTES + LONG_HEADER_BYTES) });
  #peerCapabilities: number | undefined;

  /** The other side said HELLO. */
  get isGreeted(): boolean {
    return this.#peerCapabilities !== undefined;
  }

  /** Whether both sides have a capability. */
  has(capability: number): boolean {
    return HOST_CAPABILITIES.includes(capability) && (((this.#peerCapabilities ?? 0) >>> capability) & 1) === 1;
  }

  /** Hands on every whole packet, HELLO included. Throws ProtocolError. */
  receive(chunk: Uint8Array, handle: (packet: Packet) => void): void {
    this.#inbox.push(chunk);
    for (let packet = this.#next(); packet !== undefined; packet = this.#next()) {
      if (packet.type === PACKET.hello) this.#handleHello(packet.body);
      else if (!this.isGreeted) throw new ProtocolError("mismatch", "the first packet is no HELLO");
      handle(packet);
    }
  }

  encode(type: number, id: bigint, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
    const lengthBytes = parts.reduce((sum, part) => sum + part.length, 0);
    const headerBytes = this.#headerBytes;
    const packet = new Uint8Array(headerBytes + lengthBytes);
    const view = new DataView(packet.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, lengthBytes, true);
    if (headerBytes === LONG_HEADER_BYTES) view.setBigUint64(8, id, true);
    else view.setUint32(8, Number(id & 0xffff_ffffn), true);
    let at = headerBytes;
    for (const part of parts) {
      packet.set(part, at);
      at += part.length;
    }
    return packet;
  }

  /** HELLO of this side. */
  encodeHello(version: string): Uint8Array<ArrayBuffer> {
    const body = new Uint8Array(VERSION_BYTES + 4);
    body.set(new TextEncoder().encode(version).subarray(0, VERSION_BYTES - 1));
    const word = HOST_CAPABILITIES.reduce((bits, capability) => bits | (1 << capability), 0);
    new DataView(body.buffer).setUint32(VERSION_BYTES, word, true);
    return this.encode(PACKET.hello, 0n, body);
  }

  get #headerBytes(): number {
    return this.has(CAPABILITY.ids64) ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
  }

  #next(): Packet | undefined {
    const headerBytes = this.#headerBytes;
    const header = this.#inbox.peek(headerBytes);
    if (header === undefined) return undefined;
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    const lengthBytes = view.getUint32(4, true);
    if (lengthBytes > MAX_PACKET_BYTES) {
      throw new ProtocolError("limit", `a USB packet of ${String(lengthBytes)} bytes`);
    }
    const type = view.getUint32(0, true);
    const id = headerBytes === LONG_HEADER_BYTES ? view.getBigUint64(8, true) : BigInt(view.getUint32(8, true));
    const whole = this.#inbox.read(headerBytes + lengthBytes);
    // A copy: devices keep what they are given while the stream's memory is used again.
    return whole === undefined ? undefined : { type, id, body: new Uint8Array(whole.subarray(headerBytes)) };
  }

  #handleHello(body: Uint8Array<ArrayBuffer>): void {
    if (this.isGreeted) throw new ProtocolError("malformed", "HELLO came twice");
    const capabilityBytes = body.length - VERSION_BYTES;
    if (capabilityBytes < 0 || capabilityBytes % 4 !== 0) {
      throw new ProtocolError("malformed", `HELLO of ${String(body.length)} bytes`);
    }
    if (capabilityBytes / 4 > MAX_CAPABILITY_WORDS) throw new ProtocolError("limit", "HELLO has too many capabilities");
    this.#peerCapabilities = capabilityBytes === 0 ? 0 : new DataView(body.buffer).getUint32(VERSION_BYTES, true);
  }
}
