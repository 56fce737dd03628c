import { ByteReader } from "../bytes/byte-reader.ts";
import { ByteWriter } from "../bytes/byte-writer.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";

/** XDR aligns everything to four bytes (RFC 4506 §3, "Basic Block Size"). */
const XDR_UNIT_BYTES = 4;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

function paddingOf(lengthBytes: number): number {
  return (XDR_UNIT_BYTES - (lengthBytes % XDR_UNIT_BYTES)) % XDR_UNIT_BYTES;
}

/** Reads XDR (RFC 4506) from one whole message; input that breaks it or a limit throws ProtocolError. */
export class XdrReader {
  readonly #reader: ByteReader;

  constructor(bytes: Uint8Array) {
    this.#reader = new ByteReader(bytes);
  }

  get remainingBytes(): number {
    return this.#reader.remaining;
  }

  /** §4.1 Integer */
  int(): number {
    return this.#reader.i32();
  }

  /** §4.2 Unsigned Integer */
  unsignedInt(): number {
    return this.#reader.u32();
  }

  /** §4.5 Hyper Integer */
  unsignedHyper(): bigint {
    return this.#reader.u64();
  }

  /** §4.9 Fixed-Length Opaque Data */
  fixedOpaque(lengthBytes: number): Uint8Array {
    const bytes = this.#reader.bytes(lengthBytes);
    this.#reader.skip(paddingOf(lengthBytes));
    return bytes;
  }

  /** §4.10 Variable-Length Opaque Data */
  opaque(options: { maxBytes: number }): Uint8Array {
    const lengthBytes = this.unsignedInt();
    if (lengthBytes > options.maxBytes) {
      throw new ProtocolError("limit", `${lengthBytes} bytes where at most ${options.maxBytes} are accepted`);
    }
    return this.fixedOpaque(lengthBytes);
  }

  /** §4.11 String. libvirt's strings are UTF-8; what is not becomes U+FFFD. */
  string(options: { maxBytes: number }): string {
    return decoder.decode(this.opaque(options));
  }

  /** §4.13 Variable-Length Array */
  array<T>(options: { maxItems: number }, readItem: () => T): T[] {
    const count = this.unsignedInt();
    if (count > options.maxItems) {
      throw new ProtocolError("limit", `${count} items where at most ${options.maxItems} are accepted`);
    }
    const items: T[] = [];
    for (let index = 0; index < count; index += 1) items.push(readItem());
    return items;
  }

  /** §4.19 Optional-Data */
  optional<T>(read: () => T): T | undefined {
    const isThere = this.unsignedInt();
    if (isThere > 1) throw new ProtocolError("malformed", `optional data is marked ${isThere}`);
    return isThere === 1 ? read() : undefined;
  }
}

/** Writes XDR (RFC 4506). */
export class XdrWriter {
  readonly #writer = new ByteWriter();

  int(value: number): this {
    this.#writer.i32(value);
    return this;
  }

  unsignedInt(value: number): this {
    this.#writer.u32(value);
    return this;
  }

  fixedOpaque(bytes: Uint8Array): this {
    this.#writer.bytes(bytes).bytes(new Uint8Array(paddingOf(bytes.length)));
    return this;
  }

  opaque(bytes: Uint8Array): this {
    return this.unsignedInt(bytes.length).fixedOpaque(bytes);
  }

  string(text: string): this {
    return this.opaque(encoder.encode(text));
  }

  optional<T>(value: T | undefined, write: (value: T) => void): this {
    this.unsignedInt(value === undefined ? 0 : 1);
    if (value !== undefined) write(value);
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#writer.finish();
  }
}
