import { ProtocolError } from "../../bytes/protocol-error.ts";
import { CURSOR_MESSAGE } from "../constants/message-types.ts";
import type { SpiceMessage } from "../wire/spice-channel.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { type CursorShape, decodeCursor, parseCursorHeader } from "./cursor-shape.ts";

/** Pointers that a server may keep here. SPICE servers keep 256 and drop the oldest by `invalOne`. */
export const MAX_CACHED_CURSORS = 1024;

/** The same in bytes of decoded pixels; 1024 pointers of 64x64 have 16 MiB. */
export const MAX_CACHED_CURSOR_BYTES = 64 * 1024 * 1024;

/** spice.proto, "cursor_flags". */
const CURSOR_NONE = 1;
const CURSOR_CACHE_ME = 2;
const CURSOR_FROM_CACHE = 4;

/** How the guest's pointer looks and where it stands. A shape that stays the same is the same object. */
export interface CursorState {
  /** Undefined: the guest has set none; a plain arrow will do. */
  readonly shape: CursorShape | undefined;
  /** False: the guest shows no pointer. */
  readonly isVisible: boolean;
  /** Of the hot spot, in the guest's pixels; of use in mouse mode "server" alone, where the guest moves it. */
  readonly x: number;
  readonly y: number;
}

const NO_CURSOR: CursorState = { shape: undefined, isVisible: true, x: 0, y: 0 };

export interface CursorChannelOptions {
  readonly handleChange: (state: CursorState) => void;
}

/** The pointer of one display (spice.proto, "CursorChannel"). */
export class CursorChannel {
  readonly #handleChange: (state: CursorState) => void;
  readonly #shapeById = new Map<bigint, CursorShape>();
  #cachedBytes = 0;
  #state = NO_CURSOR;

  constructor(options: CursorChannelOptions) {
    this.#handleChange = options.handleChange;
  }

  get state(): CursorState {
    return this.#state;
  }

  /** Throws ProtocolError. */
  handleMessage({ type, body }: SpiceMessage): void {
    const reader = new SpiceReader(body);
    switch (type) {
      case CURSOR_MESSAGE.init:
        this.#clearCache();
        this.#handleSet(reader, { hasTrail: true });
        return;
      case CURSOR_MESSAGE.reset:
        this.reset();
        return;
      case CURSOR_MESSAGE.set:
        this.#handleSet(reader, { hasTrail: false });
        return;
      case CURSOR_MESSAGE.move:
        // A pointer that moves is seen: servers send no other message when a hidden one comes back.
        this.#change({ x: reader.i16(), y: reader.i16(), isVisible: true });
        return;
      case CURSOR_MESSAGE.hide:
        this.#change({ isVisible: false });
        return;
      case CURSOR_MESSAGE.trail:
        // Length and frequency of a tail that nobody draws any more.
        reader.skip(4);
        return;
      case CURSOR_MESSAGE.invalOne:
        this.#uncache(reader.u64());
        return;
      case CURSOR_MESSAGE.invalAll:
        this.#clearCache();
        return;
      default:
        throw new ProtocolError("malformed", "the protocol has no such message");
    }
  }

  /** Also before the session goes on with a host that begins anew. */
  reset(): void {
    this.#clearCache();
    this.#change(NO_CURSOR);
  }

  /** INIT: position, trail, visible, pointer. SET: the same without the trail. */
  #handleSet(reader: SpiceReader, options: { hasTrail: boolean }): void {
    const x = reader.i16();
    const y = reader.i16();
    if (options.hasTrail) reader.skip(4);
    const isVisible = reader.u8() !== 0;
    const flags = reader.u16();
    if ((flags & CURSOR_NONE) !== 0) {
      this.#change({ shape: undefined, isVisible: false, x, y });
      return;
    }
    const shape = this.#readShape(reader, flags);
    // Nothing to see is no pointer.
    this.#change({ shape, isVisible: isVisible && shape.width > 0 && shape.height > 0, x, y });
  }

  #readShape(reader: SpiceReader, flags: number): CursorShape {
    const id = reader.u64();
    if ((flags & CURSOR_FROM_CACHE) !== 0) {
      const shape = this.#shapeById.get(id);
      if (shape === undefined) throw new ProtocolError("malformed", `pointer ${String(id)} was never sent`);
      return shape;
    }
    const shape = decodeCursor(parseCursorHeader(reader), reader);
    if ((flags & CURSOR_CACHE_ME) !== 0) this.#cache(id, shape);
    return shape;
  }

  #cache(id: bigint, shape: CursorShape): void {
    this.#uncache(id);
    this.#cachedBytes += shape.rgba.length;
    this.#shapeById.set(id, shape);
    if (this.#shapeById.size > MAX_CACHED_CURSORS || this.#cachedBytes > MAX_CACHED_CURSOR_BYTES) {
      throw new ProtocolError("limit", `${String(this.#shapeById.size)} pointers are to be kept`);
    }
  }

  #uncache(id: bigint): void {
    this.#cachedBytes -= this.#shapeById.get(id)?.rgba.length ?? 0;
    this.#shapeById.delete(id);
  }

  #clearCache(): void {
    this.#shapeById.clear();
    this.#cachedBytes = 0;
  }

  #change(change: Partial<CursorState>): void {
    this.#state = { ...this.#state, ...change };
    this.#handleChange(this.#state);
  }
}
