import { type GuestKey } from "../session.ts";

/** X11 keysyms (X11/keysymdef.h) of keys that a terminal sends as more than their character: VT220 and xterm sequences. */
const SEQUENCE_BY_KEYSYM: ReadonlyMap<number, string> = new Map([
  [0xff08, "\x7f"], // BackSpace
  [0xff09, "\t"],
  [0xff0d, "\r"],
  [0xff8d, "\r"], // KP_Enter
  [0xff1b, "\x1b"],
  [0xff50, "\x1b[H"], // Home
  [0xff51, "\x1b[D"],
  [0xff52, "\x1b[A"],
  [0xff53, "\x1b[C"],
  [0xff54, "\x1b[B"],
  [0xff55, "\x1b[5~"], // Page_Up
  [0xff56, "\x1b[6~"],
  [0xff57, "\x1b[F"], // End
  [0xff63, "\x1b[2~"], // Insert
  [0xffff, "\x1b[3~"], // Delete
  [0xffbe, "\x1bOP"], // F1
  [0xffbf, "\x1bOQ"],
  [0xffc0, "\x1bOR"],
  [0xffc1, "\x1bOS"],
  [0xffc2, "\x1b[15~"],
  [0xffc3, "\x1b[17~"],
  [0xffc4, "\x1b[18~"],
  [0xffc5, "\x1b[19~"],
  [0xffc6, "\x1b[20~"],
  [0xffc7, "\x1b[21~"],
  [0xffc8, "\x1b[23~"],
  [0xffc9, "\x1b[24~"],
]);

const CONTROL_KEYSYMS: ReadonlySet<number> = new Set([0xffe3, 0xffe4]);
/** Alt_L, Alt_R, Meta_L, Meta_R; AltGr (ISO_Level3_Shift) has done its work in the keysym already. */
const ALT_KEYSYMS: ReadonlySet<number> = new Set([0xffe9, 0xffea, 0xffe7, 0xffe8]);

/** The character of a keysym: Latin-1 as it is, Unicode above 0x01000000; undefined for keys without one. */
function characterOf(keysym: number): string | undefined {
  if ((keysym >= 0x20 && keysym <= 0x7e) || (keysym >= 0xa0 && keysym <= 0xff)) return String.fromCodePoint(keysym);
  const point = keysym - 0x0100_0000;
  return point >= 0x100 && point <= 0x10_ffff ? String.fromCodePoint(point) : undefined;
}

/** Ctrl+A is 1 … Ctrl+_ is 31 (ECMA-48 C0); Ctrl+Space is 0. */
function controlOf(character: string): string {
  const code = character.toUpperCase().charCodeAt(0);
  if (code === 0x20) return "\0";
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code - 0x40) : character;
}

/** Turns keys going down and up, as a screen would get them, into the text that a terminal sends. */
export class KeyTranslator {
  readonly #downModifiers = new Set<number>();

  /** The text to send; empty for a modifier, a release, or a key that a terminal does not know. */
  push({ keysym }: GuestKey, isDown: boolean): string {
    if (CONTROL_KEYSYMS.has(keysym) || ALT_KEYSYMS.has(keysym)) {
      if (isDown) this.#downModifiers.add(keysym);
      else this.#downModifiers.delete(keysym);
      return "";
    }
    if (!isDown) return "";
    const character = characterOf(keysym);
    const isControl = [...CONTROL_KEYSYMS].some((modifier) => this.#downModifiers.has(modifier));
    const isAlt = [...ALT_KEYSYMS].some((modifier) => this.#downModifiers.has(modifier));
    const text =
      SEQUENCE_BY_KEYSYM.get(keysym) ?? (character === undefined ? "" : isControl ? controlOf(character) : character);
    return text !== "" && isAlt ? `\x1b${text}` : text;
  }

  release(): void {
    this.#downModifiers.clear();
  }
}
