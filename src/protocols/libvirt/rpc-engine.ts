import { ProtocolError } from "../bytes/protocol-error.ts";
import {
  encodeRpcFrame,
  KEEPALIVE_PROGRAM,
  MESSAGE_STATUS,
  MESSAGE_TYPE,
  PROGRAM_VERSION,
  REMOTE_PROGRAM,
  RpcFrameReader,
  type RpcFrame,
} from "./rpc-frame.ts";
import { decodeRemoteError, decodeRemoteEvent, type RemoteError, type RemoteEvent } from "./remote-messages.ts";
import { KEEPALIVE_PROCEDURE } from "./remote-procedures.ts";

/**
 * VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX: the largest stream packet that every libvirt takes. Larger writes are cut.
 */
export const MAX_STREAM_PACKET_BYTES = 262_120;

/** Calls and streams that may be under way on one connection; the caller's own window is far below. */
const MAX_PENDING_CALLS = 4096;

/** What may come on a stream before the reply to the call that opens it; a console's buffer is far smaller. */
const MAX_EARLY_BYTES = 4 * 1024 * 1024;
const MAX_EARLY_PACKETS = 4096;

/** What came out of received bytes. `serial` is the number that `call` gave. */
export type RpcOutput =
  /** To be written to the peer now. */
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "reply"; readonly serial: number; readonly payload: Uint8Array }
  /** A call or a stream failed; nothing more comes for this serial. */
  | { readonly kind: "error"; readonly serial: number; readonly error: RemoteError }
  | { readonly kind: "stream-data"; readonly serial: number; readonly bytes: Uint8Array }
  /** The far side has no more to send on this stream. */
  | { readonly kind: "stream-end"; readonly serial: number }
  | { readonly kind: "event"; readonly event: RemoteEvent };

interface Pending {
  readonly procedure: number;
  /** "call" waits for its reply; "stream" had one and now carries data. */
  phase: "call" | "stream";
  readonly opensStream: boolean;
  /**
   * Stream packets that came before the reply: libvirt 9.0 sends a console's first bytes as soon as it has them,
   * seen with DOMAIN_OPEN_CONSOLE of a guest that had written before. They are given out after the reply.
   */
  readonly early: RpcFrame[];
  earlyBytes: number;
}

/**
 * The client's side of libvirt's RPC (https://libvirt.org/kbase/internals/rpc.html): bytes in, outputs out, and
 * bytes to send for calls. Owns the serials; knows no socket and no clock. Throws only ProtocolError; after that
 * the connection is of no use any more.
 */
export class LibvirtRpcEngine {
  readonly #frames = new RpcFrameReader();
  readonly #pendingBySerial = new Map<number, Pending>();
  #nextSerial = 1;

  /** Calls without a reply and streams that are open. */
  get pendingCount(): number {
    return this.#pendingBySerial.size;
  }

  /** `opensStream`: the reply is followed by stream packets of the same serial. */
  call(
    procedure: number,
    payload: Uint8Array,
    options: { opensStream: boolean },
  ): { serial: number; bytes: Uint8Array } {
    if (this.#pendingBySerial.size >= MAX_PENDING_CALLS) {
      throw new ProtocolError("limit", `${MAX_PENDING_CALLS} calls have no reply yet`);
    }
    const serial = this.#nextSerial;
    this.#nextSerial = serial === 0xffffffff ? 1 : serial + 1;
    this.#pendingBySerial.set(serial, {
      procedure,
      phase: "call",
      opensStream: options.opensStream,
      early: [],
      earlyBytes: 0,
    });
    const bytes = encodeRpcFrame(this.#header(procedure, MESSAGE_TYPE.call, serial, MESSAGE_STATUS.ok), payload);
    return { serial, bytes };
  }

  /** Data on an open stream. Empty when the stream is over: the far side was faster. */
  sendStream(serial: number, data: Uint8Array): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (let at = 0; at < data.length; at += MAX_STREAM_PACKET_BYTES) {
      const part = data.subarray(at, at + MAX_STREAM_PACKET_BYTES);
      packets.push(...this.#streamPacket(serial, MESSAGE_STATUS.continue, part));
    }
    return packets;
  }

  /** virStreamFinish: all was sent. */
  finishStream(serial: number): Uint8Array[] {
    return this.#streamPacket(serial, MESSAGE_STATUS.ok, new Uint8Array(0));
  }

  /** virStreamAbort: whatever is still on the way does not matter. Nothing more comes for this serial. */
  abortStream(serial: number): Uint8Array[] {
    const packets = this.#streamPacket(serial, MESSAGE_STATUS.error, new Uint8Array(0));
    this.#pendingBySerial.delete(serial);
    return packets;
  }

  /** A question whether the far side is still there; only for one that said it knows the keepalive program. */
  ping(): Uint8Array {
    return this.#keepalive(KEEPALIVE_PROCEDURE.ping);
  }

  receive(chunk: Uint8Array): RpcOutput[] {
    this.#frames.push(chunk);
    const outputs: RpcOutput[] = [];
    for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
      outputs.push(...this.#handle(frame));
    }
    return outputs;
  }

  #handle(frame: RpcFrame): RpcOutput[] {
    const { header, payload } = frame;
    if (header.program === KEEPALIVE_PROGRAM) {
      return header.procedure === KEEPALIVE_PROCEDURE.ping
        ? [{ kind: "send", bytes: this.#keepalive(KEEPALIVE_PROCEDURE.pong) }]
        : [];
    }
    // Other programs (QEMU's, LXC's, admin's) say nothing to us: we never call them.
    if (header.program !== REMOTE_PROGRAM) return [];
    if (header.version !== PROGRAM_VERSION) {
      throw new ProtocolError("malformed", `a message of program version ${header.version}`);
    }
    switch (header.type) {
      case MESSAGE_TYPE.reply:
        return this.#handleReply(frame);
      case MESSAGE_TYPE.stream:
        return this.#handleStream(frame);
      case MESSAGE_TYPE.message: {
        const event = decodeRemoteEvent(header.procedure, payload);
        return event === undefined ? [] : [{ kind: "event", event }];
      }
      default:
        throw new ProtocolError("malformed", `a message of type ${header.type}`);
    }
  }

  #handleReply(frame: RpcFrame): RpcOutput[] {
    const { serial, status } = frame.header;
    const pending = this.#pendingBySerial.get(serial);
    // A late error for a stream that we aborted comes as a reply, too.
    if (pending === undefined) {
      if (serial === 0 || serial >= this.#nextSerial) {
        throw new ProtocolError("malformed", `a reply to call ${serial}, which was never made`);
      }
      return [];
    }
    if (status === MESSAGE_STATUS.error) {
      this.#pendingBySerial.delete(serial);
      return [{ kind: "error", serial, error: decodeRemoteError(frame.payload) }];
    }
    if (status !== MESSAGE_STATUS.ok) throw new ProtocolError("malformed", `a reply with status ${status}`);
    if (pending.phase === "stream") throw new ProtocolError("malformed", `a second reply to call ${serial}`);
    const reply: RpcOutput = { kind: "reply", serial, payload: frame.payload };
    if (!pending.opensStream) {
      this.#pendingBySerial.delete(serial);
      return [reply];
    }
    pending.phase = "stream";
    return [reply, ...pending.early.splice(0).flatMap((early) => this.#handleStream(early))];
  }

  #handleStream(frame: RpcFrame): RpcOutput[] {
    const { serial, status } = frame.header;
    const pending = this.#pendingBySerial.get(serial);
    // Packets that were on the way when we aborted.
    if (pending === undefined) return [];
    if (!pending.opensStream) throw new ProtocolError("malformed", `stream data for call ${serial}, which has none`);
    if (pending.phase === "call") {
      this.#keepEarly(pending, frame);
      return [];
    }
    switch (status) {
      case MESSAGE_STATUS.continue:
        // An empty packet is the end of what the far side sends (virNetServerProgramSendStreamData).
        return [
          frame.payload.length === 0
            ? { kind: "stream-end", serial }
            : { kind: "stream-data", serial, bytes: frame.payload },
        ];
      case MESSAGE_STATUS.ok:
        this.#pendingBySerial.delete(serial);
        return [{ kind: "stream-end", serial }];
      case MESSAGE_STATUS.error:
        this.#pendingBySerial.delete(serial);
        return [{ kind: "error", serial, error: decodeRemoteError(frame.payload) }];
      default:
        throw new ProtocolError("malformed", `stream data with status ${status}`);
    }
  }

  #keepEarly(pending: Pending, frame: RpcFrame): void {
    pending.earlyBytes += frame.payload.length;
    if (pending.earlyBytes > MAX_EARLY_BYTES || pending.early.length >= MAX_EARLY_PACKETS) {
      throw new ProtocolError("limit", "too much stream data before the reply that opens the stream");
    }
    pending.early.push(frame);
  }

  #streamPacket(serial: number, status: number, payload: Uint8Array): Uint8Array[] {
    const pending = this.#pendingBySerial.get(serial);
    if (pending?.phase !== "stream") return [];
    return [encodeRpcFrame(this.#header(pending.procedure, MESSAGE_TYPE.stream, serial, status), payload)];
  }

  #keepalive(procedure: number): Uint8Array {
    const header = {
      program: KEEPALIVE_PROGRAM,
      version: PROGRAM_VERSION,
      procedure,
      type: MESSAGE_TYPE.message,
      serial: 0,
      status: MESSAGE_STATUS.ok,
    };
    return encodeRpcFrame(header, new Uint8Array(0));
  }

  #header(procedure: number, type: number, serial: number, status: number): RpcFrame["header"] {
    return { program: REMOTE_PROGRAM, version: PROGRAM_VERSION, procedure, type, serial, status };
  }
}
