import {
  capabilityWords,
  COMMON_CAPABILITY,
  DISPLAY_CAPABILITY,
  INPUTS_CAPABILITY,
  MAIN_CAPABILITY,
  PLAYBACK_CAPABILITY,
  RECORD_CAPABILITY,
  SPICEVMC_CAPABILITY,
} from "../constants/capabilities.ts";
import type { ChannelKind } from "../constants/channel-kind.ts";

/**
 * The capabilities that our client sends with the link of each channel. Both sides send theirs; each uses only what the
 * other has. Not offered: CELT, a sound codec that nobody has any more, and GL_SCANOUT, a texture of the guest's graphics card
 * as a file descriptor, which only a client on the same computer can take.
 */

/** A server that sends more words than this is not one of this protocol. */
export const MAX_CAPABILITY_WORDS = 16;

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

/** The words that our client sends, by kind of channel; for a display see `displayCapabilities`. */
export const CLIENT_CAPABILITIES: Readonly<Record<Exclude<ChannelKind, "display">, readonly number[]>> = {
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
