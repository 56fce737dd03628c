/**
 * Fills `canvas` with the middle of `picture`, cut to the canvas's proportions. Answers whether there was a picture; without
 * one the canvas is cleared.
 */
export function paintCover(
  canvas: HTMLCanvasElement,
  picture: HTMLCanvasElement | undefined,
  widthPx: number,
  heightPx: number,
): boolean {
  const width = Math.round(widthPx);
  const height = Math.round(heightPx);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return false;
  if (picture === undefined || picture.width === 0 || picture.height === 0) {
    context.clearRect(0, 0, width, height);
    return false;
  }
  const { x, y, width: cutWidth, height: cutHeight } = coverCut(picture, { width, height });
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, x, y, cutWidth, cutHeight, 0, 0, width, height);
  return true;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest middle part of `picture` that has the proportions of `frame`. */
export function coverCut(picture: Size, frame: Size): Size & { readonly x: number; readonly y: number } {
  const scale = Math.max(frame.width / picture.width, frame.height / picture.height);
  const width = frame.width / scale;
  const height = frame.height / scale;
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}
