/**
 * Small greedy encoders for property tests: SPICE's LZ and LZ4's block format. They find few matches and are slow, but what they
 * write is well formed, with every form of length and distance.
 */

const MAX_LITERALS = 32;

/** How a match is found: the longest of the latest places where the same unit stood. */
function longestMatch(units: readonly number[], at: number, farthest: number): { distance: number; length: number } {
  let best = { distance: 0, length: 0 };
  for (let from = at - 1, tries = 0; from >= Math.max(0, at - farthest) && tries < 64; from -= 1, tries += 1) {
    let length = 0;
    while (at + length < units.length && units[from + length] === units[at + length]) length += 1;
    if (length > best.length) best = { distance: at - from, length };
  }
  return best;
}

/** The units after LZ's header. `shortest` is the type's shortest match, `literal` writes one unit. */
export function encodeLzUnits(
  units: readonly number[],
  shortest: 1 | 2 | 3,
  literal: (unit: number) => readonly number[],
): number[] {
  const bytes: number[] = [];
  let pending: number[] = [];
  const flush = (): void => {
    for (let i = 0; i < pending.length; i += MAX_LITERALS) {
      const part = pending.slice(i, i + MAX_LITERALS);
      bytes.push(part.length - 1, ...part.flatMap(literal));
    }
    pending = [];
  };
  for (let at = 0; at < units.length;) {
    const { distance, length } = longestMatch(units, at, 65_535 + 8_191);
    if (length < Math.max(shortest, 2)) {
      pending.push(units[at] ?? 0);
      at += 1;
      continue;
    }
    flush();
    bytes.push(...lzMatch(distance - 1, length - shortest));
    at += length;
  }
  flush();
  return bytes;
}

function lzMatch(offset: number, extra: number): number[] {
  const isFar = offset >= 8_191;
  const control = (Math.min(extra + 1, 7) << 5) | (isFar ? 31 : offset >> 8);
  const bytes = [control];
  if (extra + 1 >= 7) {
    let rest = extra - 6;
    for (; rest >= 255; rest -= 255) bytes.push(255);
    bytes.push(rest);
  }
  if (!isFar) return [...bytes, offset & 255];
  return [...bytes, 255, (offset - 8_191) >> 8, (offset - 8_191) & 255];
}

/** One block of LZ4; the last bytes are always literals, as its format asks for. */
export function encodeLz4Block(data: Uint8Array, { history = 0 }: { readonly history?: number } = {}): number[] {
  const units = [...data];
  const bytes: number[] = [];
  let literals: number[] = [];
  for (let at = history; at < units.length;) {
    const { distance, length } = longestMatch(units, at, 65_535);
    const usable = Math.min(length, units.length - at - 5);
    if (usable < 4) {
      literals.push(units[at] ?? 0);
      at += 1;
      continue;
    }
    bytes.push(...lz4Sequence(literals, usable - 4));
    for (const literal of literals) bytes.push(literal);
    bytes.push(distance & 255, distance >> 8, ...lz4Rest(usable - 4));
    literals = [];
    at += usable;
  }
  return [...bytes, ...lz4Sequence(literals, 0), ...literals];
}

function lz4Sequence(literals: readonly number[], extra: number): number[] {
  return [(Math.min(literals.length, 15) << 4) | Math.min(extra, 15), ...lz4Rest(literals.length)];
}

function lz4Rest(count: number): number[] {
  if (count < 15) return [];
  const bytes: number[] = [];
  let rest = count - 15;
  for (; rest >= 255; rest -= 255) bytes.push(255);
  return [...bytes, rest];
}
