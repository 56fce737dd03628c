/** How a guest's picture is laid into its place. All lengths of the page are CSS pixels. */
export interface SizePx {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** CSS pixels for one guest pixel. */
export interface PictureScale {
  readonly scale: number;
  /** True when every guest pixel covers the same whole number of the screen's pixels, so that it may be painted unsmoothed. */
  readonly isPixelExact: boolean;
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6 && Math.round(value) >= 1;
}

function scaleOf(scale: number, devicePixelRatio: number): PictureScale {
  return { scale, isPixelExact: isWhole(scale * devicePixelRatio) };
}

/**
 * The whole picture, as large as it goes. Undefined while there is no room (a hidden or not yet laid out place) or no picture,
 * so that the caller keeps what it had.
 */
export function fitScale(picture: SizePx, room: SizePx, devicePixelRatio: number): PictureScale | undefined {
  if (Math.min(picture.widthPx, picture.heightPx, room.widthPx, room.heightPx) <= 0) return undefined;
  return scaleOf(Math.min(room.widthPx / picture.widthPx, room.heightPx / picture.heightPx), devicePixelRatio);
}

/**
 * 1:1. One guest pixel is a whole number of the screen's pixels, so that nothing is blurred: one below 200 %, two from 200 % on,
 * where single ones would be too small to read.
 */
export function actualScale(devicePixelRatio: number): PictureScale {
  return scaleOf(Math.max(1, Math.floor(devicePixelRatio + 1e-6)) / devicePixelRatio, devicePixelRatio);
}

/** The size that a guest is asked for so that it fills the room at the scale of `actualScale`, in guest pixels. */
export function guestSizeFor(room: SizePx, devicePixelRatio: number): SizePx {
  const { scale } = actualScale(devicePixelRatio);
  return { widthPx: Math.floor(room.widthPx / scale), heightPx: Math.floor(room.heightPx / scale) };
}
