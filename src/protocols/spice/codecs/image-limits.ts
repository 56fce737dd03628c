import { ProtocolError } from "../../bytes/protocol-error.ts";

/** Longest side of a picture that is accepted; the same as for VNC's framebuffer. */
export const MAX_IMAGE_SIDE_PX = 16_384;
/** Most pixels of one picture (256 MiB decoded); the same as for VNC's framebuffer. */
export const MAX_IMAGE_PIXELS = 67_108_864;

/** The size that a picture must have: image headers repeat what the message said (spice.proto, ImageDescriptor). */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Throws ProtocolError "limit" before anything is reserved for a picture that is too large; an empty one is "malformed". */
export function checkImageSize(codec: string, width: number, height: number): void {
  if (width === 0 || height === 0)
    throw new ProtocolError("malformed", `${codec}: picture of ${width}x${height} pixels`);
  if (width > MAX_IMAGE_SIDE_PX || height > MAX_IMAGE_SIDE_PX || width * height > MAX_IMAGE_PIXELS) {
    throw new ProtocolError("limit", `${codec}: picture of ${width}x${height} pixels is larger than is accepted`);
  }
}

/** What a decoder says when its data ends before the picture is whole. */
export function endsTooEarly(codec: string): ProtocolError {
  return new ProtocolError("malformed", `${codec}: data ends before the picture is whole`);
}
