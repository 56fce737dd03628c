import type { Duplex } from "node:stream";
import { DisposableStore, type Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { drop } from "../../../../shared/lifecycle/drop.ts";
import { ByteWriter } from "../../../../protocols/bytes/byte-writer.ts";
import { ProtocolError } from "../../../../protocols/bytes/protocol-error.ts";
import { type Rect } from "../drawing/geometry.ts";
import type { CanvasChange } from "../drawing/pixel-canvas.ts";
import type { KeyInput, Screen } from "../screens/screen.ts";
import { ClientMessageParser, type ClientMessage } from "./client-messages.ts";
import { CURSOR_HEIGHT, CURSOR_WIDTH, encodeCursor } from "./cursor-shape.ts";
import { DamageMap } from "./damage-map.ts";
import {
  CLIPBOARD_ACTION,
  CLIPBOARD_FORMAT_TEXT,
  decodeClipboardText,
  encodeClipboardCaps,
  encodeClipboardNotify,
  encodeClipboardProvide,
  encodeClipboardRequest,
  encodeServerCutText,
} from "./extended-clipboard.ts";
import { encodePixelFormat, NATIVE_PIXEL_FORMAT, PixelWriter } from "./pixel-format.ts";
import { ZlibStream } from "./zlib-stream.ts";
import { encodeZrleTiles } from "./zrle-tiles.ts";

/** RFC 6143, 7.7 and 7.8; rfbproto for the negative ones. */
const ENCODING = {
  raw: 0,
  copyRect: 1,
  zrle: 16,
  desktopSize: -223,
  lastRect: -224,
  cursor: -239,
  qemuExtendedKeyEvent: -258,
  extendedDesktopSize: -308,
  extendedClipboard: 0xc0a1e5ce | 0,
} as const;
const VERSION_LINE = "RFB 003.008\n";
const SECURITY_NONE = 1;
/** With LastRect the number of rectangles need not be known beforehand. */
const UNKNOWN_RECT_COUNT = 0xffff;
const RESIZE_REASON = { server: 0, thisClient: 1 } as const;
const RESIZE_STATUS = { done: 0, prohibited: 1, invalidLayout: 3 } as const;

interface PendingCopy {
  readonly rect: Rect;
  readonly fromX: number;
  readonly fromY: number;
}

/** A rectangle of an update, ready but for its compression. */
type UpdatePart =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "zrle"; readonly head: Uint8Array; readonly tiles: Uint8Array };

/**
 * Serves one screen to one viewer: the server's side of RFB 3.8 on a byte stream. It answers an incremental request
 * only when the picture changed, so a still screen costs nothing, and it waits while the viewer is behind.
 */
export class ScreenServer implements Disposable {
  readonly #screen: Screen;
  readonly #stream: Duplex;
  readonly #owned = new DisposableStore();
  readonly #parser = new ClientMessageParser();
  readonly #zlib: ZlibStream;
  readonly #damage: DamageMap;
  readonly #pressedKeysyms = new Map<number, KeyInput>();
  #minorVersion = 8;
  #encodings = new Set<number>();
  #pixelWriter = new PixelWriter(NATIVE_PIXEL_FORMAT, "whole");
  #compressedWriter = new PixelWriter(NATIVE_PIXEL_FORMAT, "compressed");
  #isUpdateWanted = false;
  #isSending = false;
  #pendingCopy: PendingCopy | undefined;
  /** Rectangles without pixels that wait for the next update. */
  #pseudoRects: (() => Uint8Array)[] = [];
  /** At most one for each message of the viewer, whose reading stops while it is behind. */
  #waitingMessages: Uint8Array[] = [];
  #clipboardText = "";
  #resizeReason: number = RESIZE_REASON.server;

  constructor(screen: Screen, stream: Duplex) {
    this.#screen = screen;
    this.#stream = stream;
    this.#zlib = this.#owned.add(new ZlibStream());
    this.#damage = new DamageMap(screen.canvas.width, screen.canvas.height);
    this.#owned.add(screen.canvas.onChange((change) => this.#handleCanvasChange(change)));
    if (screen.onClipboardChange) {
      this.#owned.add(screen.onClipboardChange((text) => this.#handleGuestClipboard(text)));
    }
    this.#owned.defer(() => {
      this.#releaseKeys();
    });
    const handleData = (chunk: Uint8Array): void => this.#receive(chunk);
    const handleEnd = (): void => this.dispose();
    stream.on("data", handleData);
    stream.once("close", handleEnd).once("end", handleEnd).once("error", handleEnd);
    this.#owned.defer(() => {
      stream.off("data", handleData);
      stream.destroy();
    });
    stream.write(Buffer.from(VERSION_LINE, "latin1"));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const message of this.#parser.receive(chunk)) this.#handle(message);
    } catch (error) {
      // What breaks the protocol ends this viewer's connection and nothing else.
      this.dispose();
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #handle(message: ClientMessage): void {
    switch (message.type) {
      case "version":
        this.#minorVersion = message.minor;
        this.#send(
          message.minor === 3 ? new ByteWriter().u32(SECURITY_NONE).finish() : Uint8Array.of(1, SECURITY_NONE),
        );
        return;
      case "security":
        if (message.securityType !== SECURITY_NONE) throw new ProtocolError("malformed", "a security type not offered");
        // RFC 6143, 7.1.3: a SecurityResult after "None" came with 3.8.
        if (this.#minorVersion === 8) this.#send(new ByteWriter().u32(0).finish());
        return;
      case "client-init":
        this.#sendServerInit();
        return;
      case "set-pixel-format":
        this.#pixelWriter = new PixelWriter(message.format, "whole");
        this.#compressedWriter = new PixelWriter(message.format, "compressed");
        return;
      case "set-encodings":
        this.#setEncodings(message.encodings);
        return;
      case "update-request":
        if (!message.isIncremental) this.#damage.add(message.rect);
        this.#isUpdateWanted = true;
        this.#startUpdate();
        return;
      case "key":
        this.#handleKey(message);
        return;
      case "pointer":
        this.#screen.handlePointer?.(message);
        return;
      case "cut-text":
        this.#setClipboard(message.text);
        return;
      case "extended-clipboard":
        this.#handleExtendedClipboard(message.flags, message.payload);
        return;
      case "set-desktop-size":
        this.#setDesktopSize(message.width, message.height);
        return;
    }
  }

  #sendServerInit(): void {
    const name = new TextEncoder().encode(this.#screen.name);
    const writer = new ByteWriter().u16(this.#screen.canvas.width).u16(this.#screen.canvas.height);
    encodePixelFormat(writer, NATIVE_PIXEL_FORMAT);
    this.#send(writer.u32(name.length).bytes(name).finish());
  }

  #setEncodings(encodings: readonly number[]): void {
    const before = this.#encodings;
    this.#encodings = new Set(encodings);
    const isNew = (encoding: number): boolean => this.#encodings.has(encoding) && !before.has(encoding);
    if (isNew(ENCODING.qemuExtendedKeyEvent)) this.#pseudoRects.push(() => pseudoRect(ENCODING.qemuExtendedKeyEvent));
    if (isNew(ENCODING.extendedDesktopSize)) this.#pushDesktopSize(RESIZE_REASON.server, RESIZE_STATUS.done);
    if (isNew(ENCODING.cursor)) {
      this.#pseudoRects.push(() =>
        Buffer.concat([
          pseudoRect(ENCODING.cursor, { x: 0, y: 0, width: CURSOR_WIDTH, height: CURSOR_HEIGHT }),
          encodeCursor(this.#pixelWriter),
        ]),
      );
    }
    if (isNew(ENCODING.extendedClipboard)) this.#send(encodeClipboardCaps());
  }

  #handleKey(input: KeyInput): void {
    if (input.isDown) this.#pressedKeysyms.set(input.keysym, input);
    else this.#pressedKeysyms.delete(input.keysym);
    this.#screen.handleKey?.(input);
  }

  /** A viewer that goes away must not leave a key pressed in the guest. */
  #releaseKeys(): void {
    for (const input of this.#pressedKeysyms.values()) this.#screen.handleKey?.({ ...input, isDown: false });
    this.#pressedKeysyms.clear();
  }

  #setClipboard(text: string): void {
    this.#clipboardText = text;
    this.#screen.handleClipboard?.(text);
  }

  #handleGuestClipboard(text: string): void {
    this.#clipboardText = text;
    const isExtended = this.#encodings.has(ENCODING.extendedClipboard);
    this.#send(isExtended ? encodeClipboardNotify({ hasText: true }) : encodeServerCutText(text));
  }

  #handleExtendedClipboard(flags: number, payload: Uint8Array): void {
    const hasText = (flags & CLIPBOARD_FORMAT_TEXT) !== 0;
    if ((flags & CLIPBOARD_ACTION.caps) !== 0) return;
    if ((flags & CLIPBOARD_ACTION.notify) !== 0 && hasText) this.#send(encodeClipboardRequest());
    else if ((flags & CLIPBOARD_ACTION.request) !== 0 && hasText)
      this.#send(encodeClipboardProvide(this.#clipboardText));
    else if ((flags & CLIPBOARD_ACTION.peek) !== 0) {
      this.#send(encodeClipboardNotify({ hasText: this.#clipboardText !== "" }));
    } else if ((flags & CLIPBOARD_ACTION.provide) !== 0 && hasText) this.#setClipboard(decodeClipboardText(payload));
  }

  #setDesktopSize(width: number, height: number): void {
    const isResizable = this.#screen.requestSize !== undefined;
    const { canvas } = this.#screen;
    if (canvas.width === width && canvas.height === height) {
      this.#pushDesktopSize(RESIZE_REASON.thisClient, RESIZE_STATUS.done);
    } else {
      // The canvas tells all its viewers while it resizes; only this one asked for it.
      this.#resizeReason = RESIZE_REASON.thisClient;
      const isDone = this.#screen.requestSize?.(width, height) ?? false;
      this.#resizeReason = RESIZE_REASON.server;
      const status = isResizable ? RESIZE_STATUS.invalidLayout : RESIZE_STATUS.prohibited;
      if (!isDone) this.#pushDesktopSize(RESIZE_REASON.thisClient, status);
    }
    this.#startUpdate();
  }

  #pushDesktopSize(reason: number, status: number): void {
    const { canvas } = this.#screen;
    if (this.#encodings.has(ENCODING.extendedDesktopSize)) {
      this.#pseudoRects.push(() => {
        const { width, height } = canvas;
        const screens = new ByteWriter().u8(1).bytes(new Uint8Array(3));
        screens.u32(0).u16(0).u16(0).u16(width).u16(height).u32(0);
        const head = pseudoRect(ENCODING.extendedDesktopSize, { x: reason, y: status, width, height });
        return Buffer.concat([head, screens.finish()]);
      });
    } else if (this.#encodings.has(ENCODING.desktopSize)) {
      this.#pseudoRects.push(() => pseudoRect(ENCODING.desktopSize, canvas.bounds));
    }
  }

  #handleCanvasChange(change: CanvasChange): void {
    switch (change.kind) {
      case "painted":
        this.#damage.add(change.rect);
        break;
      case "copied":
        this.#addCopy(change);
        break;
      case "resized": {
        const { canvas } = this.#screen;
        this.#pendingCopy = undefined;
        this.#damage.resize(canvas.width, canvas.height);
        this.#damage.add(canvas.bounds);
        this.#pushDesktopSize(this.#resizeReason, RESIZE_STATUS.done);
        break;
      }
    }
    this.#startUpdate();
  }

  /** A copy is sent as one only when the viewer has the source as it was, and nothing of it is on the way already. */
  #addCopy(copy: PendingCopy): void {
    const source = { ...copy.rect, x: copy.fromX, y: copy.fromY };
    const isSendable =
      this.#encodings.has(ENCODING.copyRect) &&
      !this.#isSending &&
      this.#pendingCopy === undefined &&
      !this.#damage.touches(source);
    if (isSendable) this.#pendingCopy = copy;
    else this.#damage.add(copy.rect);
  }

  #startUpdate(): void {
    if (!this.#isUpdateWanted || this.#isSending || this.#owned.isDisposed) return;
    const parts = this.#takeUpdate();
    if (parts.length === 0) return;
    this.#isUpdateWanted = false;
    this.#isSending = true;
    drop(this.#sendUpdate(parts));
  }

  /** The picture as it is now, in one go, so that an update never mixes two moments. */
  #takeUpdate(): UpdatePart[] {
    const parts: UpdatePart[] = this.#pseudoRects.splice(0).map((encode) => ({ kind: "bytes", bytes: encode() }));
    if (this.#pendingCopy) {
      const { rect, fromX, fromY } = this.#pendingCopy;
      this.#pendingCopy = undefined;
      const from = new ByteWriter().u16(fromX).u16(fromY).finish();
      parts.push({ kind: "bytes", bytes: Buffer.concat([pseudoRect(ENCODING.copyRect, rect), from]) });
    }
    const isZrle = this.#encodings.has(ENCODING.zrle);
    for (const rect of this.#damage.take()) {
      if (isZrle) {
        const tiles = encodeZrleTiles(this.#screen.canvas, rect, this.#compressedWriter);
        parts.push({ kind: "zrle", head: pseudoRect(ENCODING.zrle, rect), tiles });
      } else {
        parts.push({ kind: "bytes", bytes: this.#encodeRaw(rect) });
      }
    }
    return parts;
  }

  #encodeRaw(rect: Rect): Uint8Array {
    const { bytesPerPixel } = this.#pixelWriter;
    const bytes = new Uint8Array(rect.width * rect.height * bytesPerPixel);
    let at = 0;
    for (let y = rect.y; y < rect.y + rect.height; y += 1) {
      for (let x = rect.x; x < rect.x + rect.width; x += 1) {
        this.#pixelWriter.write(bytes, at, this.#screen.canvas.pixels[y * this.#screen.canvas.width + x] ?? 0);
        at += bytesPerPixel;
      }
    }
    return Buffer.concat([pseudoRect(ENCODING.raw, rect), bytes]);
  }

  async #sendUpdate(parts: readonly UpdatePart[]): Promise<void> {
    const hasLastRect = this.#encodings.has(ENCODING.lastRect) && parts.length > 1;
    const head = new ByteWriter().u8(0).u8(0);
    head.u16(hasLastRect ? UNKNOWN_RECT_COUNT : parts.length);
    await this.#sendAndWait(head.finish());
    for (const part of parts) {
      if (part.kind === "bytes") await this.#sendAndWait(part.bytes);
      else {
        const packed = await this.#zlib.compress(part.tiles);
        if (this.#owned.isDisposed) return;
        const length = new ByteWriter().u32(packed.length).finish();
        await this.#sendAndWait(Buffer.concat([part.head, length, packed]));
      }
      if (this.#owned.isDisposed) return;
    }
    if (hasLastRect) await this.#sendAndWait(pseudoRect(ENCODING.lastRect));
    this.#isSending = false;
    for (const message of this.#waitingMessages.splice(0)) this.#send(message);
    this.#startUpdate();
  }

  /** A message of its own; one that comes up in the middle of an update waits for its end. */
  #send(message: Uint8Array): void {
    if (this.#owned.isDisposed) return;
    if (this.#isSending) this.#waitingMessages.push(message);
    else this.#stream.write(message);
  }

  /** A piece of the update that is being sent. Resolves when the viewer has taken what was sent, or is gone. */
  #sendAndWait(bytes: Uint8Array): Promise<void> {
    if (this.#owned.isDisposed || this.#stream.write(bytes)) return Promise.resolve();
    // Who does not take the answers is not asked for more questions.
    this.#stream.pause();
    return new Promise((resolve) => {
      const handle = (): void => {
        this.#stream.off("drain", handle).off("close", handle);
        this.#stream.resume();
        resolve();
      };
      this.#stream.on("drain", handle).on("close", handle);
    });
  }
}

/** RFC 6143, 7.6.1: a rectangle's head. */
function pseudoRect(encoding: number, rect: Rect = { x: 0, y: 0, width: 0, height: 0 }): Uint8Array {
  const writer = new ByteWriter().u16(rect.x).u16(rect.y).u16(rect.width).u16(rect.height);
  return writer.i32(encoding).finish();
}
