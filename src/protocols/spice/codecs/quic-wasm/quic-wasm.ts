import { ProtocolError } from "../../../bytes/protocol-error.ts";
import { endsTooEarly } from "../image-limits.ts";
import {
  BUCKETS,
  FIRST_HALVE_AT_BITS,
  quicFamily,
  RANDOM_WAITS,
  RUN_BITS,
  STAGE_PX,
  TABLE_BITS,
} from "../quic-model.ts";
import { maxRowBytes } from "../quic-rows.ts";
import { QUIC_WASM_HEX } from "./quic-wasm-code.ts";

/** QUIC's rows in WebAssembly: what quic-rows.ts does, at twice its speed (docs/decisions/0013). */

const PAGE_BYTES = 65_536;
/** Where the parts of the memory stand; the list at the head of quic-rows.as. */
const AT = {
  colourState: 0,
  planeState: 64,
  waits: 128,
  runBits: 384,
  best: 512,
  counts: 1024,
  countsEnd: 2048,
  table8: 2048,
  table5: 10_240,
  lengths8: 18_432,
  lengths5: 20_480,
  escapes8: 22_528,
  escapes5: 22_544,
  buckets: 24_576,
  rows: 73_728,
} as const;
/** Rows are decoded in parts of about this size and copied out, so that the memory stays small. */
const PART_BYTES = 262_144;
/** Memory of WebAssembly never shrinks; after data that needed more than this it is given up. */
const MAX_KEPT_BYTES = 33_554_432;

/** The little of WebAssembly's interface that is used: there is no type of it that both Node and a page have. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  readonly grow: (pages: number) => number;
}
interface Wasm {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number }) => WasmMemory;
}

interface Exports {
  readonly begin: (wordsAt: number, firstBit: number, colourBits: number) => void;
  readonly bitPosition: () => number;
  readonly colourRow: (row: number, width: number, isFirst: number) => number;
  readonly planeRow: (row: number, width: number, isFirst: number) => number;
}

export interface QuicJob {
  readonly data: Uint8Array;
  readonly headerBytes: number;
  readonly width: number;
  readonly height: number;
  /** Of a colour; undefined: a grey picture. */
  readonly colourBits: 5 | 8 | undefined;
  readonly hasAlpha: boolean;
}

class QuicWasm {
  readonly #memory: WasmMemory;
  readonly #exports: Exports;

  constructor(wasm: Wasm, module: object) {
    this.#memory = new wasm.Memory({ initial: 8 });
    const abort = (): void => {
      throw new Error("QUIC's WebAssembly has stopped");
    };
    const imports = { env: { memory: this.#memory, abort } };
    this.#exports = new wasm.Instance(module, imports).exports as Exports;
    const bytes = new Uint8Array(this.#memory.buffer);
    bytes.set(RANDOM_WAITS, AT.waits);
    bytes.set(RUN_BITS, AT.runBits);
    for (const [bits, table, lengths, escapes] of [
      [8, AT.table8, AT.lengths8, AT.escapes8],
      [5, AT.table5, AT.lengths5, AT.escapes5],
    ] as const) {
      const family = quicFamily(bits);
      new Int32Array(this.#memory.buffer, table, family.table.length).set(family.table);
      bytes.set(family.codeLengths, lengths);
      bytes.set(family.escapes, escapes);
    }
  }

  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Fills `pixels` and `plane` (alpha or grey). INVARIANT: behind the data there are as many zeros as a row can take bits, and the
   * place in the data is checked after each row, so that nothing is read but what was put there.
   */
  decode(job: QuicJob, pixels: Uint32Array, plane: Uint8Array): void {
    const { data, headerBytes, width, height, colourBits, hasAlpha } = job;
    const partRows = Math.max(1, Math.min(height, Math.floor(PART_BYTES / (width * 4))));
    // One row more, before the others, for the last of the part before.
    const planeAt = AT.rows + (partRows + 1) * width * 4;
    const wordsAt = (planeAt + (partRows + 1) * width + 7) & ~7;
    const dataBytes = data.length & ~3;
    this.#reserve(wordsAt + dataBytes + maxRowBytes(width));
    const { buffer } = this.#memory;
    const bytes = new Uint8Array(buffer);
    bytes.set(data.subarray(0, dataBytes), wordsAt);
    bytes.fill(0, wordsAt + dataBytes, wordsAt + dataBytes + maxRowBytes(width));
    this.#clearState(colourBits ?? 8);

    const { begin, bitPosition, colourRow, planeRow } = this.#exports;
    begin(wordsAt, headerBytes * 8, colourBits ?? 8);
    const hasColours = colourBits !== undefined;
    const hasPlane = !hasColours || hasAlpha;
    for (let row = 0; row < height;) {
      const count = Math.min(partRows, height - row);
      for (let i = 1; i <= count; i += 1) {
        const isFirst = row === 0 && i === 1 ? 1 : 0;
        if (hasColours && colourRow(AT.rows + i * width * 4, width, isFirst) === 0) throw runTooLong();
        if (hasPlane && planeRow(planeAt + i * width, width, isFirst) === 0) throw runTooLong();
        if (bitPosition() > dataBytes * 8) throw endsTooEarly("QUIC");
      }
      const at = row * width;
      if (hasColours) {
        const rows = new Uint32Array(buffer, AT.rows, (count + 1) * width);
        pixels.set(rows.subarray(width), at);
        rows.copyWithin(0, count * width);
      }
      if (hasPlane) {
        const rows = new Uint8Array(buffer, planeAt, (count + 1) * width);
        plane.set(rows.subarray(width), at);
        rows.copyWithin(0, count * width);
      }
      row += count;
    }
  }

  #reserve(byteCount: number): void {
    const missing = byteCount - this.memoryBytes;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  #clearState(colourBits: number): void {
    const { buffer } = this.#memory;
    new Uint8Array(buffer, 0, AT.waits).fill(0);
    new Uint8Array(buffer, AT.counts, AT.countsEnd - AT.counts).fill(0);
    new Uint8Array(buffer, AT.buckets, AT.rows - AT.buckets).fill(0);
    new Int32Array(buffer, AT.best, 4 * BUCKETS).fill((colourBits - 1) << TABLE_BITS);
    for (const state of [AT.colourState, AT.planeState]) {
      new Int32Array(buffer, state, 7).set([0, 0, 0, 0, 0, STAGE_PX, FIRST_HALVE_AT_BITS]);
    }
  }
}

function runTooLong(): ProtocolError {
  return new ProtocolError("malformed", "QUIC: a run leaves its row");
}

let compiled: object | undefined;
let current: QuicWasm | undefined;
let isRefused = false;

/** False where WebAssembly may not run (a page's policy, or a browser without): nothing was done then. */
export function decodeQuicInWasm(job: QuicJob, pixels: Uint32Array, plane: Uint8Array): boolean {
  const decoder = (current ??= create());
  if (decoder === undefined) return false;
  try {
    decoder.decode(job, pixels, plane);
  } finally {
    if (decoder.memoryBytes > MAX_KEPT_BYTES) current = undefined;
  }
  return true;
}

function create(): QuicWasm | undefined {
  const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly?: Wasm };
  if (wasm === undefined || isRefused) return undefined;
  try {
    compiled ??= new wasm.Module(
      Uint8Array.from(QUIC_WASM_HEX.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)),
    );
    return new QuicWasm(wasm, compiled);
  } catch {
    isRefused = true;
    return undefined;
  }
}
