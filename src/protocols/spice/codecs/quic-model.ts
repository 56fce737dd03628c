/**
 * The adaptive model of QUIC (spice-common, quic.c; after SFALIC by R. Starosolski): each colour's symbols are written in one of
 * eight Golomb-Rice codes. Which one is chosen by the symbol before ("bucket"), and learned from the code lengths that the symbols
 * of a bucket would have had; it is learned from a pixel now and then only.
 */

/** Pseudo-random waits between two pixels that are learned from; of the 32-bit numbers only these bits are ever used. */
// prettier-ignore
export const RANDOM_WAITS = Uint8Array.of(
  2, 23, 19, 21, 7, 18, 40, 14, 12, 32, 47, 44, 36, 6, 18, 11, 4, 19, 42, 29, 16, 63,
  57, 51, 16, 3, 5, 14, 15, 30, 20, 9, 36, 45, 3, 57, 61, 0, 8, 5, 41, 14, 43, 27,
  43, 59, 31, 35, 39, 60, 42, 38, 13, 54, 62, 1, 26, 3, 11, 61, 52, 34, 7, 48, 4, 59,
  22, 12, 22, 8, 50, 4, 10, 6, 44, 8, 11, 46, 31, 51, 53, 17, 1, 43, 46, 60, 36, 54,
  10, 27, 39, 44, 22, 41, 23, 2, 44, 0, 40, 53, 40, 48, 16, 43, 32, 28, 33, 12, 20, 2,
  56, 62, 55, 58, 18, 20, 13, 55, 38, 29, 57, 19, 49, 33, 47, 63, 59, 0, 35, 61, 19, 25,
  46, 38, 60, 4, 35, 1, 26, 40, 28, 10, 5, 14, 25, 18, 48, 49, 20, 59, 62, 34, 46, 7,
  33, 52, 34, 58, 9, 29, 8, 55, 62, 60, 37, 36, 37, 50, 6, 3, 10, 28, 48, 24, 26, 61,
  57, 30, 11, 54, 2, 6, 50, 47, 7, 17, 35, 53, 32, 12, 23, 17, 5, 21, 49, 55, 51, 45,
  52, 27, 39, 25, 39, 63, 22, 24, 42, 52, 56, 38, 41, 41, 56, 32, 13, 24, 26, 51, 27, 56,
  58, 37, 24, 42, 15, 28, 17, 30, 31, 15, 16, 23, 25, 54, 33, 34, 1, 29, 31, 50, 53, 21,
  49, 15, 47, 9, 0, 58, 37, 45, 30, 13, 9, 45, 63, 21,
);

/** Longest code of a symbol in bits. */
const MAX_CODE_BITS = 26;
/** Bits of data that the decoding table is asked with; symbols with longer codes are worked out. */
export const TABLE_BITS = 8;
export const TABLE_SHIFT = 32 - TABLE_BITS;
const CODES = 8;
/** Buckets of a channel. */
export const BUCKETS = 8;

/**
 * A decoded symbol in one number: the length of its code in bits, its bucket for the next symbol, and the difference to the expected
 * colour that it means. In the table a negative number stands for the starts of codes that are longer than TABLE_BITS.
 * INVARIANT: bits 8 to 15 are 0, and there are not more than 24 bits, so that the sums in quic-rows.ts do not run into each other.
 */
export const BUCKET_SHIFT = 5;
export const DIFFERENCE_SHIFT = 16;
export const LENGTH_MASK = 31;
export const BUCKET_MASK = 7;
const LONG_CODE = -1;

/** What depends on the bits of a colour only (8, or 5 for 16-bit pictures). */
export class QuicFamily {
  readonly bits: number;
  /** For each code and each start of data: the symbol as above. */
  readonly table = new Int32Array(CODES << TABLE_BITS).fill(LONG_CODE);
  /** Of each symbol in each code, in bits. */
  readonly codeLengths = new Uint8Array(256 * CODES);
  /** Of each code: the zeros before symbols that are not Golomb-Rice in it, and the bits that those have then. */
  readonly escapes = new Uint8Array(CODES * 2);

  constructor(bits: number) {
    this.bits = bits;
    const symbolCount = 1 << bits;
    for (let code = 0; code < bits; code += 1) {
      const zeros = Math.min(MAX_CODE_BITS - bits, (1 << (bits - code)) - 1);
      const riceCount = zeros << code;
      const escapeBits = symbolCount - riceCount <= 1 ? 0 : 32 - Math.clz32(symbolCount - riceCount - 1);
      this.escapes.set([zeros, escapeBits], code * 2);
      for (let symbol = 0; symbol < 256; symbol += 1) {
        this.codeLengths[symbol * CODES + code] =
          symbol < riceCount ? (symbol >>> code) + 1 + code : zeros + escapeBits;
      }
      for (let start = 0; start < 1 << TABLE_BITS; start += 1) {
        const symbol = this.decode(code << TABLE_BITS, start << TABLE_SHIFT);
        if ((symbol & LENGTH_MASK) <= TABLE_BITS) this.table[(code << TABLE_BITS) | start] = symbol;
      }
    }
  }

  /** The symbol that `data` (32 bits, the next one highest) begins with; the code as an offset into the table. */
  decode(tableOffset: number, data: number): number {
    const code = tableOffset >>> TABLE_BITS;
    const zeros = Math.clz32(data);
    const escapeZeros = this.escapes[code * 2] as number;
    if (zeros < escapeZeros) {
      const length = zeros + 1 + code;
      return this.#pack(length, (zeros << code) | ((data >>> (32 - length)) & ((1 << code) - 1)));
    }
    const escapeBits = this.escapes[code * 2 + 1] as number;
    const length = escapeZeros + escapeBits;
    return this.#pack(length, (escapeZeros << code) + ((data >>> (32 - length)) & ((1 << escapeBits) - 1)));
  }

  #pack(length: number, value: number): number {
    const last = (1 << this.bits) - 1;
    // Only data that no encoder writes goes beyond.
    const symbol = value & last;
    const bucket = Math.min(31 - Math.clz32(symbol + 1), this.bits === 8 ? 7 : 4);
    // 0, -1, 1, -2 …, modulo the number of symbols.
    const difference = ((symbol >>> 1) ^ -(symbol & 1)) & last;
    return length | (bucket << BUCKET_SHIFT) | (difference << DIFFERENCE_SHIFT);
  }
}

let family8: QuicFamily | undefined;
let family5: QuicFamily | undefined;

export function quicFamily(bits: 5 | 8): QuicFamily {
  if (bits === 8) return (family8 ??= new QuicFamily(8));
  return (family5 ??= new QuicFamily(5));
}

/** Pixels that are learned from lie further and further apart: the wait is masked with 0, 1, 3 … 63. */
const LAST_STAGE = 6;
/** Pixels of a stage before the last. */
export const STAGE_PX = 2048;
/** At this many bits in the best code a bucket's counts are halved; by stage. */
const HALVE_AT_BITS = [110, 550, 900, 800, 550, 400, 350] as const;

export const FIRST_HALVE_AT_BITS = HALVE_AT_BITS[0];

/** Run lengths (MELCODE): in state s a whole run bit stands for 2 ** RUN_BITS[s] pixels. */
// prettier-ignore
export const RUN_BITS = Uint8Array.of(
  0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15,
);

/** What the channels (colours, or alpha) of one picture have learned together. */
export class QuicModel {
  readonly family: QuicFamily;
  /** The best code of each bucket, channel by channel, as an offset into the family's table. */
  readonly best: Int32Array;
  /** Pixels until the next that is learned from. */
  wait = 0;
  waitMask = 0;
  runState = 0;
  readonly #counts: Uint32Array;
  #seed = 0;
  #stage = 0;
  #stageLeft = STAGE_PX;
  #halveAt: number = FIRST_HALVE_AT_BITS;

  constructor(family: QuicFamily, channelCount: number) {
    this.family = family;
    this.best = new Int32Array(channelCount * BUCKETS).fill((family.bits - 1) << TABLE_BITS);
    this.#counts = new Uint32Array(channelCount * BUCKETS * CODES);
  }

  /** Where the segment ends that begins at `start` of a row: the stage, and with it the wait, changes there. */
  segmentEnd(start: number, width: number): number {
    if (this.#stage === LAST_STAGE) return width;
    while (this.#stageLeft === 0 && this.#stage < LAST_STAGE) this.#nextStage();
    if (this.#stage === LAST_STAGE) return width;
    const end = Math.min(start + this.#stageLeft, width);
    this.#stageLeft -= end - start;
    return end;
  }

  nextWait(): number {
    const wait = (RANDOM_WAITS[this.#seed & 255] as number) & this.waitMask;
    this.#seed += 1;
    return wait;
  }

  /** Learns that `decoded` followed in a bucket; `slot` is the channel's place in `best` plus the bucket. */
  learn(slot: number, decoded: number): void {
    const counts = this.#counts;
    const lengths = this.family.codeLengths;
    const difference = decoded >>> DIFFERENCE_SHIFT;
    const half = 1 << (this.family.bits - 1);
    // 0, -1, 1, -2 … are the symbols 0, 1, 2, 3 …
    const symbol = difference < half ? difference << 1 : ((half * 2 - difference) << 1) - 1;
    const first = slot * CODES;
    const firstLength = symbol * CODES;
    let code = this.family.bits - 1;
    let bestCode = code;
    let bestBits = ((counts[first + code] as number) + (lengths[firstLength + code] as number)) | 0;
    counts[first + code] = bestBits;
    for (code -= 1; code >= 0; code -= 1) {
      const bits = ((counts[first + code] as number) + (lengths[firstLength + code] as number)) | 0;
      counts[first + code] = bits;
      if (bits < bestBits) {
        bestBits = bits;
        bestCode = code;
      }
    }
    this.best[slot] = bestCode << TABLE_BITS;
    if (bestBits > this.#halveAt) {
      for (code = first + this.family.bits - 1; code >= first; code -= 1) counts[code] = (counts[code] as number) >>> 1;
    }
  }

  #nextStage(): void {
    this.#stage += 1;
    this.#stageLeft = STAGE_PX;
    this.#halveAt = HALVE_AT_BITS[this.#stage] ?? this.#halveAt;
    this.waitMask = (1 << this.#stage) - 1;
  }
}
