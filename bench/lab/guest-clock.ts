/**
 * How a guest of the bench writes into its picture when it drew it: bits as black and white cells in the top left corner, the
 * highest first. The same numbers are read in the page, so that a picture's age is known wherever it is looked at.
 */
export const CLOCK_CELL_PX = 8;
export const CLOCK_BITS = 32;
/** Tells a whole clock from something else: the sum of the time's bytes. */
export const CLOCK_CHECK_BITS = 8;
export const CLOCK_WIDTH_PX = CLOCK_CELL_PX * (CLOCK_BITS + CLOCK_CHECK_BITS);

/** Milliseconds since the epoch, modulo 2^32. */
export function clockNow(): number {
  return Math.floor(performance.timeOrigin + performance.now()) % 2 ** CLOCK_BITS;
}

export function clockBits(time: number): boolean[] {
  const check = [0, 8, 16, 24].reduce((sum, shift) => sum + ((time >>> shift) & 0xff), 0) & 0xff;
  const bitsOf = (value: number, count: number): boolean[] =>
    Array.from({ length: count }, (_, index) => Math.floor(value / 2 ** (count - 1 - index)) % 2 === 1);
  return [...bitsOf(time, CLOCK_BITS), ...bitsOf(check, CLOCK_CHECK_BITS)];
}
