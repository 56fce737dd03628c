/**
 * Ranks what the palette offers against what was typed. Every word typed must be found, in any order, each in the name or in
 * the details; letters may be left out ("dbp" finds db-primary), but what is written as typed comes first.
 */
export interface Rankable {
  /** What is looked for, in lower case. */
  readonly name: string;
  /** Found here it counts less: host, title, state, consoles; in lower case. */
  readonly details: string;
  /** Added to what a match is worth; only decides among about equal matches. */
  readonly bonus: number;
}

const PREFIX_WORTH = 1000;
const WORD_START_WORTH = 800;
const INSIDE_WORTH = 600;
const LETTERS_WORTH = 300;
/** A word in the details is worth this part of the same in the name. */
const DETAILS_SHARE = 0.25;

export function wordsOf(query: string): string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}

/** How well `entry` matches all `words`; undefined where one is not in it. */
export function worthOf(entry: Rankable, words: readonly string[]): number | undefined {
  let worth = entry.bonus;
  for (const word of words) {
    const inName = worthOfWord(word, entry.name);
    // Leaving out letters is for names: in the long details nearly everything would match.
    const inDetails = entry.details.includes(word) ? INSIDE_WORTH * DETAILS_SHARE : undefined;
    if (inName === undefined && inDetails === undefined) return undefined;
    worth += Math.max(inName ?? 0, inDetails ?? 0);
  }
  return worth;
}

/** The best first; those of equal worth stay in the order given. Without words all are there, ordered by their bonus. */
export function rank<T extends Rankable>(entries: readonly T[], query: string): T[] {
  const words = wordsOf(query);
  const found: { readonly entry: T; readonly worth: number }[] = [];
  for (const entry of entries) {
    const worth = worthOf(entry, words);
    if (worth !== undefined) found.push({ entry, worth });
  }
  return found.sort((a, b) => b.worth - a.worth).map(({ entry }) => entry);
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1));
}

function worthOfWord(word: string, text: string): number | undefined {
  const at = text.indexOf(word);
  // Of two names that begin alike, the shorter is the closer one.
  if (at === 0) return PREFIX_WORTH - Math.min(100, text.length - word.length);
  if (at > 0) {
    const wordStart = findWordStart(text, word, at);
    return wordStart === undefined ? INSIDE_WORTH - Math.min(100, at) : WORD_START_WORTH - Math.min(100, wordStart);
  }
  return worthOfLetters(word, text);
}

function findWordStart(text: string, word: string, from: number): number | undefined {
  for (let at = from; at !== -1; at = text.indexOf(word, at + 1)) {
    if (isWordStart(text, at)) return at;
  }
  return undefined;
}

function worthOfLetters(word: string, text: string): number | undefined {
  const positions = lettersIn(word, text);
  const first = positions?.[0];
  const last = positions?.at(-1);
  if (positions === undefined || first === undefined || last === undefined) return undefined;
  const gaps = last - first + 1 - positions.length;
  const wordStarts = positions.filter((at) => isWordStart(text, at)).length;
  return LETTERS_WORTH + 20 * wordStarts - Math.min(200, gaps + first);
}

/** Where the letters of `word` are in `text`, in order; undefined where they are not all there. */
function lettersIn(word: string, text: string): number[] | undefined {
  const positions: number[] = [];
  let at = -1;
  for (let index = 0; index < word.length; index += 1) {
    at = text.indexOf(word.charAt(index), at + 1);
    if (at === -1) return undefined;
    positions.push(at);
  }
  return positions;
}

/** A piece of a name, marked where it is what was typed. */
export interface NamePart {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Cuts a name where it matches, to show why it was found. */
export function markMatches(name: string, query: string): NamePart[] {
  const lower = name.toLowerCase();
  // Some letters change their length in lower case; marking would then be off.
  if (lower.length !== name.length) return [{ text: name, isMatch: false }];
  const isMatch = new Array<boolean>(name.length).fill(false);
  for (const word of wordsOf(query)) {
    const at = lower.indexOf(word);
    if (at === -1) for (const position of lettersIn(word, lower) ?? []) isMatch[position] = true;
    else isMatch.fill(true, findWordStart(lower, word, at) ?? at, (findWordStart(lower, word, at) ?? at) + word.length);
  }
  const parts: { text: string; isMatch: boolean }[] = [];
  isMatch.forEach((matches, index) => {
    const last = parts.at(-1);
    if (last?.isMatch === matches) last.text += name.charAt(index);
    else parts.push({ text: name.charAt(index), isMatch: matches });
  });
  return parts;
}
