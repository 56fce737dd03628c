/**
 * Capability bits of spice-protocol's protocol.h. A set travels as u32 words: bit n is bit n % 32 of word n / 32.
 * Common bits are those of every channel; the other tables belong to one kind of channel.
 */

export const COMMON_CAPABILITY = {
  protocolAuthSelection: 0,
  authSpice: 1,
  authSasl: 2,
  miniHeader: 3,
} as const;

export const MAIN_CAPABILITY = {
  semiSeamlessMigrate: 0,
  nameAndUuid: 1,
  agentConnectedTokens: 2,
  seamlessMigrate: 3,
} as const;

export const DISPLAY_CAPABILITY = {
  sizedStream: 0,
  monitorsConfig: 1,
  composite: 2,
  a8Surface: 3,
  streamReport: 4,
  lz4Compression: 5,
  prefCompression: 6,
  glScanout: 7,
  multiCodec: 8,
  codecMjpeg: 9,
  codecVp8: 10,
  codecH264: 11,
  prefVideoCodecType: 12,
  codecVp9: 13,
  codecH265: 14,
} as const;

export const INPUTS_CAPABILITY = { keyScancode: 0 } as const;

export const PLAYBACK_CAPABILITY = { celt051: 0, volume: 1, latency: 2, opus: 3 } as const;

export const RECORD_CAPABILITY = { celt051: 0, volume: 1, opus: 2 } as const;

/** port, usbredir and webdav channels. */
export const SPICEVMC_CAPABILITY = { dataCompressLz4: 0 } as const;

/** Bits to words, as short as they can be; no bits, no words. */
export function capabilityWords(bits: readonly number[]): number[] {
  const words: number[] = [];
  for (const bit of bits) {
    const at = Math.floor(bit / 32);
    while (words.length <= at) words.push(0);
    words[at] = ((words[at] ?? 0) | (1 << (bit % 32))) >>> 0;
  }
  return words;
}

export function hasCapability(words: readonly number[], bit: number): boolean {
  return (((words[Math.floor(bit / 32)] ?? 0) >>> (bit % 32)) & 1) === 1;
}
