import type { VideoCodec, VideoDecoderFactory } from "../../../../protocols/spice/display/media-decoders.ts";
import { inflate } from "./inflate.ts";
import { browserJpegDecoder } from "./jpeg-decoder.ts";
import { browserOpus } from "./sound-codecs.ts";
import type { SpiceMedia } from "./spice-media.ts";
import type { FrameCodec } from "./video-frame-kind.ts";
import { CODEC_STRINGS, WebVideoDecoder, type WebCodecs } from "./web-video-decoder.ts";

/** No picture of a guest's video is larger. */
const MAX_VIDEO_SIDE_PX = 8192;

/**
 * In the order in which a server should choose: H.264 and H.265 often have hardware behind them, VP8 is cheaper for a
 * server to encode than VP9, and all are smaller than pictures one by one.
 */
const WANTED_CODECS: readonly FrameCodec[] = ["h264", "vp8", "vp9", "h265"];

/** What the page's browser has of WebCodecs; undefined in one that has none. */
function webCodecsHere(): WebCodecs | undefined {
  return typeof VideoDecoder === "undefined" ? undefined : { VideoDecoder, EncodedVideoChunk };
}

async function canDecode(codec: FrameCodec, webCodecs: WebCodecs): Promise<boolean> {
  try {
    const config = { codec: CODEC_STRINGS[codec], optimizeForLatency: true };
    return (await webCodecs.VideoDecoder.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}

/** What this browser can decode. Never rejects: at the least, pictures and MJPEG. */
export async function createBrowserMedia(webCodecs: WebCodecs | undefined = webCodecsHere()): Promise<SpiceMedia> {
  const decodable =
    webCodecs === undefined ? [] : await Promise.all(WANTED_CODECS.map((codec) => canDecode(codec, webCodecs)));
  const frameCodecs = WANTED_CODECS.filter((_, index) => decodable[index]);
  const videoDecoders: VideoDecoderFactory = {
    create(codec) {
      if (codec === "mjpeg") return mjpegDecoder;
      return webCodecs !== undefined && frameCodecs.includes(codec) ? new WebVideoDecoder(codec, webCodecs) : undefined;
    },
  };
  const videoCodecs: readonly VideoCodec[] = [...frameCodecs, "mjpeg"];
  return { imageDecoder: { jpeg: browserJpegDecoder, inflate }, videoDecoders, videoCodecs, opus: browserOpus() };
}

/** Every frame is a picture of its own. */
const mjpegDecoder: ReturnType<VideoDecoderFactory["create"]> = {
  decode: (frame) => browserJpegDecoder.decode(frame, { maxWidth: MAX_VIDEO_SIDE_PX, maxHeight: MAX_VIDEO_SIDE_PX }),
  dispose: () => undefined,
};
