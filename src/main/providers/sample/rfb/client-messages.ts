import { ByteQueue } from "../../../../protocols/bytes/byte-queue.ts";
import { ByteReader } from "../../../../protocols/bytes/byte-reader.ts";
import { ProtocolError } from "../../../../protocols/bytes/protocol-error.ts";
import type { Rect } from "../drawing/geometry.ts";
import { decodePixelFormat, PIXEL_FORMAT_BYTES, type PixelFormat } from "./pixel-format.ts";

/** A clipboard larger than this is refused. */
export const MAX_CLIPBOARD_BYTES = 1024 * 1024;
const MAX_INBOX_BYTES = MAX_CLIPBOARD_BYTES + 64 * 1024;
const VERSION_BYTES = 12;

/** What a viewer says, RFC 6143, 7.1 to 7.5, and the extensions in the community's rfbproto. */
export type ClientMessage =
  | { readonly type: "version"; readonly minor: 3 | 7 | 8 }
  | { readonly type: "security"; readonly securityType: number }
  | { readonly type: "client-init" }
  | { readonly type: "set-pixel-format"; readonly format: PixelFormat }
  | { readonly type: "set-encodings"; readonly encodings: readonly number[] }
  | { readonly type: "update-request"; readonly isIncremental: boolean; readonly rect: Rect }
  | { readonly type: "key"; readonly isDown: boolean; readonly keysym: number; readonly scanCode: number | undefined }
  | { readonly type: "pointer"; readonly x: number; readonly y: number; readonly buttonMask: number }
  | { readonly type: "cut-text"; readonly text: string }
  | { readonly type: "extended-clipboard"; readonly flags: number; readonly payload: Uint8Array }
  | { readonly type: "set-desktop-size"; readonly width: number; readonly height: number };

type Phase = "version" | "security" | "client-init" | "normal";

/** Latin-1, as ClientCutText is. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Turns a viewer's bytes into messages. */
export class ClientMessageParser {
  readonly #inbox = new ByteQueue({ maxBytes: MAX_INBOX_BYTES });
  #phase: Phase = "version";

  receive(chunk: Uint8Array): ClientMessage[] {
    this.#inbox.push(chunk);
    const messages: ClientMessage[] = [];
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      if (message !== "skipped") messages.push(message);
    }
    return messages;
  }

  #next(): ClientMessage | "skipped" | undefined {
    switch (this.#phase) {
      case "version":
        return this.#version();
      case "security": {
        const bytes = this.#inbox.read(1);
        if (bytes === undefined) return undefined;
        this.#phase = "client-init";
        return { type: "security", securityType: bytes[0] ?? 0 };
      }
      case "client-init":
        if (this.#inbox.read(1) === undefined) return undefined;
        this.#phase = "normal";
        return { type: "client-init" };
      case "normal":
        return this.#normal();
    }
  }

  #version(): ClientMessage | undefined {
    const bytes = this.#inbox.read(VERSION_BYTES);
    if (bytes === undefined) return undefined;
    const minor = /^RFB 003\.00([378])\n$/.exec(latin1(bytes))?.[1];
    if (minor === undefined)
      throw new ProtocolError("mismatch", "the viewer's version line is not RFB 3.3, 3.7 or 3.8");
    // RFC 6143, 7.1.2: under 3.3 the server decides on the security type.
    this.#phase = minor === "3" ? "client-init" : "security";
    return { type: "version", minor: Number(minor) as 3 | 7 | 8 };
  }

  #normal(): ClientMessage | "skipped" | undefined {
    const type = this.#inbox.peek(1)?.[0];
    switch (type) {
      case undefined:
        return undefined;
      case 0:
        return this.#fixed(4 + PIXEL_FORMAT_BYTES, (reader) => {
          reader.skip(3);
          return { type: "set-pixel-format", format: decodePixelFormat(reader) };
        });
      case 2:
        return this.#setEncodings();
      case 3:
        return this.#fixed(10, (reader) => ({
          type: "update-request",
          isIncremental: reader.u8() !== 0,
          rect: { x: reader.u16(), y: reader.u16(), width: reader.u16(), height: reader.u16() },
        }));
      case 4:
        return this.#fixed(8, (reader) => {
          const isDown = reader.u8() !== 0;
          reader.skip(2);
          return { type: "key", isDown, keysym: reader.u32(), scanCode: undefined };
        });
      case 5:
        return this.#fixed(6, (reader) => {
          const buttonMask = reader.u8();
          return { type: "pointer", buttonMask, x: reader.u16(), y: reader.u16() };
        });
      case 6:
        return this.#cutText();
      case 251:
        return this.#setDesktopSize();
      case 255:
        return this.#fixed(12, (reader) => {
          const submessage = reader.u8();
          if (submessage !== 0) throw new ProtocolError("malformed", `QEMU client message ${submessage}`);
          return { type: "key", isDown: reader.u16() !== 0, keysym: reader.u32(), scanCode: reader.u32() };
        });
      default:
        throw new ProtocolError("malformed", `client message ${type}`);
    }
  }

  /** A message of known length; the reader starts after its type. */
  #fixed(length: number, decode: (reader: ByteReader) => ClientMessage): ClientMessage | undefined {
    const bytes = this.#inbox.read(length);
    if (bytes === undefined) return undefined;
    const reader = new ByteReader(bytes);
    reader.skip(1);
    return decode(reader);
  }

  #setEncodings(): ClientMessage | undefined {
    const head = this.#inbox.peek(4);
    if (head === undefined) return undefined;
    const count = new ByteReader(head.subarray(2)).u16();
    return this.#fixed(4 + count * 4, (reader) => {
      reader.skip(3);
      return { type: "set-encodings", encodings: Array.from({ length: count }, () => reader.i32()) };
    });
  }

  /** A negative length marks the Extended Clipboard pseudo-encoding's form. */
  #cutText(): ClientMessage | undefined {
    const head = this.#inbox.peek(8);
    if (head === undefined) return undefined;
    const signedLength = new ByteReader(head.subarray(4)).i32();
    const length = Math.abs(signedLength);
    if (length > MAX_CLIPBOARD_BYTES) throw new ProtocolError("limit", `a clipboard of ${length} bytes`);
    return this.#fixed(8 + length, (reader) => {
      reader.skip(7);
      if (signedLength >= 0) return { type: "cut-text", text: latin1(reader.bytes(length)) };
      const flags = reader.u32();
      return { type: "extended-clipboard", flags, payload: reader.bytes(reader.remaining).slice() };
    });
  }

  #setDesktopSize(): ClientMessage | undefined {
    const head = this.#inbox.peek(8);
    if (head === undefined) return undefined;
    return this.#fixed(8 + (head[6] ?? 0) * 16, (reader) => {
      reader.skip(1);
      return { type: "set-desktop-size", width: reader.u16(), height: reader.u16() };
    });
  }
}
