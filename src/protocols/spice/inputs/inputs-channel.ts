import { ProtocolError } from "../../bytes/protocol-error.ts";
import { INPUTS_CLIENT_MESSAGE, INPUTS_MESSAGE } from "../constants/message-types.ts";
import type { SpiceMessage } from "../wire/spice-channel.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { scancodesOf } from "./scancodes.ts";

/** SPICE_INPUT_MOTION_ACK_BUNCH: the server acknowledges so many motions or positions by one message. */
export const MOTION_ACK_BUNCH = 4;

/**
 * Above so many motions without acknowledgement further ones are held back and merged: on a slow line the pointer then lags by
 * one round trip and not by all motions of that time. Two bunches, so that the line is never idle.
 */
export const MAX_UNACKED_MOTIONS = 2 * MOTION_ACK_BUNCH;

/** spice.proto, "mouse_button", without the wheel's. */
export const MOUSE_BUTTON = { left: 1, middle: 2, right: 3, side: 6, extra: 7 } as const;

export type MouseButton = keyof typeof MOUSE_BUTTON;

/** spice.proto, "mouse_button": a turn of the wheel is a press and a release of these. */
const WHEEL_BUTTON = { up: 4, down: 5 } as const;

/** spice.proto, "keyboard_modifier_flags". */
const SCROLL_LOCK = 1;
const NUM_LOCK = 2;
const CAPS_LOCK = 4;

const MAX_I32 = 2 ** 31 - 1;

export interface KeyLocks {
  readonly scrollLock: boolean;
  readonly numLock: boolean;
  readonly capsLock: boolean;
}

/** The lights of the guest's keyboard, at the beginning and at each change. */
export interface InputsChannelEvent {
  readonly kind: "locks";
  readonly locks: KeyLocks;
}

export interface InputsChannelOptions {
  readonly sendMessage: (type: number, body: Uint8Array) => void;
  readonly handleEvent: (event: InputsChannelEvent) => void;
  /** Whether the server has INPUTS_CAPABILITY.keyScancode, asked at each use. Without: never. */
  readonly hasKeyScancode?: () => boolean;
}

/** Keyboard and mouse of one session (spice.proto, "InputsChannel"). It remembers what is held down. */
export class InputsChannel {
  readonly #options: InputsChannelOptions;
  readonly #heldKeys = new Set<string>();
  /** "mouse_button_mask" of what is held: bit n - 1 of button n. */
  #buttons = 0;
  #unackedMotions = 0;
  #heldMotion = { dx: 0, dy: 0 };
  #heldPosition: { readonly x: number; readonly y: number; readonly displayId: number } | undefined;

  constructor(options: InputsChannelOptions) {
    this.#options = options;
  }

  /** Throws ProtocolError. */
  handleMessage({ type, body }: SpiceMessage): void {
    switch (type) {
      case INPUTS_MESSAGE.init:
      case INPUTS_MESSAGE.keyModifiers: {
        const bits = new SpiceReader(body).u16();
        const locks = {
          scrollLock: (bits & SCROLL_LOCK) !== 0,
          numLock: (bits & NUM_LOCK) !== 0,
          capsLock: (bits & CAPS_LOCK) !== 0,
        };
        this.#options.handleEvent({ kind: "locks", locks });
        return;
      }
      case INPUTS_MESSAGE.mouseMotionAck:
        // Presses send held motions past the limit, and a server may acknowledge what was sent before a move to it.
        this.#unackedMotions = Math.max(0, this.#unackedMotions - MOTION_ACK_BUNCH);
        this.#flushPointer();
        return;
      default:
        throw new ProtocolError("malformed", "the protocol has no such message");
    }
  }

  /** By KeyboardEvent.code. False: no PC keyboard has such a key, and nothing was sent. Again while held: a repeat. */
  pressKey(code: string): boolean {
    const scancodes = scancodesOf(code);
    if (scancodes === undefined) return false;
    if (scancodes.release.length > 0) this.#heldKeys.add(code);
    this.#sendScancodes(INPUTS_CLIENT_MESSAGE.keyDown, scancodes.press);
    return true;
  }

  releaseKey(code: string): boolean {
    const scancodes = scancodesOf(code);
    if (scancodes === undefined) return false;
    this.#heldKeys.delete(code);
    if (scancodes.release.length > 0) this.#sendScancodes(INPUTS_CLIENT_MESSAGE.keyUp, scancodes.release);
    return true;
  }

  /** When the console loses the keyboard: nothing stays down in the guest. */
  releaseAllKeys(): void {
    for (const code of [...this.#heldKeys]) this.releaseKey(code);
  }

  /** Makes the guest's locks as the user's are, by pressing what differs. */
  setLocks(locks: KeyLocks): void {
    const bits =
      (locks.scrollLock ? SCROLL_LOCK : 0) | (locks.numLock ? NUM_LOCK : 0) | (locks.capsLock ? CAPS_LOCK : 0);
    this.#send(INPUTS_CLIENT_MESSAGE.keyModifiers, new SpiceWriter().u16(bits));
  }

  /** For mouse mode "server": how far the mouse was moved, in the guest's pixels. */
  moveBy(dx: number, dy: number): void {
    this.#heldMotion = {
      dx: clampI32(this.#heldMotion.dx + Math.trunc(dx)),
      dy: clampI32(this.#heldMotion.dy + Math.trunc(dy)),
    };
    if (this.#unackedMotions < MAX_UNACKED_MOTIONS) this.#flushPointer();
  }

  /** For mouse mode "client": where the pointer is on that display channel's surface, in pixels. */
  moveTo(x: number, y: number, displayId: number): void {
    this.#heldPosition = {
      x: Math.max(0, clampI32(Math.trunc(x))),
      y: Math.max(0, clampI32(Math.trunc(y))),
      displayId,
    };
    if (this.#unackedMotions < MAX_UNACKED_MOTIONS) this.#flushPointer();
  }

  pressButton(button: MouseButton): void {
    this.#buttons |= maskOf(MOUSE_BUTTON[button]);
    this.#sendButton(INPUTS_CLIENT_MESSAGE.mousePress, MOUSE_BUTTON[button]);
  }

  releaseButton(button: MouseButton): void {
    this.#buttons &= ~maskOf(MOUSE_BUTTON[button]);
    this.#sendButton(INPUTS_CLIENT_MESSAGE.mouseRelease, MOUSE_BUTTON[button]);
  }

  /** When the console loses the mouse. */
  releaseAllButtons(): void {
    for (const button of Object.keys(MOUSE_BUTTON) as MouseButton[]) {
      if ((this.#buttons & maskOf(MOUSE_BUTTON[button])) !== 0) this.releaseButton(button);
    }
  }

  /** One notch. The wheel is no held button, so it stands in no mask. */
  turnWheel(direction: "up" | "down"): void {
    this.#sendButton(INPUTS_CLIENT_MESSAGE.mousePress, WHEEL_BUTTON[direction]);
    this.#sendButton(INPUTS_CLIENT_MESSAGE.mouseRelease, WHEEL_BUTTON[direction]);
  }

  /** After a move to a host that begins anew: nothing is held there, and nothing will be acknowledged. */
  reset(): void {
    this.#heldKeys.clear();
    this.#buttons = 0;
    this.#unackedMotions = 0;
    this.#heldMotion = { dx: 0, dy: 0 };
    this.#heldPosition = undefined;
  }

  /** KEY_DOWN and KEY_UP carry up to four bytes in a number, the first one lowest; KEY_SCANCODE as many as there are. */
  #sendScancodes(type: number, bytes: readonly number[]): void {
    if (bytes.length <= 4) {
      const code = bytes.reduceRight((number, byte) => ((number << 8) | byte) >>> 0, 0);
      this.#send(type, new SpiceWriter().u32(code));
    } else if (this.#options.hasKeyScancode?.() === true) {
      this.#options.sendMessage(INPUTS_CLIENT_MESSAGE.keyScancode, Uint8Array.from(bytes));
    } else {
      this.#sendScancodes(type, bytes.slice(0, 3));
      this.#sendScancodes(type, bytes.slice(3));
    }
  }

  /** What was moved comes first, whatever is not acknowledged: a click must be where the user saw it. */
  #sendButton(type: number, button: number): void {
    this.#flushPointer();
    this.#send(type, new SpiceWriter().u8(button).u16(this.#buttons));
  }

  #flushPointer(): void {
    const { dx, dy } = this.#heldMotion;
    if (dx !== 0 || dy !== 0) {
      this.#heldMotion = { dx: 0, dy: 0 };
      this.#unackedMotions += 1;
      this.#send(INPUTS_CLIENT_MESSAGE.mouseMotion, new SpiceWriter().i32(dx).i32(dy).u16(this.#buttons));
    }
    const position = this.#heldPosition;
    if (position !== undefined) {
      this.#heldPosition = undefined;
      this.#unackedMotions += 1;
      const { x, y, displayId } = position;
      this.#send(INPUTS_CLIENT_MESSAGE.mousePosition, new SpiceWriter().u32(x).u32(y).u16(this.#buttons).u8(displayId));
    }
  }

  #send(type: number, body: SpiceWriter): void {
    this.#options.sendMessage(type, body.finish());
  }
}

function maskOf(button: number): number {
  return 1 << (button - 1);
}

function clampI32(value: number): number {
  return Math.min(Math.max(value, -MAX_I32), MAX_I32);
}
