import { type IBufferCell, type Terminal } from "@xterm/xterm";
import { legibleInk } from "./legible-colour.ts";

/** The palette's first sixteen, as xterm.js has them. */
const BASE_COLOURS = [
  0x2e3436, 0xcc0000, 0x4e9a06, 0xc4a000, 0x3465a4, 0x75507b, 0x06989a, 0xd3d7cf, 0x555753, 0xef2929, 0x8ae234,
  0xfce94f, 0x729fcf, 0xad7fa8, 0x34e2e2, 0xeeeeec,
] as const;

/** The levels of the 6x6x6 colour cube of xterm's 256 colours. */
const CUBE_LEVELS = [0, 95, 135, 175, 215, 255] as const;

function paletteColour(index: number): number {
  const base = BASE_COLOURS[index];
  if (base !== undefined) return base;
  if (index >= 232) return (8 + (index - 232) * 10) * 0x010101;
  const cube = index - 16;
  const level = (at: number): number => CUBE_LEVELS[at] ?? 0;
  return (level(Math.floor(cube / 36)) << 16) | (level(Math.floor(cube / 6) % 6) << 8) | level(cube % 6);
}

function textOf(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, "0")}`;
}

/** The page's tokens are all of the form #rrggbb or #rgb; another one is as good as none. */
function rgbOf(text: string | undefined, fallback: number): number {
  const hex = /^#(?:([0-9a-f]{6})|([0-9a-f]{3}))$/i.exec(text ?? "");
  if (hex === null) return fallback;
  return Number.parseInt(hex[1] ?? (hex[2] ?? "").replace(/./g, "$&$&"), 16);
}

interface Colours {
  readonly foreground: number;
  readonly background: number;
}

function foregroundOf(cell: IBufferCell, theme: Colours): number {
  if (cell.isFgPalette()) return paletteColour(cell.getFgColor());
  return cell.isFgRGB() ? cell.getFgColor() : theme.foreground;
}

function backgroundOf(cell: IBufferCell, theme: Colours): number {
  if (cell.isBgPalette()) return paletteColour(cell.getBgColor());
  return cell.isBgRGB() ? cell.getBgColor() : theme.background;
}

/**
 * Paints the visible screen of a terminal by itself, since xterm.js paints into elements, or into a WebGL canvas that can be read
 * only while it is shown.
 */
export function paintTerminal(terminal: Terminal, target: HTMLCanvasElement, fontSizePx: number): boolean {
  const context = target.getContext("2d");
  if (context === null) return false;
  const theme: Colours = {
    foreground: rgbOf(terminal.options.theme?.foreground, 0xffffff),
    background: rgbOf(terminal.options.theme?.background, 0x000000),
  };
  const font = `${fontSizePx}px ${terminal.options.fontFamily ?? "monospace"}`;
  context.font = font;
  const cellWidth = context.measureText("W").width;
  const cellHeight = Math.ceil(fontSizePx * 1.2);
  const width = Math.max(1, Math.ceil(cellWidth * terminal.cols));
  const height = Math.max(1, cellHeight * terminal.rows);
  if (target.width !== width) target.width = width;
  if (target.height !== height) target.height = height;
  context.fillStyle = textOf(theme.background);
  context.fillRect(0, 0, width, height);
  // Setting the size resets the state.
  context.font = font;
  context.textBaseline = "middle";
  const buffer = terminal.buffer.active;
  const cell = buffer.getNullCell();
  for (let row = 0; row < terminal.rows; row += 1) {
    const line = buffer.getLine(buffer.viewportY + row);
    if (line === undefined) continue;
    for (let column = 0; column < terminal.cols; column += 1) {
      line.getCell(column, cell);
      const isInverse = cell.isInverse() !== 0;
      const hasGround = isInverse || !cell.isBgDefault();
      const text = cell.getChars();
      if (!hasGround && (text === "" || text === " ")) continue;
      const [front, back] = [foregroundOf(cell, theme), backgroundOf(cell, theme)];
      const [ink, ground] = isInverse ? [back, front] : [front, back];
      const x = column * cellWidth;
      if (hasGround) {
        context.fillStyle = textOf(ground);
        context.fillRect(x, row * cellHeight, Math.ceil(cellWidth * Math.max(1, cell.getWidth())), cellHeight);
      }
      if (text === "" || text === " ") continue;
      context.fillStyle = textOf(legibleInk(ink, ground));
      context.fillText(text, x, row * cellHeight + cellHeight / 2);
    }
  }
  return true;
}
