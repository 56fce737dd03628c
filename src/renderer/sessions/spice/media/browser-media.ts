import type { VideoDecoderFactory } from "../../../../protocols/spice/display/media-decoders.ts";
import { inflate } from "./inflate.ts";
import { browserJpegDecoder } from "./jpeg-decoder.ts";
import type { SpiceMedia } from "./spice-media.ts";

/** No picture of a guest's video is larger. */
const MAX_VIDEO_SIDE_PX = 8192;

/** MJPEG: every frame is a picture of its own. */
const videoDecoders: VideoDecoderFactory = {
  create(codec) {
    if (codec !== "mjpeg") return undefined;
    return {
      decode: (frame) =>
        browserJpegDecoder.decode(frame, { maxWidth: MAX_VIDEO_SIDE_PX, maxHeight: MAX_VIDEO_SIDE_PX }),
      dispose: () => undefined,
    };
  },
};

/** What this browser can decode. */
export function createBrowserMedia(): SpiceMedia {
  return { imageDecoder: { jpeg: browserJpegDecoder, inflate }, videoDecoders, videoCodecs: ["mjpeg"] };
}
