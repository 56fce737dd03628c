import { deflateSync, inflateSync } from "node:zlib";
import { ProtocolError } from "../../../../protocols/bytes/protocol-error.ts";
import { ByteReader } from "../../../../protocols/bytes/byte-reader.ts";
import { ByteWriter } from "../../../../protocols/bytes/byte-writer.ts";
import { MAX_CLIPBOARD_BYTES } from "./client-messages.ts";

/** rfbproto, "Extended Clipboard Pseudo-Encoding": flags of a message. */
export const CLIPBOARD_FORMAT_TEXT = 1;
export const CLIPBOARD_ACTION = {
  caps: 1 << 24,
  request: 1 << 25,
  peek: 1 << 26,
  notify: 1 << 27,
  provide: 1 << 28,
} as const;

const SERVER_CUT_TEXT = 3;

function message(flags: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const writer = new ByteWriter().u8(SERVER_CUT_TEXT).bytes(new Uint8Array(3));
  return writer
    .i32(-(4 + payload.length))
    .u32(flags >>> 0)
    .bytes(payload)
    .finish();
}

/** What this server can do; the first message to a viewer that has the extension. */
export function encodeClipboardCaps(): Uint8Array {
  const { caps, request, peek, notify, provide } = CLIPBOARD_ACTION;
  const sizes = new ByteWriter().u32(MAX_CLIPBOARD_BYTES).finish();
  return message(caps | request | peek | notify | provide | CLIPBOARD_FORMAT_TEXT, sizes);
}

export function encodeClipboardNotify(options: { hasText: boolean }): Uint8Array {
  return message(CLIPBOARD_ACTION.notify | (options.hasText ? CLIPBOARD_FORMAT_TEXT : 0));
}

export function encodeClipboardRequest(): Uint8Array {
  return message(CLIPBOARD_ACTION.request | CLIPBOARD_FORMAT_TEXT);
}

/** Text travels with CR LF line ends and a final NUL. */
export function encodeClipboardProvide(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(`${text.replace(/\r\n|\r|\n/g, "\r\n")}\0`);
  const body = new ByteWriter().u32(bytes.length).bytes(bytes).finish();
  return message(CLIPBOARD_ACTION.provide | CLIPBOARD_FORMAT_TEXT, deflateSync(body));
}

/** The text of a "provide" message. */
export function decodeClipboardText(payload: Uint8Array): string {
  let body: Uint8Array;
  try {
    body = inflateSync(payload, { maxOutputLength: MAX_CLIPBOARD_BYTES, finishFlush: 2 });
  } catch {
    throw new ProtocolError("malformed", "the clipboard is not deflated as it should be, or is too large");
  }
  const reader = new ByteReader(body);
  const bytes = reader.bytes(reader.u32());
  return new TextDecoder().decode(bytes).replace(/\0$/, "").replace(/\r\n/g, "\n");
}

/** RFC 6143, 7.6.4 "ServerCutText", for viewers without the extension; what Latin-1 lacks becomes "?". */
export function encodeServerCutText(text: string): Uint8Array {
  const bytes = Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? code : 0x3f;
  });
  return new ByteWriter().u8(SERVER_CUT_TEXT).bytes(new Uint8Array(3)).u32(bytes.length).bytes(bytes).finish();
}
