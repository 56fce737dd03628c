import {
  BUCKETS,
  DIFFERENCE_SHIFT,
  QuicModel,
  quicFamily,
  RUN_BITS,
  TABLE_BITS,
} from "../protocols/spice/codecs/quic-model.ts";

/**
 * A plain QUIC encoder for property tests and the bench. It shares the decoder's model (the fixtures prove that one right), not its
 * reading of codes and runs.
 */

const TYPES = { gray: 1, rgb16: 2, rgb24: 3, rgb32: 4, rgba: 5 } as const;
export type QuicTypeName = keyof typeof TYPES;

export interface QuicPicture {
  readonly width: number;
  readonly height: number;
  /** Blue, green, red, alpha. Grey is green; of colours in rgb16 the upper five bits count. */
  readonly bgra: Uint8Array;
}

export function encodeQuic(type: QuicTypeName, { width, height, bgra }: QuicPicture): Uint8Array<ArrayBuffer> {
  const writer = new BitWriter([0x4349_5551, 0, TYPES[type], width, height]);
  const plane = (channel: number): Uint8Array =>
    Uint8Array.from({ length: width * height }, (_, i) => (bgra[i * 4 + channel] ?? 0) >> (type === "rgb16" ? 3 : 0));
  const bits = type === "rgb16" ? 5 : 8;
  const colours = new RowEncoder(writer, type === "gray" ? [plane(1)] : [plane(2), plane(1), plane(0)], width, bits);
  const alpha = type === "rgba" ? new RowEncoder(writer, [plane(3)], width, 8) : undefined;
  for (let row = 0; row < height; row += 1) {
    colours.encodeRow(row);
    alpha?.encodeRow(row);
  }
  return writer.end();
}

/** Channels that share a model. */
class RowEncoder {
  readonly #writer: BitWriter;
  readonly #planes: readonly Uint8Array[];
  readonly #width: number;
  readonly #bits: 5 | 8;
  readonly #model: QuicModel;
  readonly #symbols: readonly Uint8Array[];

  constructor(writer: BitWriter, planes: readonly Uint8Array[], width: number, bits: 5 | 8) {
    this.#writer = writer;
    this.#planes = planes;
    this.#width = width;
    this.#bits = bits;
    this.#model = new QuicModel(quicFamily(bits), planes.length);
    // One more, for the symbol before the first.
    this.#symbols = planes.map(() => new Uint8Array(width + 1));
  }

  encodeRow(row: number): void {
    for (const symbols of this.#symbols) symbols[0] = row === 0 ? 0 : (symbols[1] ?? 0);
    for (let start = 0; start < this.#width;) {
      const end = this.#model.segmentEnd(start, this.#width);
      this.#encodeSegment(row, start, end);
      start = end;
    }
  }

  #encodeSegment(row: number, start: number, end: number): void {
    let runStart = 0;
    for (let x = start; x < end;) {
      if (row > 0 && x > 2 && x !== runStart && this.#isSame(row, x - 1, x - 2) && this.#isSame(row - 1, x, x - 1)) {
        runStart = x;
        while (x < end && this.#isSame(row, x, x - 1)) x += 1;
        const length = x - runStart;
        this.#writeRun(length);
        continue;
      }
      const isLearned = this.#model.wait === 0;
      this.#model.wait = isLearned ? this.#model.nextWait() : this.#model.wait - 1;
      const learn = this.#planes.map((_, channel) => this.#encodeSymbol(channel, row, x));
      if (isLearned) for (const act of learn) act();
      x += 1;
    }
  }

  #isSame(row: number, x: number, other: number): boolean {
    const at = row * this.#width;
    return this.#planes.every((plane) => plane[at + x] === plane[at + other]);
  }

  /** Answers what learns from it. */
  #encodeSymbol(channel: number, row: number, x: number): () => void {
    const plane = this.#planes[channel] ?? new Uint8Array();
    const symbols = this.#symbols[channel] ?? new Uint8Array();
    const at = row * this.#width + x;
    const left = plane[at - 1] ?? 0;
    const above = plane[at - this.#width] ?? 0;
    const expected = row === 0 ? (x === 0 ? 0 : left) : x === 0 ? above : (left + above) >> 1;
    const last = (1 << this.#bits) - 1;
    const difference = ((plane[at] ?? 0) - expected) & last;
    const symbol = difference <= last >> 1 ? difference * 2 : (last - difference) * 2 + 1;
    const before = symbols[x] ?? 0;
    const slot = channel * BUCKETS + Math.min(Math.floor(Math.log2(before + 1)), this.#bits === 8 ? 7 : 4);
    this.#writeSymbol((this.#model.best[slot] ?? 0) >> TABLE_BITS, symbol);
    symbols[x + 1] = symbol;
    return () => {
      this.#model.learn(slot, difference << DIFFERENCE_SHIFT);
    };
  }

  #writeSymbol(code: number, symbol: number): void {
    const zeros = Math.min(26 - this.#bits, (1 << (this.#bits - code)) - 1);
    const riceCount = zeros << code;
    if (symbol < riceCount) {
      this.#writer.write(0, symbol >> code);
      this.#writer.write((1 << code) | (symbol & ((1 << code) - 1)), code + 1);
    } else {
      this.#writer.write(0, zeros);
      this.#writer.write(symbol - riceCount, Math.ceil(Math.log2((1 << this.#bits) - riceCount)));
    }
  }

  #writeRun(length: number): void {
    const model = this.#model;
    const wholeOf = (): number => 1 << (RUN_BITS[model.runState] ?? 0);
    let rest = length;
    while (rest >= wholeOf()) {
      rest -= wholeOf();
      this.#writer.write(1, 1);
      model.runState = Math.min(model.runState + 1, RUN_BITS.length - 1);
    }
    this.#writer.write(rest, (RUN_BITS[model.runState] ?? 0) + 1);
    if (model.runState > 0) model.runState -= 1;
  }
}

/** Little-endian words, the highest bit first. */
class BitWriter {
  readonly #words: number[];
  #word = 0;
  #used = 0;

  constructor(header: readonly number[]) {
    this.#words = [...header];
  }

  write(value: number, bits: number): void {
    for (let bit = bits - 1; bit >= 0; bit -= 1) {
      this.#word = (this.#word << 1) | ((value >> bit) & 1);
      this.#used += 1;
      if (this.#used < 32) continue;
      this.#words.push(this.#word);
      this.#word = 0;
      this.#used = 0;
    }
  }

  end(): Uint8Array<ArrayBuffer> {
    this.write(0, (32 - this.#used) % 32);
    // Decoders that read a word ahead need it; spice-server's encoder ends with a word of zeros, too.
    this.#words.push(0, 0);
    return new Uint8Array(Uint32Array.from(this.#words).buffer);
  }
}
