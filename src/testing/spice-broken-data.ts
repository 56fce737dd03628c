import { expect } from "vitest";
import { ProtocolError } from "../protocols/bytes/protocol-error.ts";

/**
 * Feeds a decoder damaged data: each must end in a result or in ProtocolError, soon. The unit tests do a fixed number of cases; for
 * a longer hunt set SWITCHYARD_FUZZ_SECONDS (for each fixture):
 *   SWITCHYARD_FUZZ_SECONDS=60 npx vitest run src/protocols/spice/codecs --testTimeout 0
 */
const FUZZ_SECONDS = Number(process.env.SWITCHYARD_FUZZ_SECONDS ?? 0);
const MUTATIONS = 60;
/** Truncations tried of one fixture; short ones are cut at every byte. */
const CUTS = 120;
/** What decoding a small fixture may take, however it is damaged; the largest accepted picture is not made by damage to most. */
const MAX_CASE_MS = 5_000;

export function fuzzDecoder(data: Uint8Array<ArrayBuffer>, seed: number, decode: (data: Uint8Array) => unknown): void {
  const step = Math.max(1, Math.floor(data.length / CUTS));
  for (let length = 0; length < data.length; length += step) tryOne(data.slice(0, length), decode);
  const random = randomNumbers(seed);
  const stopMs = performance.now() + FUZZ_SECONDS * 1000;
  for (let turn = 0; turn < MUTATIONS || performance.now() < stopMs; turn += 1) tryOne(mutated(data, random), decode);
}

function tryOne(data: Uint8Array, decode: (data: Uint8Array) => unknown): void {
  const startedMs = performance.now();
  try {
    decode(data);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
  expect(performance.now() - startedMs).toBeLessThan(MAX_CASE_MS);
}

/** Some bytes changed, a stretch repeated or left out, half of the time in the header's neighbourhood. */
function mutated(data: Uint8Array<ArrayBuffer>, random: (below: number) => number): Uint8Array {
  const copy = data.slice();
  const reach = random(2) === 0 ? Math.min(64, copy.length) : copy.length;
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const at = random(reach);
    switch (random(4)) {
      case 0:
        copy[at] = random(256);
        break;
      case 1:
        copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
        break;
      case 2:
        copy.copyWithin(at, random(copy.length));
        break;
      default:
        copy.fill(random(2) === 0 ? 0 : 255, at, at + random(40));
    }
  }
  return random(4) === 0 ? copy.slice(0, random(copy.length)) : copy;
}

function randomNumbers(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
