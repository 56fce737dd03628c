/** X11 keysyms (X Window System Protocol, appendix A, and keysymdef.h) of the keys that we send ourselves. */
export const KEYSYM = {
  BackSpace: 0xff08,
  Tab: 0xff09,
  Return: 0xff0d,
  Escape: 0xff1b,
  Shift_L: 0xffe1,
  ISO_Level3_Shift: 0xfe03,
} as const;

/** Dead keys by the combining character that they add. */
const DEAD_KEYSYM_BY_COMBINING = new Map([
  ["\u0300", 0xfe50],
  ["\u0301", 0xfe51],
  ["\u0302", 0xfe52],
  ["\u0303", 0xfe53],
  ["\u0308", 0xfe57],
  ["\u030a", 0xfe58],
  ["\u030c", 0xfe5a],
  ["\u0327", 0xfe5b],
]);

const EURO_SIGN = 0x20ac;
const UNICODE_KEYSYM_BASE = 0x0100_0000;

/** The keysym of a character; a combining character stands for the dead key that makes it. */
export function keysymOfCharacter(character: string): number {
  const dead = DEAD_KEYSYM_BY_COMBINING.get(character);
  if (dead !== undefined) return dead;
  const codePoint = character.codePointAt(0) ?? 0;
  // Latin-1 and the euro sign are older than the rule for all of Unicode.
  if (codePoint <= 0xff || codePoint === EURO_SIGN) return codePoint;
  return UNICODE_KEYSYM_BASE + codePoint;
}
