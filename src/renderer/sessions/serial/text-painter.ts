import { type IBufferCell, type ITheme, type Terminal } from "@xterm/xterm";

/** The palette's first sixteen, as xterm.js has them. */
const BASE_COLOURS = [
  "#2e3436",
  "#cc0000",
  "#4e9a06",
  "#c4a000",
  "#3465a4",
  "#75507b",
  "#06989a",
  "#d3d7cf",
  "#555753",
  "#ef2929",
  "#8ae234",
  "#fce94f",
  "#729fcf",
  "#ad7fa8",
  "#34e2e2",
  "#eeeeec",
] as const;

/** The levels of the 6x6x6 colour cube of xterm's 256 colours. */
const CUBE_LEVELS = [0, 95, 135, 175, 215, 255] as const;

function paletteColour(index: number): string {
  const base = BASE_COLOURS[index];
  if (base !== undefined) return base;
  if (index >= 232) {
    const level = 8 + (index - 232) * 10;
    return `rgb(${level},${level},${level})`;
  }
  const cube = index - 16;
  const level = (at: number): number => CUBE_LEVELS[at] ?? 0;
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`;
}

function hexColour(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, "0")}`;
}

function foregroundOf(cell: IBufferCell, theme: ITheme): string {
  if (cell.isFgPalette()) return paletteColour(cell.getFgColor());
  if (cell.isFgRGB()) return hexColour(cell.getFgColor());
  return theme.foreground ?? "#ffffff";
}

function backgroundOf(cell: IBufferCell, theme: ITheme): string {
  if (cell.isBgPalette()) return paletteColour(cell.getBgColor());
  if (cell.isBgRGB()) return hexColour(cell.getBgColor());
  return theme.background ?? "#000000";
}

/**
 * Paints the visible screen of a terminal by itself, since xterm.js paints into elements, or into a WebGL canvas that can be read
 * only while it is shown.
 */
export function paintTerminal(terminal: Terminal, target: HTMLCanvasElement, fontSizePx: number): boolean {
  const context = target.getContext("2d");
  if (context === null) return false;
  const theme = terminal.options.theme ?? {};
  const font = `${fontSizePx}px ${terminal.options.fontFamily ?? "monospace"}`;
  context.font = font;
  const cellWidth = context.measureText("W").width;
  const cellHeight = Math.ceil(fontSizePx * 1.2);
  const width = Math.max(1, Math.ceil(cellWidth * terminal.cols));
  const height = Math.max(1, cellHeight * terminal.rows);
  if (target.width !== width) target.width = width;
  if (target.height !== height) target.height = height;
  context.fillStyle = theme.background ?? "#000000";
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
      const [ink, ground] = [foregroundOf(cell, theme), backgroundOf(cell, theme)];
      const x = column * cellWidth;
      if (hasGround) {
        context.fillStyle = isInverse ? ink : ground;
        context.fillRect(x, row * cellHeight, Math.ceil(cellWidth * Math.max(1, cell.getWidth())), cellHeight);
      }
      if (text === "" || text === " ") continue;
      context.fillStyle = isInverse ? ground : ink;
      context.fillText(text, x, row * cellHeight + cellHeight / 2);
    }
  }
  return true;
}
