import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { SpiceReader } from "../wire/spice-reader.ts";

/** spice.proto, "audio_data_mode". CELT 0.5.1 is a dead codec of old servers that nothing decodes any more. */
export const AUDIO_MODE = { raw: 1, celt051: 2, opus: 3 } as const;

/** How packets are coded. "raw": signed 16-bit samples, little-endian, channels interleaved. */
export type SoundCodec = "raw" | "opus";

/** spice.proto, "audio_fmt". */
const FORMAT_S16 = 1;

/** Loudspeakers of a 7.1 set; SPICE servers send 2. */
export const MAX_SOUND_CHANNELS = 8;

/** Samples a second. SPICE servers use 44100 or 48000. */
const MIN_FREQUENCY_HZ = 8000;
const MAX_FREQUENCY_HZ = 192_000;

export interface SoundFormat {
  readonly channels: number;
  readonly frequencyHz: number;
}

/** channels u32, format u16, frequency u32: the same in PLAYBACK's and RECORD's START. */
export function parseSoundFormat(reader: SpiceReader): SoundFormat {
  const channels = reader.u32();
  const format = reader.u16();
  const frequencyHz = reader.u32();
  if (format !== FORMAT_S16) throw new ProtocolError("malformed", `sound of format ${String(format)}`);
  if (channels < 1 || channels > MAX_SOUND_CHANNELS) {
    throw new ProtocolError("malformed", `sound of ${String(channels)} channels`);
  }
  if (frequencyHz < MIN_FREQUENCY_HZ || frequencyHz > MAX_FREQUENCY_HZ) {
    throw new ProtocolError("malformed", `sound of ${String(frequencyHz)} samples a second`);
  }
  return { channels, frequencyHz };
}

/** A u8 count and u16 volumes, 65535 is full. Empty where a server sends none, which means nothing. */
export function parseVolume(reader: SpiceReader): number[] {
  return Array.from({ length: reader.u8() }, () => reader.u16());
}
