import type {
  SpiceImageDecoder,
  VideoCodec,
  VideoDecoderFactory,
} from "../../../../protocols/spice/display/media-decoders.ts";
import type { OpusCodec } from "./sound-codecs.ts";

/** What a SPICE connection needs of the browser to show pictures and videos and play sound. Lives in the worker. */
export interface SpiceMedia {
  readonly imageDecoder: SpiceImageDecoder;
  readonly videoDecoders: VideoDecoderFactory;
  /** What `videoDecoders` can decode, the ones to be preferred first: the server is told. */
  readonly videoCodecs: readonly VideoCodec[];
  /** Undefined: raw sound only. */
  readonly opus: OpusCodec | undefined;
}
