import { type KeyboardLayoutId } from "../../../shared/contracts/settings.ts";

/**
 * Which character is on which key, by layout: facts of the X keyboard database (xkb symbols us, gb, de, fr, es, it, pt, se,
 * ch(de), jp), limited at AltGr to what the other systems' layouts of that name have in the same place. A dead key is
 * written as its combining character, a key without a character as a space.
 */
export interface LayoutTable {
  readonly plain: LayoutRows;
  readonly shift: LayoutRows;
  readonly altGr: LayoutRows;
  readonly shiftAltGr?: LayoutRows;
}

/** One string a row of the keyboard, one character a key, in the order of `KEY_ROWS`. */
export type LayoutRows = readonly [string, string, string, string];

const lettersOf = (letters: string): string[] => Array.from(letters, (letter) => `Key${letter}`);

/** The keys with characters, by KeyboardEvent.code. IntlYen and IntlRo are on Japanese keyboards only. */
export const KEY_ROWS: readonly (readonly string[])[] = [
  ["Backquote", ...Array.from("1234567890", (digit) => `Digit${digit}`), "Minus", "Equal", "IntlYen"],
  [...lettersOf("QWERTYUIOP"), "BracketLeft", "BracketRight"],
  [...lettersOf("ASDFGHJKL"), "Semicolon", "Quote", "Backslash"],
  ["IntlBackslash", ...lettersOf("ZXCVBNM"), "Comma", "Period", "Slash", "IntlRo"],
];

export const KEYBOARD_LAYOUTS: Readonly<Record<KeyboardLayoutId, LayoutTable>> = {
  us: {
    plain: ["`1234567890-= ", "qwertyuiop[]", "asdfghjkl;'\\", " zxcvbnm,./ "],
    shift: ["~!@#$%^&*()_+ ", "QWERTYUIOP{}", 'ASDFGHJKL:"|', " ZXCVBNM<>? "],
    altGr: ["              ", "            ", "            ", "            "],
  },
  uk: {
    plain: ["`1234567890-= ", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./ "],
    shift: ['¬!"£$%^&*()_+ ', "QWERTYUIOP{}", "ASDFGHJKL:@~", "|ZXCVBNM<>? "],
    altGr: ["  ²³€         ", "            ", "            ", "       µ    "],
  },
  de: {
    plain: ["\u03021234567890ß\u0301 ", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.- "],
    shift: ['°!"§$%&/()=?\u0300 ', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_ "],
    altGr: ["  ²³  ¬{[]}\\  ", "@ €        ~", "            ", "|      µ    "],
  },
  fr: {
    plain: ["²&é\"'(-è_çà)= ", "azertyuiop\u0302$", "qsdfghjklmù*", "<wxcvbn,;:! "],
    shift: [" 1234567890°+ ", "AZERTYUIOP\u0308£", "QSDFGHJKLM%µ", ">WXCVBN?./§ "],
    altGr: ["  ~#{[|`\\^@]} ", "  €        ¤", "            ", "|           "],
  },
  es: {
    plain: ["º1234567890'¡ ", "qwertyuiop\u0300+", "asdfghjklñ\u0301ç", "<zxcvbnm,.- "],
    shift: ['ª!"·$%&/()=?¿ ', "QWERTYUIOP\u0302*", "ASDFGHJKLÑ\u0308Ç", ">ZXCVBNM;:_ "],
    altGr: ["\\|@#~ ¬       ", "  €       []", "          {}", "|      µ    "],
  },
  it: {
    plain: ["\\1234567890'ì ", "qwertyuiopè+", "asdfghjklòàù", "<zxcvbnm,.- "],
    shift: ['|!"£$%&/()=?^ ', "QWERTYUIOPé*", "ASDFGHJKLç°§", ">ZXCVBNM;:_ "],
    altGr: ["¬ ²³  ¬    `~ ", "  €       []", "         @# ", "       µ    "],
    shiftAltGr: ["              ", "          {}", "            ", "            "],
  },
  pt: {
    plain: ["\\1234567890'« ", "qwertyuiop+\u0301", "asdfghjklçº\u0303", "<zxcvbnm,.- "],
    shift: ['|!"#$%&/()=?» ', "QWERTYUIOP*\u0300", "ASDFGHJKLÇª\u0302", ">ZXCVBNM;:_ "],
    altGr: ["¬ @£§ ¬{[]}   ", "  €         ", "            ", "       µ    "],
  },
  se: {
    plain: ["§1234567890+\u0301 ", "qwertyuiopå\u0308", "asdfghjklöä'", "<zxcvbnm,.- "],
    shift: ['½!"#¤%&/()=?\u0300 ', "QWERTYUIOPÅ\u0302", "ASDFGHJKLÖÄ*", ">ZXCVBNM;:_ "],
    altGr: ["  @£$€ {[]}\\  ", "  €        \u0303", "            ", "|      µ    "],
  },
  "ch-de": {
    plain: ["§1234567890'\u0302 ", "qwertzuiopü\u0308", "asdfghjklöä$", "<yxcvbnm,.- "],
    shift: ['°+"*ç%&/()=?\u0300 ', "QWERTZUIOPè!", "ASDFGHJKLéà£", ">YXCVBNM;:_ "],
    altGr: ["¬ @#  ¬|   \u0301\u0303 ", "  €       []", "         \u0301{}", "\\      µ    "],
  },
  jp: {
    plain: [" 1234567890-^\\", "qwertyuiop@[", "asdfghjkl;:]", " zxcvbnm,./\\"],
    shift: [" !\"#$%&'()~=~|", "QWERTYUIOP`{", "ASDFGHJKL+*}", " ZXCVBNM<>?_"],
    altGr: ["              ", "            ", "            ", "            "],
  },
};
