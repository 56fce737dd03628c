import { ByteQueue } from "../bytes/byte-queue.ts";

/**
 * The many connections in one port: a frame is the client's id (i64, little endian), its size (u16), and so many bytes.
 * A frame of size 0 says that this client's connection is closed. Any bytes are frames, so nothing here can be malformed.
 */
export interface StreamFrame {
  readonly clientId: bigint;
  /** Empty: closed. */
  readonly data: Uint8Array;
}

const HEADER_BYTES = 10;
export const MAX_FRAME_DATA_BYTES = 0xffff;

/** Frames from the guest. */
export class FrameSplitter {
  readonly #chunks: ByteQueue;

  /** `maxBytes`: the longest piece that `receive` may be given. */
  constructor(options: { readonly maxBytes: number }) {
    this.#chunks = new ByteQueue({ maxBytes: options.maxBytes + HEADER_BYTES + MAX_FRAME_DATA_BYTES });
  }

  /** Frames are views of what was pushed where they lie in one piece. Throws ProtocolError "limit". */
  receive(chunk: Uint8Array): StreamFrame[] {
    this.#chunks.push(chunk);
    const frames: StreamFrame[] = [];
    for (;;) {
      const header = this.#chunks.peek(HEADER_BYTES);
      if (header === undefined) return frames;
      const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
      const whole = HEADER_BYTES + view.getUint16(8, true);
      if (this.#chunks.length < whole) return frames;
      const clientId = view.getBigInt64(0, true);
      const frame = this.#chunks.read(whole);
      if (frame !== undefined) frames.push({ clientId, data: frame.subarray(HEADER_BYTES) });
    }
  }
}

/** At most MAX_FRAME_DATA_BYTES of data. */
export function encodeFrame({ clientId, data }: StreamFrame): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + data.length);
  const view = new DataView(frame.buffer);
  view.setBigInt64(0, clientId, true);
  view.setUint16(8, data.length, true);
  frame.set(data, HEADER_BYTES);
  return frame;
}
