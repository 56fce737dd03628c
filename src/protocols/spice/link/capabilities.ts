/**
 * Capabilities: what both sides of a channel can do, as bits of 32-bit words (spice-protocol, spice/protocol.h,
 * SPICE_*_CAP_*). Both sides send theirs with the link; each uses only what the other has.
 */

/** SPICE_COMMON_CAP_*: of the link itself, the same for all channels. */
export const COMMON_CAPABILITY = { authSelection: 0, authSpice: 1, authSasl: 2, miniHeader: 3 } as const;

/** SPICE_MAIN_CAP_* */
export const MAIN_CAPABILITY = {
  semiSeamlessMigrate: 0,
  nameAndUuid: 1,
  agentConnectedTokens: 2,
  seamlessMigrate: 3,
} as const;

/** SPICE_DISPLAY_CAP_* */
export const DISPLAY_CAPABILITY = {
  sizedStream: 0,
  monitorsConfig: 1,
  composite: 2,
  a8Surface: 3,
  streamReport: 4,
  lz4Compression: 5,
  prefCompression: 6,
  /** A texture of the guest's graphics card as a file descriptor: only for a client on the same computer. Never offered. */
  glScanout: 7,
  multiCodec: 8,
  codecMjpeg: 9,
  codecVp8: 10,
  codecH264: 11,
  prefVideoCodecType: 12,
  codecVp9: 13,
  codecH265: 14,
} as const;

/** SPICE_INPUTS_CAP_* */
export const INPUTS_CAPABILITY = { keyScancode: 0 } as const;

/** SPICE_PLAYBACK_CAP_*. CELT is a codec that nobody has any more; it is not offered. */
export const PLAYBACK_CAPABILITY = { celt051: 0, volume: 1, latency: 2, opus: 3 } as const;

/** SPICE_RECORD_CAP_* */
export const RECORD_CAPABILITY = { celt051: 0, volume: 1, opus: 2 } as const;

/** SPICE_SPICEVMC_CAP_* */
export const SPICEVMC_CAPABILITY = { dataCompressLz4: 0 } as const;

/** A server that sends more words than this is not one of this protocol. */
export const MAX_CAPABILITY_WORDS = 16;

const BITS_PER_WORD = 32;

/** Bits as words, as few as hold them. */
export function capabilityWords(bits: readonly number[]): number[] {
  const words = Array.from({ length: Math.ceil((Math.max(-1, ...bits) + 1) / BITS_PER_WORD) }, () => 0);
  for (const bit of bits) {
    const at = Math.floor(bit / BITS_PER_WORD);
    words[at] = ((words[at] ?? 0) | (1 << (bit % BITS_PER_WORD))) >>> 0;
  }
  return words;
}

/** Whether a side has a capability; a bit beyond its words is one that it does not know. */
export function hasCapability(words: readonly number[], bit: number): boolean {
  const word = words[Math.floor(bit / BITS_PER_WORD)] ?? 0;
  return ((word >>> (bit % BITS_PER_WORD)) & 1) === 1;
}

/** What our client offers always, whatever the channel. */
export const CLIENT_COMMON_CAPABILITIES: readonly number[] = capabilityWords(Object.values(COMMON_CAPABILITY));

/** Video codecs of a display stream, beside MJPEG, that a browser may or may not have. */
export type OptionalVideoCodec = "vp8" | "vp9" | "h264" | "h265";

const CODEC_BIT: Readonly<Record<OptionalVideoCodec, number>> = {
  vp8: DISPLAY_CAPABILITY.codecVp8,
  vp9: DISPLAY_CAPABILITY.codecVp9,
  h264: DISPLAY_CAPABILITY.codecH264,
  h265: DISPLAY_CAPABILITY.codecH265,
};

/** A display channel of a browser that has these codecs. */
export function displayCapabilities(codecs: readonly OptionalVideoCodec[]): number[] {
  return capabilityWords([
    DISPLAY_CAPABILITY.sizedStream,
    DISPLAY_CAPABILITY.monitorsConfig,
    DISPLAY_CAPABILITY.composite,
    DISPLAY_CAPABILITY.a8Surface,
    DISPLAY_CAPABILITY.streamReport,
    DISPLAY_CAPABILITY.lz4Compression,
    DISPLAY_CAPABILITY.prefCompression,
    DISPLAY_CAPABILITY.multiCodec,
    DISPLAY_CAPABILITY.codecMjpeg,
    DISPLAY_CAPABILITY.prefVideoCodecType,
    ...codecs.map((codec) => CODEC_BIT[codec]),
  ]);
}

/** Kinds of channels whose capabilities are always the same. */
export type FixedCapabilityChannel =
  "main" | "inputs" | "cursor" | "playback" | "record" | "usbredir" | "port" | "webdav" | "smartcard" | "tunnel";

/** The words that our client sends, by kind of channel; for a display see `displayCapabilities`. */
export const CLIENT_CAPABILITIES: Readonly<Record<FixedCapabilityChannel, readonly number[]>> = {
  main: capabilityWords([
    MAIN_CAPABILITY.semiSeamlessMigrate,
    MAIN_CAPABILITY.nameAndUuid,
    MAIN_CAPABILITY.agentConnectedTokens,
    MAIN_CAPABILITY.seamlessMigrate,
  ]),
  inputs: capabilityWords([INPUTS_CAPABILITY.keyScancode]),
  cursor: [],
  playback: capabilityWords([PLAYBACK_CAPABILITY.volume, PLAYBACK_CAPABILITY.latency, PLAYBACK_CAPABILITY.opus]),
  record: capabilityWords([RECORD_CAPABILITY.volume, RECORD_CAPABILITY.opus]),
  usbredir: capabilityWords([SPICEVMC_CAPABILITY.dataCompressLz4]),
  port: [],
  webdav: [],
  smartcard: [],
  tunnel: [],
};
