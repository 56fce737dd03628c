import type { Event } from "../../../../shared/lifecycle/event.ts";
import type { PixelCanvas } from "../drawing/pixel-canvas.ts";

export interface KeyInput {
  readonly isDown: boolean;
  readonly keysym: number;
  /** The PC's XT scan code, from viewers that send it (QEMU Extended Key Event). */
  readonly scanCode: number | undefined;
}

export interface PointerInput {
  readonly x: number;
  readonly y: number;
  /** RFC 6143, 7.5.5: bit 0 left, 1 middle, 2 right, 3 and 4 the wheel. */
  readonly buttonMask: number;
}

/** A guest's display with what is behind it. It lives as long as its guest runs, with or without viewers. */
export interface Screen {
  readonly canvas: PixelCanvas;
  /** The desktop's name, as the protocol tells it. */
  readonly name: string;
  /** How often `tick` is wanted while somebody looks; undefined when only input changes the picture. */
  readonly tickMs: number | undefined;
  /** Brings the picture to this time. */
  tick(nowMs: number): void;
  handleKey?(input: KeyInput): void;
  handlePointer?(input: PointerInput): void;
  handleClipboard?(text: string): void;
  /** The guest put a text into its clipboard. */
  readonly onClipboardChange?: Event<string>;
  /** Present when viewers may choose the size. False: this size is not possible. */
  requestSize?(width: number, height: number): boolean;
}
