import { ProtocolError } from "../../bytes/protocol-error.ts";
import { decodeLz } from "./lz.ts";
import { OPAQUE_ALPHA, type PixelImage } from "./pixel-image.ts";

/**
 * SPICE_IMAGE_TYPE_JPEG_ALPHA: the decoded JPEG's colours with the alpha of `alphaData`, a picture of LZ type XXXA. The server
 * packs colours and alpha of premultiplied pixels apart, so nothing is multiplied here. The LZ header says which way up the alpha
 * is (the message's SPICE_JPEG_ALPHA_FLAGS_TOP_DOWN repeats it); the JPEG is top down in any case.
 * The JPEG's pixels are changed in place.
 */
export function composeJpegAlpha(jpeg: PixelImage, alphaData: Uint8Array): PixelImage {
  const { width, height, pixels } = jpeg;
  const plane = decodeLz(alphaData);
  if (plane.alpha !== "mask") throw new ProtocolError("malformed", "JPEG alpha: the LZ picture is no alpha");
  if (plane.width !== width || plane.height !== height) {
    throw new ProtocolError(
      "malformed",
      `JPEG alpha: alpha of ${plane.width}x${plane.height} pixels for a JPEG of ${width}x${height}`,
    );
  }
  for (let i = 0; i < pixels.length; i += 1) {
    pixels[i] = ((pixels[i] as number) & ~OPAQUE_ALPHA) | (plane.pixels[i] as number);
  }
  return { width, height, pixels, alpha: "premultiplied" };
}
