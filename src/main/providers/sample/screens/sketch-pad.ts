import { Emitter } from "../../../../shared/lifecycle/event.ts";
import { pixelBoundsOf, type Rect } from "../drawing/geometry.ts";
import { characterAdvancePx, lineHeightPx, type TextStyle } from "../drawing/glyph-mask.ts";
import { hasGlyph } from "../drawing/glyphs.ts";
import { PALETTE } from "../drawing/palette.ts";
import { PixelCanvas } from "../drawing/pixel-canvas.ts";
import { characterOf, KEYSYM, keysymName } from "./keysyms.ts";
import type { KeyInput, PointerInput, Screen } from "./screen.ts";

const FIRST_WIDTH = 800;
const FIRST_HEIGHT = 600;
const MIN_WIDTH = 480;
const MIN_HEIGHT = 360;
const MAX_WIDTH = 3840;
const MAX_HEIGHT = 2160;

const TITLE_HEIGHT = 44;
const STATUS_HEIGHT = 104;
const MARGIN = 16;
/** The text stands in the upper part, the drawing below. */
const TEXT_SHARE = 0.42;
const MAX_TEXT_LENGTH = 4000;
const MAX_STROKE_POINTS = 20_000;
const CLIPBOARD_SHOWN_CHARACTERS = 40;

const TITLE: TextStyle = { dotPx: 2, colour: PALETTE.text, weight: "bold" };
const HINT: TextStyle = { dotPx: 1.25, colour: PALETTE.quiet };
/** What is typed: 12 x 21 pixel cells. */
export const SKETCH_TEXT: TextStyle = { dotPx: 2, colour: PALETTE.ink };
const STATUS: TextStyle = { dotPx: 1.5, colour: PALETTE.text };
const STATUS_LABEL: TextStyle = { dotPx: 1.5, colour: PALETTE.faint };

const BUTTON_NAMES = ["left", "middle", "right", "wheel-up", "wheel-down", "wheel-left", "wheel-right"];
const LEFT_BUTTON = 1;
const RIGHT_BUTTON = 4;

interface StrokePart {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

/** Echoes keys as text, draws with the mouse, and says what arrives: for trying the way of the input. */
export class SketchPad implements Screen {
  readonly name = "sketch-pad";
  readonly tickMs = undefined;
  readonly canvas = new PixelCanvas(FIRST_WIDTH, FIRST_HEIGHT);
  readonly #clipboardChanged = new Emitter<string>();
  readonly onClipboardChange = this.#clipboardChanged.event;
  readonly #pressed = new Map<number, string>();
  #text = "";
  #strokes: StrokePart[] = [];
  #pointer: PointerInput = { x: 0, y: 0, buttonMask: 0 };
  #lastKey = "none yet";
  #clipboard = "";

  constructor() {
    this.#paint(this.canvas.bounds);
  }

  /** What was typed, as it stands on the screen. */
  get text(): string {
    return this.#text;
  }

  tick(): void {
    // Only input changes it.
  }

  handleKey(input: KeyInput): void {
    const name = keysymName(input.keysym);
    if (input.isDown) {
      this.#pressed.set(input.keysym, name);
      const scanCode =
        input.scanCode === undefined ? "" : `  scan code 0x${input.scanCode.toString(16).padStart(2, "0")}`;
      this.#lastKey = `${name}  keysym 0x${input.keysym.toString(16).padStart(4, "0")}${scanCode}`;
      this.#type(input.keysym);
    } else {
      this.#pressed.delete(input.keysym);
    }
    this.#paint(this.#statusArea());
  }

  handlePointer(input: PointerInput): void {
    const before = this.#pointer;
    this.#pointer = input;
    const area = this.#drawingArea();
    const isInside = input.y >= area.y && input.y < area.y + area.height;
    if ((input.buttonMask & LEFT_BUTTON) !== 0 && isInside && this.#strokes.length < MAX_STROKE_POINTS) {
      const wasDown = (before.buttonMask & LEFT_BUTTON) !== 0;
      const from: [number, number] = wasDown ? [before.x, before.y] : [input.x, input.y];
      this.#strokes.push({ from, to: [input.x, input.y] });
      this.#paint(strokeBounds(from, [input.x, input.y], area));
    }
    const isRightClick = (input.buttonMask & RIGHT_BUTTON) !== 0 && (before.buttonMask & RIGHT_BUTTON) === 0;
    if (isRightClick && this.#strokes.length > 0) {
      this.#strokes = [];
      this.#paint(area);
    }
    this.#paint(this.#statusArea());
  }

  handleClipboard(text: string): void {
    this.#clipboard = text;
    this.#paint(this.#statusArea());
  }

  requestSize(width: number, height: number): boolean {
    if (width < MIN_WIDTH || height < MIN_HEIGHT || width > MAX_WIDTH || height > MAX_HEIGHT) return false;
    this.canvas.resize(width, height);
    this.#paint(this.canvas.bounds);
    return true;
  }

  #type(keysym: number): void {
    const hasControl = this.#pressed.has(KEYSYM.controlLeft) || this.#pressed.has(KEYSYM.controlRight);
    const hasAlt = this.#pressed.has(KEYSYM.altLeft) || this.#pressed.has(KEYSYM.altRight);
    const character = characterOf(keysym);
    if (hasControl && hasAlt && keysym === KEYSYM.delete) this.#setText("");
    else if (hasControl) this.#handleControl(character?.toLowerCase());
    else if (hasAlt) return;
    else if (keysym === KEYSYM.backSpace) this.#setText(Array.from(this.#text).slice(0, -1).join(""));
    else if (keysym === KEYSYM.return || keysym === KEYSYM.keypadEnter) this.#setText(`${this.#text}\n`);
    else if (keysym === KEYSYM.tab) this.#setText(`${this.#text}    `);
    else if (character !== undefined) this.#setText(this.#text + character);
  }

  #handleControl(character: string | undefined): void {
    if (character === "c") this.#clipboardChanged.fire(this.#text);
    else if (character === "v") this.#setText(this.#text + this.#clipboard);
    else if (character === "l") {
      this.#strokes = [];
      this.#setText("");
      this.#paint(this.#drawingArea());
    }
  }

  #setText(text: string): void {
    this.#text = text.slice(-MAX_TEXT_LENGTH);
    this.#paint(this.#textArea());
  }

  #textArea(): Rect {
    const room = this.canvas.height - TITLE_HEIGHT - STATUS_HEIGHT;
    return { x: 0, y: TITLE_HEIGHT, width: this.canvas.width, height: Math.round(room * TEXT_SHARE) };
  }

  #drawingArea(): Rect {
    const text = this.#textArea();
    const y = text.y + text.height;
    return { x: 0, y, width: this.canvas.width, height: this.#statusArea().y - y };
  }

  #statusArea(): Rect {
    return { x: 0, y: this.canvas.height - STATUS_HEIGHT, width: this.canvas.width, height: STATUS_HEIGHT };
  }

  #paint(rect: Rect): void {
    this.canvas.paint(rect, () => {
      this.#drawTitle();
      this.#drawText();
      this.#drawDrawing();
      this.#drawStatus();
    });
  }

  #drawTitle(): void {
    const { canvas } = this;
    canvas.fill({ x: 0, y: 0, width: canvas.width, height: TITLE_HEIGHT }, PALETTE.panel);
    canvas.disc(MARGIN + 5, 22, 5, PALETTE.signal);
    canvas.text(MARGIN + 22, 11, "Sketch pad", TITLE);
    canvas.text(
      MARGIN + 172,
      16,
      "type · draw with the left button · right button or Ctrl+L clears · Ctrl+C, Ctrl+V",
      HINT,
    );
  }

  #drawText(): void {
    const area = this.#textArea();
    const { canvas } = this;
    canvas.fill(area, PALETTE.paper);
    const advance = characterAdvancePx(SKETCH_TEXT.dotPx);
    const lineHeight = lineHeightPx(SKETCH_TEXT.dotPx);
    const columns = Math.floor((area.width - 2 * MARGIN) / advance) - 1;
    const rows = Math.floor((area.height - 2 * MARGIN) / lineHeight);
    const lines = wrapText(this.#text, columns).slice(-rows);
    lines.forEach((line, row) => canvas.text(MARGIN, area.y + MARGIN + row * lineHeight, printable(line), SKETCH_TEXT));
    const lastLine = lines.at(-1) ?? "";
    const caretX = MARGIN + Array.from(lastLine).length * advance;
    const caretY = area.y + MARGIN + (Math.max(1, lines.length) - 1) * lineHeight;
    canvas.fill({ x: caretX, y: caretY + 1, width: 2, height: lineHeight - 3 }, PALETTE.signal);
  }

  #drawDrawing(): void {
    const area = this.#drawingArea();
    const { canvas } = this;
    canvas.fill(area, 0xefece3);
    canvas.fill({ ...area, height: 1 }, 0xd8d3c6);
    for (let y = area.y + 20; y < area.y + area.height; y += 20) {
      for (let x = 20; x < area.width; x += 20) canvas.fill({ x, y, width: 1, height: 1 }, 0xc4beaf);
    }
    for (const { from, to } of this.#strokes) canvas.line(from, to, STROKE_WIDTH, 0xc9831a);
  }

  #drawStatus(): void {
    const area = this.#statusArea();
    const { canvas } = this;
    canvas.fill(area, PALETTE.ground);
    canvas.fill({ ...area, height: 1 }, PALETTE.line);
    const { x, y, buttonMask } = this.#pointer;
    const buttons = BUTTON_NAMES.filter((_, bit) => (buttonMask & (1 << bit)) !== 0).join(" ");
    const rows: [string, string][] = [
      ["pointer", `${x},${y}  ${buttons === "" ? "no button" : buttons}`],
      ["keys down", [...this.#pressed.values()].join(" ") || "none"],
      ["last key", this.#lastKey],
      ["clipboard", shortened(this.#clipboard)],
    ];
    rows.forEach(([label, value], row) => {
      const top = area.y + 12 + row * 22;
      canvas.text(MARGIN, top, label, STATUS_LABEL);
      canvas.text(MARGIN + 96, top, printable(value), STATUS);
    });
    const size = `${canvas.width}×${canvas.height}`;
    const sizeWidth = size.length * characterAdvancePx(STATUS_LABEL.dotPx);
    canvas.text(canvas.width - MARGIN - sizeWidth, area.y + 12, size, STATUS_LABEL);
  }
}

const STROKE_WIDTH = 4;

function strokeBounds(from: readonly [number, number], to: readonly [number, number], area: Rect): Rect {
  const left = Math.min(from[0], to[0]) - STROKE_WIDTH;
  const right = Math.max(from[0], to[0]) + STROKE_WIDTH;
  const top = Math.max(area.y, Math.min(from[1], to[1]) - STROKE_WIDTH);
  const bottom = Math.min(area.y + area.height, Math.max(from[1], to[1]) + STROKE_WIDTH);
  return pixelBoundsOf(left, top, right, bottom);
}

function wrapText(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => {
    const characters = Array.from(line);
    const rows: string[] = [];
    for (let at = 0; at === 0 || at < characters.length; at += columns) {
      rows.push(characters.slice(at, at + columns).join(""));
    }
    return rows;
  });
}

function printable(text: string): string {
  return Array.from(text, (character) => (hasGlyph(character) ? character : "?")).join("");
}

function shortened(text: string): string {
  const line = text.replaceAll("\n", "·");
  if (line === "") return "empty";
  return line.length <= CLIPBOARD_SHOWN_CHARACTERS ? line : `${line.slice(0, CLIPBOARD_SHOWN_CHARACTERS)} ...`;
}
