/**
 * The Data Encryption Standard (FIPS 46-3), one block, encryption only. VNC Authentication needs it (RFB, section 7.2.2), and
 * neither Node's OpenSSL 3 nor Electron's BoringSSL offers it any more. Not for anything else: it protects nothing today.
 */

const BLOCK_BYTES = 8;

// The standard's tables: bit numbers count from 1 at the left.
const INITIAL = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24,
  16, 8, 57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31,
  23, 15, 7,
];
const FINAL = [
  40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31, 38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21,
  61, 29, 36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27, 34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9, 49,
  17, 57, 25,
];
const EXPANSION = [
  32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17, 16, 17, 18, 19, 20, 21, 20, 21, 22,
  23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
];
const PERMUTATION = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
];
const KEY_CHOICE_1 = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55,
  47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
const KEY_CHOICE_2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30,
  40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
const KEY_SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
/** S-boxes 1 to 8: row by row, one hexadecimal digit an entry. */
const S_BOXES = [
  "e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d",
  "f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9",
  "a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c",
  "7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e",
  "2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453",
  "c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d",
  "4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c",
  "d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b",
];

type Bits = readonly (0 | 1)[];

function bitsOf(bytes: Uint8Array): Bits {
  return Array.from({ length: bytes.length * 8 }, (_, i) => (((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1 ? 1 : 0));
}

function choose(bits: Bits, table: readonly number[]): Bits {
  return table.map((number) => bits[number - 1] ?? 0);
}

function xor(left: Bits, right: Bits): Bits {
  return left.map((bit, i) => (bit === right[i] ? 0 : 1));
}

function rotateLeft(bits: Bits, count: number): Bits {
  return [...bits.slice(count), ...bits.slice(0, count)];
}

function substitute(bits: Bits): Bits {
  return S_BOXES.flatMap((box, i) => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bits.slice(i * 6, i * 6 + 6);
    const row = a * 2 + f;
    const column = b * 8 + c * 4 + d * 2 + e;
    const value = Number.parseInt(box.charAt(row * 16 + column), 16);
    return [8, 4, 2, 1].map((weight) => (value & weight ? 1 : 0));
  });
}

/** The sixteen round keys of an 8-byte key; parity bits are not looked at. */
function roundKeysOf(key: Uint8Array): Bits[] {
  const chosen = choose(bitsOf(key), KEY_CHOICE_1);
  let left = chosen.slice(0, 28);
  let right = chosen.slice(28);
  return KEY_SHIFTS.map((shift) => {
    left = [...rotateLeft(left, shift)];
    right = [...rotateLeft(right, shift)];
    return choose([...left, ...right], KEY_CHOICE_2);
  });
}

/** Encrypts one 8-byte block with an 8-byte key. */
export function encryptDesBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  const roundKeys = roundKeysOf(key.subarray(0, BLOCK_BYTES));
  const start = choose(bitsOf(block.subarray(0, BLOCK_BYTES)), INITIAL);
  let left = start.slice(0, 32);
  let right = start.slice(32);
  for (const roundKey of roundKeys) {
    const mixed = choose(substitute(xor(choose(right, EXPANSION), roundKey)), PERMUTATION);
    [left, right] = [right, [...xor(left, mixed)]];
  }
  const bits = choose([...right, ...left], FINAL);
  return Uint8Array.from({ length: BLOCK_BYTES }, (_, i) =>
    bits.slice(i * 8, i * 8 + 8).reduce<number>((byte, bit) => byte * 2 + bit, 0),
  );
}
