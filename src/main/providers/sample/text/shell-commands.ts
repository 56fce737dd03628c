const COMMANDS: readonly (readonly [string, string])[] = [
  ["help", "this list"],
  ["echo WORDS", "say it back"],
  ["colours", "what the terminal can show"],
  ["top", "a table that moves; q ends it"],
  ["count N", "N lines, for scrolling"],
  ["date", "the host's clock"],
  ["clear", "an empty screen"],
];

export const HELP = `${COMMANDS.map(([name, meaning]) => `  \u001b[1m${name.padEnd(12)}\u001b[0m ${meaning}`).join("\r\n")}\r\n`;

/** The sixteen colours, the grey ramp, a piece of 24-bit colour, and the attributes. */
export function colourChart(): string {
  const cell = (code: number): string => `\u001b[${code}m    \u001b[0m`;
  const cells = (first: number): string => Array.from({ length: 8 }, (_, index) => cell(first + index)).join("");
  const greys = Array.from({ length: 24 }, (_, index) => `\u001b[48;5;${232 + index}m  \u001b[0m`).join("");
  const hues = Array.from({ length: 48 }, (_, index) => {
    const [red, green, blue] = [0, 2, 4].map((shift) => Math.round(127 + 127 * Math.sin(index / 7.6 + shift)));
    return `\u001b[48;2;${red ?? 0};${green ?? 0};${blue ?? 0}m \u001b[0m`;
  }).join("");
  const attributes =
    "\u001b[1mbold\u001b[0m \u001b[3mitalic\u001b[0m \u001b[4munderlined\u001b[0m \u001b[7mreversed\u001b[0m";
  return [cells(40), cells(100), greys, hues, attributes].map((line) => `  ${line}\r\n`).join("");
}

const PROCESSES: readonly (readonly [string, number])[] = [
  ["switchman", 23],
  ["signal-box", 11],
  ["timetable", 7],
  ["dispatcher", 5],
  ["platform-2", 4],
  ["coal-stage", 3],
  ["telegraph", 2],
  ["night-train", 1],
];

/** A made-up process table that moves with the clock. */
export function processTable(nowMs: number): string {
  const seconds = nowMs / 1000;
  const rows = PROCESSES.map(([name, base], index) => {
    const share = Math.max(0.1, base + base * 0.8 * Math.sin(seconds / (3 + index) + index));
    return { id: 100 + index * 37, name, share };
  }).sort((a, b) => b.share - a.share);
  const total = rows.reduce((sum, { share }) => sum + share, 0);
  const clock = new Date(nowMs).toISOString().slice(11, 19);
  const bar = "█".repeat(Math.min(40, Math.round(total / 2.5))).padEnd(40, "·");
  const lines = [
    `\u001b[1mtop\u001b[0m ${clock}  ${rows.length} processes, q ends`,
    `load \u001b[33m${bar}\u001b[0m ${total.toFixed(1).padStart(5)} %`,
    "",
    `\u001b[7m  PID  NAME            CPU %  ${" ".repeat(22)}\u001b[0m`,
    ...rows.map(({ id, name, share }) => {
      const meter = "▪".repeat(Math.min(20, Math.ceil(share / 2)));
      return `  ${String(id).padStart(3)}  ${name.padEnd(14)} ${share.toFixed(1).padStart(6)}  \u001b[32m${meter}\u001b[0m`;
    }),
  ];
  return lines.map((line) => `${line}\u001b[K\r\n`).join("");
}
