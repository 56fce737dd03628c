import { type KeyboardLayoutId } from "../../../shared/contracts/settings.ts";
import { type GuestKey } from "../../sessions/session.ts";
import { KEYSYM, keysymOfCharacter } from "../keysyms.ts";
import { KEY_ROWS, KEYBOARD_LAYOUTS, type LayoutRows } from "./keyboard-layouts.ts";

/** Keys pressed in order and lifted in reverse. */
export type KeyPress = readonly GuestKey[];

/** What types one character: one press, or a dead key's and its base's. */
export interface KeyStroke {
  readonly character: string;
  readonly presses: readonly KeyPress[];
}

const SHIFT: GuestKey = { keysym: KEYSYM.Shift_L, code: "ShiftLeft" };
const ALT_GR: GuestKey = { keysym: KEYSYM.ISO_Level3_Shift, code: "AltRight" };
const SPACE: KeyPress = [{ keysym: 0x20, code: "Space" }];

/** The same on every keyboard. */
const FIXED: ReadonlyMap<string, KeyPress> = new Map([
  [" ", SPACE],
  ["\n", [{ keysym: KEYSYM.Return, code: "Enter" }]],
  ["\t", [{ keysym: KEYSYM.Tab, code: "Tab" }]],
  ["\b", [{ keysym: KEYSYM.BackSpace, code: "Backspace" }]],
  ["\u001b", [{ keysym: KEYSYM.Escape, code: "Escape" }]],
]);

/** A dead key followed by Space makes these on every system; for the other accents systems differ. */
const COMBINING_BY_SPACING: ReadonlyMap<string, string> = new Map([
  ["^", "\u0302"],
  ["`", "\u0300"],
  ["~", "\u0303"],
]);

type PressByCharacter = ReadonlyMap<string, KeyPress>;

const pressesByLayout = new Map<KeyboardLayoutId, PressByCharacter>();

function pressesOf(layout: KeyboardLayoutId): PressByCharacter {
  const known = pressesByLayout.get(layout);
  if (known) return known;
  const presses = new Map(FIXED);
  const table = KEYBOARD_LAYOUTS[layout];
  const addLevel = (rows: LayoutRows, modifiers: readonly GuestKey[]): void => {
    rows.forEach((row, rowIndex) => {
      Array.from(row).forEach((character, column) => {
        const code = KEY_ROWS[rowIndex]?.[column];
        // The first place is the best: fewer modifiers, and digits before letters.
        if (character === " " || code === undefined || presses.has(character)) return;
        presses.set(character, [...modifiers, { keysym: keysymOfCharacter(character), code }]);
      });
    });
  };
  addLevel(table.plain, []);
  addLevel(table.shift, [SHIFT]);
  addLevel(table.altGr, [ALT_GR]);
  if (table.shiftAltGr) addLevel(table.shiftAltGr, [ALT_GR, SHIFT]);
  pressesByLayout.set(layout, presses);
  return presses;
}

function strokeOf(character: string, presses: PressByCharacter): KeyStroke | undefined {
  // In the table a combining character is a dead key; typed alone it would only wait for the next one.
  if (/^\p{M}$/u.test(character)) return undefined;
  const press = presses.get(character);
  if (press) return { character, presses: [press] };

  const combining = COMBINING_BY_SPACING.get(character);
  const dead = combining === undefined ? undefined : presses.get(combining);
  if (dead) return { character, presses: [dead, SPACE] };

  const [base, accent, ...rest] = character.normalize("NFD");
  if (base === undefined || accent === undefined || rest.length > 0) return undefined;
  const basePress = presses.get(base);
  const accentPress = presses.get(accent);
  return basePress && accentPress ? { character, presses: [accentPress, basePress] } : undefined;
}

/** Composed characters and one kind of line end, so that each user-perceived character is one stroke where there is one. */
function charactersOf(text: string): string[] {
  return Array.from(text.normalize("NFC").replaceAll(/\r\n?/g, "\n"));
}

export interface StrokePlan {
  readonly strokes: readonly KeyStroke[];
  /** What the layout has no keys for, each once, in order of appearance. */
  readonly untypable: readonly string[];
}

/** The key strokes that make `text` in a guest whose keyboard is set to `layout`. */
export function planStrokes(text: string, layout: KeyboardLayoutId): StrokePlan {
  const presses = pressesOf(layout);
  const strokes: KeyStroke[] = [];
  const untypable = new Set<string>();
  for (const character of charactersOf(text)) {
    const stroke = strokeOf(character, presses);
    if (stroke) strokes.push(stroke);
    else untypable.add(character);
  }
  return { strokes, untypable: [...untypable] };
}
