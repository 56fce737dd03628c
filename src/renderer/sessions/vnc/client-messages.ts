import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";

/** Client message types (RFC 6143, 7.5, and the registry of the community's rfbproto). */
export const CLIENT_MESSAGE = {
  setPixelFormat: 0,
  setEncodings: 2,
  framebufferUpdateRequest: 3,
  keyEvent: 4,
  pointerEvent: 5,
  clientCutText: 6,
  enableContinuousUpdates: 150,
  clientFence: 248,
  xvp: 250,
  setDesktopSize: 251,
  qemu: 255,
} as const;

/** A whole message, or a further part of one that was longer than what was pushed at once (`type` undefined). */
export interface ClientMessagePart {
  readonly type: number | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How long the message at the start of `bytes` is; undefined when even that takes more bytes. */
function messageLength(bytes: Uint8Array): number | undefined {
  const has = (count: number): boolean => bytes.length >= count;
  const type = bytes[0];
  switch (type) {
    case CLIENT_MESSAGE.setPixelFormat:
      return 20;
    case CLIENT_MESSAGE.setEncodings:
      return has(4) ? 4 + 4 * view(bytes).getUint16(2) : undefined;
    case CLIENT_MESSAGE.framebufferUpdateRequest:
    case CLIENT_MESSAGE.enableContinuousUpdates:
      return 10;
    case CLIENT_MESSAGE.keyEvent:
      return 8;
    case CLIENT_MESSAGE.pointerEvent:
      // The highest bit of the mask marks the extended form with one byte more (rfbproto, ExtendedMouseButtons).
      return has(2) ? (((bytes[1] ?? 0) & 0x80) === 0 ? 6 : 7) : undefined;
    case CLIENT_MESSAGE.clientCutText:
      // A negative length is the extended clipboard's (rfbproto, Extended Clipboard Pseudo-Encoding).
      return has(8) ? 8 + Math.abs(view(bytes).getInt32(4)) : undefined;
    case CLIENT_MESSAGE.clientFence:
      return has(9) ? 9 + (bytes[8] ?? 0) : undefined;
    case CLIENT_MESSAGE.xvp:
      return 4;
    case CLIENT_MESSAGE.setDesktopSize:
      return has(8) ? 8 + 16 * (bytes[6] ?? 0) : undefined;
    case CLIENT_MESSAGE.qemu:
      // Only the extended key event (sub-type 0) is ever sent.
      return 12;
    default:
      throw new ProtocolError("malformed", `unknown client message ${String(type)}`);
  }
}

/**
 * Finds the borders of the messages that noVNC sends after its ClientInit, without copying. noVNC flushes at the end of
 * each message; only a cut text larger than its 10 KiB send queue comes in parts. A header is never cut.
 */
export class ClientMessageSplitter {
  #remainingBytes = 0;

  push(bytes: Uint8Array<ArrayBuffer>): ClientMessagePart[] {
    const parts: ClientMessagePart[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      let type: number | undefined;
      if (this.#remainingBytes === 0) {
        type = rest[0];
        const length = messageLength(rest);
        if (length === undefined) throw new ProtocolError("malformed", "client message header is cut");
        this.#remainingBytes = length;
      }
      const part = rest.subarray(0, this.#remainingBytes);
      this.#remainingBytes -= part.length;
      rest = rest.subarray(part.length);
      parts.push({ type, bytes: part });
    }
    return parts;
  }
}

/** A SetEncodings message with further encodings at its end. */
export function withEncodings(
  setEncodings: Uint8Array<ArrayBuffer>,
  extra: readonly number[],
): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(setEncodings.length + 4 * extra.length);
  message.set(setEncodings);
  const out = view(message);
  out.setUint16(2, out.getUint16(2) + extra.length);
  extra.forEach((encoding, index) => {
    out.setInt32(setEncodings.length + 4 * index, encoding);
  });
  return message;
}

/** PointerEvent (RFC 6143, 7.5.5). */
export function encodePointerEvent(mask: number, x: number, y: number): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(6);
  const out = view(message);
  out.setUint8(0, CLIENT_MESSAGE.pointerEvent);
  out.setUint8(1, mask & 0x7f);
  out.setUint16(2, x);
  out.setUint16(4, y);
  return message;
}

/** Incremental FramebufferUpdateRequest for the whole picture (RFC 6143, 7.5.3). */
export function encodeUpdateRequest(widthPx: number, heightPx: number): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(10);
  const out = view(message);
  out.setUint8(0, CLIENT_MESSAGE.framebufferUpdateRequest);
  out.setUint8(1, 1);
  out.setUint16(6, widthPx);
  out.setUint16(8, heightPx);
  return message;
}

/** EnableContinuousUpdates(off) (rfbproto, ContinuousUpdates Pseudo-encoding). */
export function encodeDisableContinuousUpdates(): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(10);
  message[0] = CLIENT_MESSAGE.enableContinuousUpdates;
  return message;
}

/** QEMU Extended Key Event (rfbproto): `keycode` is an XT set 1 code. */
export function encodeQemuKeyEvent(keysym: number, keycode: number, isDown: boolean): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(12);
  const out = view(message);
  out.setUint8(0, CLIENT_MESSAGE.qemu);
  out.setUint16(2, isDown ? 1 : 0);
  out.setUint32(4, keysym);
  out.setUint32(8, keycode);
  return message;
}
