import { ProtocolError } from "../../../../protocols/bytes/protocol-error.ts";
import type { PixelImage } from "../../../../protocols/spice/codecs/pixel-image.ts";
import type { JpegDecoder } from "../../../../protocols/spice/display/media-decoders.ts";

/** Decodes JPEG pictures with the browser's own decoder, which works beside this worker. */
export const browserJpegDecoder: JpegDecoder = {
  async decode(bytes, limits): Promise<PixelImage> {
    const bitmap = await createImageBitmap(new Blob([bytes.slice()], { type: "image/jpeg" }), {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    }).catch(() => {
      throw new ProtocolError("malformed", "a JPEG picture that cannot be decoded");
    });
    try {
      const { width, height } = bitmap;
      if (width > limits.maxWidth || height > limits.maxHeight) {
        throw new ProtocolError("limit", `a JPEG picture of ${String(width)}x${String(height)} pixels`);
      }
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
      if (context === null) throw new ProtocolError("limit", "no memory for a JPEG picture");
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      return { width, height, pixels: new Uint32Array(data.buffer), alpha: "opaque" };
    } finally {
      bitmap.close();
    }
  },
};
