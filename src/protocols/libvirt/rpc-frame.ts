import { ByteQueue } from "../bytes/byte-queue.ts";
import { ByteReader } from "../bytes/byte-reader.ts";
import { ByteWriter } from "../bytes/byte-writer.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";

/** REMOTE_PROGRAM: calls, replies, events and streams (https://libvirt.org/kbase/internals/rpc.html). */
export const REMOTE_PROGRAM = 0x20008086;
/** KEEPALIVE_PROGRAM: either side asks whether the other is still there. */
export const KEEPALIVE_PROGRAM = 0x6b656570;
/** Both programs are at version 1. */
export const PROGRAM_VERSION = 1;

/** A frame's length counts its own four bytes and the header. */
const LENGTH_BYTES = 4;
/** program, version, procedure, type, serial, status. */
const HEADER_BYTES = 24;
const SMALLEST_FRAME_BYTES = LENGTH_BYTES + HEADER_BYTES;
/** VIR_NET_MESSAGE_MAX: the largest payload that any libvirt sends or takes. */
export const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024;
const MAX_FRAME_BYTES = SMALLEST_FRAME_BYTES + MAX_PAYLOAD_BYTES;
/** What may wait unread: one whole frame and one chunk of a socket behind it. */
const MAX_WAITING_BYTES = MAX_FRAME_BYTES + 1024 * 1024;

/** virNetMessageType */
export const MESSAGE_TYPE = { call: 0, reply: 1, message: 2, stream: 3 } as const;
/** virNetMessageStatus */
export const MESSAGE_STATUS = { ok: 0, error: 1, continue: 2 } as const;

export interface RpcHeader {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

export interface RpcFrame {
  readonly header: RpcHeader;
  readonly payload: Uint8Array;
}

export function encodeRpcFrame(header: RpcHeader, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return new ByteWriter()
    .u32(SMALLEST_FRAME_BYTES + payload.length)
    .u32(header.program)
    .u32(header.version)
    .u32(header.procedure)
    .u32(header.type)
    .u32(header.serial)
    .u32(header.status)
    .bytes(payload)
    .finish();
}

/** Cuts a byte stream into RPC frames. */
export class RpcFrameReader {
  readonly #inbox = new ByteQueue({ maxBytes: MAX_WAITING_BYTES });
  #isFirst = true;

  push(chunk: Uint8Array): void {
    this.#inbox.push(chunk);
  }

  /** The next whole frame; undefined while its bytes are still on the way. */
  next(): RpcFrame | undefined {
    const lengthBytes = this.#inbox.peek(LENGTH_BYTES);
    if (lengthBytes === undefined) return undefined;
    const frameBytes = new ByteReader(lengthBytes).u32();
    if (frameBytes < SMALLEST_FRAME_BYTES || frameBytes > MAX_FRAME_BYTES) {
      throw this.#isFirst
        ? new ProtocolError("mismatch", "its first bytes are not a libvirt message")
        : new ProtocolError("limit", `a message says it has ${frameBytes} bytes`);
    }
    const frame = this.#inbox.read(frameBytes);
    if (frame === undefined) return undefined;
    const reader = new ByteReader(frame);
    reader.skip(LENGTH_BYTES);
    const header: RpcHeader = {
      program: reader.u32(),
      version: reader.u32(),
      procedure: reader.u32(),
      type: reader.u32(),
      serial: reader.u32(),
      status: reader.u32(),
    };
    if (this.#isFirst && header.program !== REMOTE_PROGRAM && header.program !== KEEPALIVE_PROGRAM) {
      throw new ProtocolError("mismatch", "its first bytes are not a libvirt message");
    }
    this.#isFirst = false;
    return { header, payload: reader.bytes(reader.remaining) };
  }
}
