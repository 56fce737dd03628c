import type { Rect } from "../drawing/geometry.ts";
import { characterAdvancePx, type TextStyle } from "../drawing/glyph-mask.ts";
import { hasGlyph } from "../drawing/glyphs.ts";
import { PALETTE } from "../drawing/palette.ts";
import { PixelCanvas } from "../drawing/pixel-canvas.ts";
import { characterOf, KEYSYM } from "./keysyms.ts";
import type { KeyInput, Screen } from "./screen.ts";

const FIRMWARE_WIDTH = 640;
const FIRMWARE_HEIGHT = 480;
const FIRMWARE_MS = 2000;
/** Text mode: 80 by 25 cells of 9 by 16. */
const TEXT_WIDTH = 720;
const TEXT_HEIGHT = 400;
const CELL_HEIGHT = 16;
const ROWS = 25;
const LINE_MS = 130;
const BLINK_MS = 500;
const MAX_INPUT_CHARACTERS = 60;

const TEXT: TextStyle = { dotPx: 1.5, colour: 0xc9ced6 };
const OK: TextStyle = { dotPx: 1.5, colour: PALETTE.running };

const BOOT_LINES = [
  "Switchyard sample kernel on x86_64",
  "Memory: 512 MB available",
  "smp: brought up 1 node, 2 CPUs",
  "clocksource: tsc",
  "virtio_blk vda: 8 GiB",
  "EXT4-fs (vda1): mounted, read-write",
  "OK Started the points and crossings",
  "OK Started the interlocking",
  "OK Reached target lamps lit",
  "OK Started the timetable",
  "OK Reached target yard open",
] as const;

type Phase = "firmware" | "kernel" | "login";

/** A machine that starts: firmware at one size, then text mode at another, then a login that echoes. */
export class BootScreen implements Screen {
  readonly name = "depot";
  readonly tickMs = 100;
  readonly canvas = new PixelCanvas(FIRMWARE_WIDTH, FIRMWARE_HEIGHT);
  readonly #startedMs: number;
  #phase: Phase = "firmware";
  #shownLineCount = 0;
  #progressPx = 0;
  #lines: string[] = [];
  #input = "";
  #isCaretLit = true;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
    this.#paint(this.canvas.bounds);
  }

  tick(nowMs: number): void {
    const runMs = nowMs - this.#startedMs;
    if (this.#phase === "firmware" && runMs >= FIRMWARE_MS) {
      this.#phase = "kernel";
      this.canvas.resize(TEXT_WIDTH, TEXT_HEIGHT);
      this.#paint(this.canvas.bounds);
    }
    if (this.#phase === "firmware") this.#showProgress(runMs);
    if (this.#phase === "kernel") this.#showLines(runMs - FIRMWARE_MS);
    if (this.#phase === "login") this.#blink(nowMs);
  }

  handleKey({ isDown, keysym }: KeyInput): void {
    if (!isDown || this.#phase !== "login") return;
    const character = characterOf(keysym);
    if (keysym === KEYSYM.return || keysym === KEYSYM.keypadEnter) {
      const answer = this.#input === "" ? [] : [`Nobody lives here, ${this.#input}.`, ""];
      this.#lines = [...this.#lines.slice(0, -1), `${this.#prompt()}${this.#input}`, ...answer, ""].slice(-ROWS);
      this.#input = "";
      this.#paint(this.canvas.bounds);
      return;
    }
    if (keysym === KEYSYM.backSpace) this.#input = this.#input.slice(0, -1);
    else if (character !== undefined && hasGlyph(character) && this.#input.length < MAX_INPUT_CHARACTERS) {
      this.#input += character;
    }
    this.#paint(rowArea(this.#lines.length - 1));
  }

  #prompt(): string {
    return "depot login: ";
  }

  #showProgress(runMs: number): void {
    const progressPx = Math.round((Math.min(1, runMs / FIRMWARE_MS) * PROGRESS.width) / 8) * 8;
    if (progressPx === this.#progressPx) return;
    this.#progressPx = progressPx;
    this.#paint(PROGRESS);
  }

  #showLines(runMs: number): void {
    const wanted = Math.min(BOOT_LINES.length, Math.floor(runMs / LINE_MS) + 1);
    for (; this.#shownLineCount < wanted; this.#shownLineCount += 1) {
      const time = ((this.#shownLineCount + 1) * 0.137).toFixed(6).padStart(9);
      const line = BOOT_LINES[this.#shownLineCount] ?? "";
      this.#lines.push(line.startsWith("OK ") ? `[  OK  ]${line.slice(2)}` : `[${time}] ${line}`);
      this.#paint(rowArea(this.#lines.length - 1));
    }
    if (wanted < BOOT_LINES.length) return;
    this.#phase = "login";
    this.#lines.push("", "Switchyard sample guest depot tty1", "", "");
    this.#paint(this.canvas.bounds);
  }

  #blink(nowMs: number): void {
    const isLit = Math.floor(nowMs / BLINK_MS) % 2 === 0;
    if (isLit === this.#isCaretLit) return;
    this.#isCaretLit = isLit;
    this.#paint(rowArea(this.#lines.length - 1));
  }

  #paint(area: Rect): void {
    this.canvas.paint(area, () => {
      this.canvas.fill(area, 0x000000);
      if (this.#phase === "firmware") this.#drawFirmware();
      else this.#drawText();
    });
  }

  #drawFirmware(): void {
    const { canvas } = this;
    // The product's mark: two tracks and a switch.
    const at = (x: number, y: number): [number, number] => [320 + (x - 9) * 9, 170 + (y - 9) * 9];
    canvas.line(at(2, 4), at(5, 4), 14, PALETTE.faint);
    canvas.line(at(13, 14), at(16, 14), 14, PALETTE.faint);
    canvas.line(at(2, 14), at(6, 14), 14, PALETTE.signal);
    const curve = Array.from({ length: 21 }, (_, index) => {
      const t = index / 20;
      const bezier = (a: number, b: number, c: number, d: number): number =>
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
      return at(bezier(6, 11, 11, 16), bezier(14, 14, 4, 4));
    });
    curve.slice(1).forEach((point, index) => {
      canvas.line(curve[index] ?? point, point, 14, PALETTE.signal);
    });
    const label = "Sample firmware";
    const style: TextStyle = { dotPx: 2, colour: PALETTE.quiet };
    canvas.text(320 - (label.length * characterAdvancePx(style.dotPx)) / 2, 290, label, style);
    canvas.roundRect(PROGRESS, 3, PALETTE.raised);
    if (this.#progressPx > 6) canvas.roundRect({ ...PROGRESS, width: this.#progressPx }, 3, PALETTE.signal);
  }

  #drawText(): void {
    const { canvas } = this;
    this.#lines.forEach((line, row) => {
      const y = row * CELL_HEIGHT;
      const isPrompt = this.#phase === "login" && row === this.#lines.length - 1;
      const text = isPrompt ? `${this.#prompt()}${this.#input}` : line;
      canvas.text(4, y, text, TEXT);
      if (line.startsWith("[  OK  ]")) canvas.text(4, y, "   OK", OK);
      if (isPrompt && this.#isCaretLit) {
        canvas.fill({ x: 4 + text.length * 9, y: y + 12, width: 9, height: 2 }, TEXT.colour);
      }
    });
  }
}

const PROGRESS: Rect = { x: 220, y: 350, width: 200, height: 6 };

function rowArea(row: number): Rect {
  return { x: 0, y: row * CELL_HEIGHT, width: TEXT_WIDTH, height: CELL_HEIGHT };
}
