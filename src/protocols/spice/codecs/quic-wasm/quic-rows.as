// AssemblyScript: quic-rows.ts and the model's learning once more, for speed (docs/decisions/0013). What is explained there is not
// explained again here. Compiled by scripts/build-quic-wasm.ts into quic-wasm-code.ts.
//
// Memory (bytes). The host fills the tables, clears the state before each picture, and puts the data at `words`, with more zeros
// behind it than a row can take.
//      0  state of colours      64  state of alpha or grey
//    128  waits, 256 x u8      384  bits of a run by state, 32 x u8
//    512  best codes of 4 channels, 8 x i32 each
//   1024  counts of 4 channels, 8 buckets x 8 codes x i32
//   2048  decoding table, 8 bits: 8 codes x 256 x i32     10240  the same, 5 bits
//  18432  code lengths, 8 bits: 256 x 8 x u8              20480  the same, 5 bits
//  22528  escapes by code: zeros, bits (u8 each), 8 bits  22544  the same, 5 bits
//  24576  buckets of colours, u16 a column (16384)        57344  buckets of alpha, u8 a column

const WAITS: usize = 128;
const RUN_BITS: usize = 384;
const BEST: usize = 512;
const COUNTS: usize = 1024;
const COLOUR_BUCKETS: usize = 24576;
const PLANE_BUCKETS: usize = 57344;

// Fields of a state, all i32.
const WAIT: usize = 0;
const WAIT_MASK: usize = 4;
const RUN_STATE: usize = 8;
const SEED: usize = 12;
const STAGE: usize = 16;
const STAGE_LEFT: usize = 20;
const HALVE_AT: usize = 24;

let words: usize = 0;
let position: u32 = 0;
let bits: i32 = 8;
let table: usize = 2048;
let lengths: usize = 18432;
let escapes: usize = 22528;

export function begin(wordsAt: usize, firstBit: u32, colourBits: i32): void {
  words = wordsAt;
  position = firstBit;
  useBits(colourBits);
}

export function bitPosition(): u32 {
  return position;
}

function useBits(colourBits: i32): void {
  bits = colourBits;
  table = colourBits == 8 ? 2048 : 10240;
  lengths = colourBits == 8 ? 18432 : 20480;
  escapes = colourBits == 8 ? 22528 : 22544;
}

// The 32 bits at a place stand highest; below them at least one more.
@inline
function peek(at: u32): u64 {
  return rotl<u64>(load<u64>(words + ((at >>> 5) << 2)), 32) << (at & 31);
}

@inline
function nextWait(state: usize): i32 {
  const seed = load<i32>(state, SEED);
  store<i32>(state, seed + 1, SEED);
  return <i32>load<u8>(WAITS + (seed & 255)) & load<i32>(state, WAIT_MASK);
}

function learn(state: usize, slot: i32, decoded: i32): void {
  const difference = decoded >>> 16;
  const half = 1 << (bits - 1);
  const symbol = difference < half ? difference << 1 : ((half * 2 - difference) << 1) - 1;
  const counts: usize = COUNTS + (slot << 5);
  const lens: usize = lengths + (symbol << 3);
  let code = bits - 1;
  let bestCode = code;
  let bestBits = load<i32>(counts + (code << 2)) + <i32>load<u8>(lens + code);
  store<i32>(counts + (code << 2), bestBits);
  for (code -= 1; code >= 0; code--) {
    const total = load<i32>(counts + (code << 2)) + <i32>load<u8>(lens + code);
    store<i32>(counts + (code << 2), total);
    if (total < bestBits) {
      bestBits = total;
      bestCode = code;
    }
  }
  store<i32>(BEST + (slot << 2), bestCode << 8);
  if (bestBits > load<i32>(state, HALVE_AT)) {
    for (code = 0; code < bits; code++) store<i32>(counts + (code << 2), load<i32>(counts + (code << 2)) >>> 1);
  }
}

function decodeLong(tableOffset: i32, data: u32): i32 {
  const code = tableOffset >>> 8;
  const zeros = <i32>clz(data);
  const escapeZeros = <i32>load<u8>(escapes + (code << 1));
  const last = (1 << bits) - 1;
  let length: i32;
  let symbol: i32;
  if (zeros < escapeZeros) {
    length = zeros + 1 + code;
    symbol = (zeros << code) | <i32>((data >>> (32 - length)) & ((1 << code) - 1));
  } else {
    const escapeBits = <i32>load<u8>(escapes + (code << 1), 1);
    length = escapeZeros + escapeBits;
    symbol = (escapeZeros << code) + <i32>((data >>> (32 - length)) & ((1 << escapeBits) - 1));
  }
  symbol &= last;
  const bucket = min(31 - <i32>clz(symbol + 1), bits == 8 ? 7 : 4);
  return length | (bucket << 5) | ((((symbol >>> 1) ^ -(symbol & 1)) & last) << 16);
}

// Answers -1 where the run is longer than `limit`.
function run(state: usize, limit: i32): i32 {
  let length = 0;
  let runState = load<i32>(state, RUN_STATE);
  while (<i64>peek(position) < 0) {
    position++;
    length += 1 << <i32>load<u8>(RUN_BITS + runState);
    if (length > limit) return -1;
    if (runState < 31) runState++;
  }
  position++;
  const rest = <u32>load<u8>(RUN_BITS + runState);
  if (rest > 0) length += <i32>(peek(position) >>> (64 - rest));
  position += rest;
  if (length > limit) return -1;
  store<i32>(state, runState > 0 ? runState - 1 : 0, RUN_STATE);
  return length;
}

function segmentEnd(state: usize, start: i32, width: i32): i32 {
  let stage = load<i32>(state, STAGE);
  if (stage == 6) return width;
  if (load<i32>(state, STAGE_LEFT) == 0) {
    stage++;
    store<i32>(state, stage, STAGE);
    store<i32>(state, 2048, STAGE_LEFT);
    store<i32>(state, (1 << stage) - 1, WAIT_MASK);
    const halveAt = stage == 1 ? 550 : stage == 2 ? 900 : stage == 3 ? 800 : stage == 4 ? 550 : stage == 5 ? 400 : 350;
    store<i32>(state, halveAt, HALVE_AT);
    if (stage == 6) return width;
  }
  const left = load<i32>(state, STAGE_LEFT);
  const end = min(start + left, width);
  store<i32>(state, left - (end - start), STAGE_LEFT);
  return end;
}

// `row` is the address of a row whose upper neighbour stands right before it. False: a run leaves it.
export function colourRow(row: usize, width: i32, isFirst: bool): bool {
  for (let start = 0; start < width; ) {
    const end = segmentEnd(0, start, width);
    if (!colourSegment(row, width, isFirst, start, end)) return false;
    start = end;
  }
  return true;
}

function colourSegment(row: usize, width: i32, isFirst: bool, start: i32, end: i32): bool {
  const stride = <usize>width << 2;
  const last = (1 << bits) - 1;
  const redBlueMask = last | (last << 16);
  const greenMask = last << 8;
  const codes = table;
  const firstRun = isFirst ? i32.MAX_VALUE : 3;
  let at = position;
  let wait = load<i32>(0, WAIT);
  let runStart = 0;
  let left = 0;
  let beforeLeft = 0;
  let aboveLeft = 0;
  let buckets = 0;
  if (start > 0) {
    left = load<i32>(row + (start << 2) - 4);
    buckets = <i32>load<u16>(COLOUR_BUCKETS + (start << 1) - 2);
    if (start > 1) beforeLeft = load<i32>(row + (start << 2) - 8);
    if (!isFirst) aboveLeft = load<i32>(row + (start << 2) - 4 - stride);
  } else if (!isFirst) {
    left = load<i32>(row - stride);
    buckets = <i32>load<u16>(COLOUR_BUCKETS);
  }
  let x = start;
  while (x < end) {
    const here = row + (<usize>x << 2);
    const above = isFirst ? left : load<i32>(here - stride);
    if (above == aboveLeft && left == beforeLeft && x >= firstRun && x != runStart) {
      position = at;
      const length = run(0, end - x);
      if (length < 0) return false;
      at = position;
      runStart = x;
      if (length > 0) {
        const stop = here + (<usize>length << 2);
        for (let to = here; to < stop; to += 4) store<i32>(to, left);
        x += length;
        buckets = <i32>load<u16>(COLOUR_BUCKETS + (x << 1) - 2);
        aboveLeft = load<i32>(row + (x << 2) - 4 - stride);
      }
      continue;
    }
    let data = peek(at);
    const redSlot = buckets & 7;
    const greenSlot = 8 + ((buckets >>> 3) & 7);
    const blueSlot = 16 + (buckets >>> 6);
    const redCode = load<i32>(BEST + (redSlot << 2));
    const greenCode = load<i32>(BEST + (greenSlot << 2));
    const blueCode = load<i32>(BEST + (blueSlot << 2));
    let red = load<i32>(codes + ((redCode | <i32>(data >>> 56)) << 2));
    data <<= red & 31;
    let green = load<i32>(codes + ((greenCode | <i32>(data >>> 56)) << 2));
    data <<= green & 31;
    let blue = load<i32>(codes + ((blueCode | <i32>(data >>> 56)) << 2));
    if ((red | green | blue) >= 0) {
      at += (red + green + blue) & 31;
    } else {
      red = decodeLong(redCode, <u32>(peek(at) >>> 32));
      at += red & 31;
      green = decodeLong(greenCode, <u32>(peek(at) >>> 32));
      at += green & 31;
      blue = decodeLong(blueCode, <u32>(peek(at) >>> 32));
      at += blue & 31;
    }
    buckets = ((red >>> 5) & 7) | ((green >>> 2) & 0x38) | ((blue << 1) & 0x1c0);
    store<u16>(COLOUR_BUCKETS + (x << 1), <u16>buckets);
    beforeLeft = left;
    aboveLeft = above;
    const redBlue =
      ((((left & redBlueMask) + (above & redBlueMask)) >>> 1) & redBlueMask) + (red >>> 16) + (blue & 0xff0000);
    const green8 = (((left & greenMask) + (above & greenMask)) >>> 1) + (green >>> 8);
    left = 0xff000000 | (redBlue & redBlueMask) | (green8 & greenMask);
    store<i32>(here, left);
    x++;
    wait--;
    if (wait < 0) {
      wait = nextWait(0);
      learn(0, redSlot, red);
      learn(0, greenSlot, green);
      learn(0, blueSlot, blue);
    }
  }
  position = at;
  store<i32>(0, wait, WAIT);
  return true;
}

export function planeRow(row: usize, width: i32, isFirst: bool): bool {
  for (let start = 0; start < width; ) {
    const end = segmentEnd(64, start, width);
    if (!planeSegment(row, width, isFirst, start, end)) return false;
    start = end;
  }
  return true;
}

function planeSegment(row: usize, width: i32, isFirst: bool, start: i32, end: i32): bool {
  const stride = <usize>width;
  const firstRun = isFirst ? i32.MAX_VALUE : 3;
  let at = position;
  let wait = load<i32>(64, WAIT);
  let runStart = 0;
  let left = 0;
  let beforeLeft = 0;
  let aboveLeft = 0;
  let bucket = 0;
  if (start > 0) {
    left = <i32>load<u8>(row + start - 1);
    bucket = <i32>load<u8>(PLANE_BUCKETS + start - 1);
    if (start > 1) beforeLeft = <i32>load<u8>(row + start - 2);
    if (!isFirst) aboveLeft = <i32>load<u8>(row + start - 1 - stride);
  } else if (!isFirst) {
    left = <i32>load<u8>(row - stride);
    bucket = <i32>load<u8>(PLANE_BUCKETS);
  }
  let x = start;
  while (x < end) {
    const here = row + x;
    const above = isFirst ? left : <i32>load<u8>(here - stride);
    if (above == aboveLeft && left == beforeLeft && x >= firstRun && x != runStart) {
      position = at;
      const length = run(64, end - x);
      if (length < 0) return false;
      at = position;
      runStart = x;
      if (length > 0) {
        memory.fill(here, <u8>left, length);
        x += length;
        bucket = <i32>load<u8>(PLANE_BUCKETS + x - 1);
        aboveLeft = <i32>load<u8>(row + x - 1 - stride);
      }
      continue;
    }
    const data = peek(at);
    const slot = 24 + bucket;
    const code = load<i32>(BEST + (slot << 2));
    let symbol = load<i32>(table + ((code | <i32>(data >>> 56)) << 2));
    if (symbol < 0) symbol = decodeLong(code, <u32>(data >>> 32));
    at += symbol & 31;
    bucket = (symbol >>> 5) & 7;
    store<u8>(PLANE_BUCKETS + x, <u8>bucket);
    beforeLeft = left;
    aboveLeft = above;
    left = (((left + above) >>> 1) + (symbol >>> 16)) & 255;
    store<u8>(here, <u8>left);
    x++;
    wait--;
    if (wait < 0) {
      wait = nextWait(64);
      learn(64, slot, symbol);
    }
  }
  position = at;
  store<i32>(64, wait, WAIT);
  return true;
}
