import type { SoundFormat } from "../../../../protocols/spice/sound/sound-format.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";

/** One array a channel, -1..1. */
export type Samples = Float32Array<ArrayBuffer>[];

/** Sound that is decoded elsewhere and comes back later, in order. */
export interface SoundDecoder extends Disposable {
  decode(packet: Uint8Array, mediaMs: number): void;
}

export interface SoundEncoder extends Disposable {
  encode(samples: Samples, mediaMs: number): void;
}

/** What a browser can do with Opus; undefined where it cannot. */
export interface OpusCodec {
  createDecoder(format: SoundFormat, handle: (samples: Samples, mediaMs: number) => void): SoundDecoder;
  createEncoder(format: SoundFormat, handle: (packet: Uint8Array, mediaMs: number) => void): SoundEncoder;
}

/** Opus knows only these; SPICE servers use 48 kHz with it. */
const OPUS_RATES_HZ: readonly number[] = [8000, 12_000, 16_000, 24_000, 48_000];

/** Speech and music at a quality that nobody hears a fault of; a tenth of what raw sound takes. */
const OPUS_BITS_PER_SECOND = 96_000;
const OPUS_FRAME_US = 10_000;

/** Packets in the browser's decoder or encoder; more are dropped, as it does not keep up (each is 10 ms). */
const MAX_PACKETS_UNDER_WAY = 50;

/** Signed 16-bit samples, little-endian, channels interleaved → one array a channel. */
export function samplesOfRaw(data: Uint8Array, channelCount: number): Samples {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const frames = Math.floor(data.length / 2 / channelCount);
  return Array.from({ length: channelCount }, (_, channel) =>
    Float32Array.from(
      { length: frames },
      (__, frame) => view.getInt16(2 * (frame * channelCount + channel), true) / 32_768,
    ),
  );
}

export function rawOfSamples(samples: Samples): Uint8Array<ArrayBuffer> {
  const frames = samples[0]?.length ?? 0;
  const bytes = new Uint8Array(2 * frames * samples.length);
  const view = new DataView(bytes.buffer);
  for (const [channel, values] of samples.entries()) {
    for (const [frame, value] of values.entries()) {
      const level = Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
      view.setInt16(2 * (frame * samples.length + channel), level, true);
    }
  }
  return bytes;
}

/** WebCodecs' Opus (W3C, "Opus WebCodecs Registration"). */
export function browserOpus(): OpusCodec | undefined {
  if (typeof AudioDecoder === "undefined" || typeof AudioEncoder === "undefined") return undefined;
  return { createDecoder, createEncoder };
}

function createDecoder(format: SoundFormat, handle: (samples: Samples, mediaMs: number) => void): SoundDecoder {
  let decoder: AudioDecoder | undefined;
  const begin = (): AudioDecoder => {
    const begun = new AudioDecoder({
      output: (data) => {
        const samples = samplesOf(data);
        const mediaMs = data.timestamp / 1000;
        data.close();
        handle(samples, mediaMs);
      },
      // A packet that cannot be decoded is silence; the next one begins anew.
      error: () => {
        if (decoder === begun) decoder = undefined;
      },
    });
    begun.configure({ codec: "opus", sampleRate: format.frequencyHz, numberOfChannels: format.channels });
    return begun;
  };
  return {
    decode(packet, mediaMs) {
      decoder ??= begin();
      if (decoder.decodeQueueSize >= MAX_PACKETS_UNDER_WAY) return;
      decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: mediaMs * 1000, data: packet }));
    },
    dispose() {
      if (decoder !== undefined && decoder.state !== "closed") decoder.close();
    },
  };
}

function samplesOf(data: AudioData): Samples {
  return Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex, format: "f32-planar" });
    return samples;
  });
}

function createEncoder(format: SoundFormat, handle: (packet: Uint8Array, mediaMs: number) => void): SoundEncoder {
  const encoder = new AudioEncoder({
    output: (chunk) => {
      const packet = new Uint8Array(chunk.byteLength);
      chunk.copyTo(packet);
      handle(packet, chunk.timestamp / 1000);
    },
    error: () => undefined,
  });
  encoder.configure({
    codec: "opus",
    sampleRate: format.frequencyHz,
    numberOfChannels: format.channels,
    bitrate: OPUS_BITS_PER_SECOND,
    opus: { frameDuration: OPUS_FRAME_US },
  });
  return {
    encode(samples, mediaMs) {
      if (encoder.state !== "configured" || encoder.encodeQueueSize >= MAX_PACKETS_UNDER_WAY) return;
      const numberOfFrames = samples[0]?.length ?? 0;
      const planes = new Float32Array(numberOfFrames * samples.length);
      for (const [index, channel] of samples.entries()) planes.set(channel, index * numberOfFrames);
      const data = new AudioData({
        format: "f32-planar",
        sampleRate: format.frequencyHz,
        numberOfFrames,
        numberOfChannels: samples.length,
        timestamp: mediaMs * 1000,
        data: planes,
      });
      encoder.encode(data);
      data.close();
    },
    dispose() {
      if (encoder.state !== "closed") encoder.close();
    },
  };
}

/** Opus, where the browser has it and the format is one of Opus'. */
export function canUseOpus(format: SoundFormat): boolean {
  return OPUS_RATES_HZ.includes(format.frequencyHz) && format.channels <= 2;
}
