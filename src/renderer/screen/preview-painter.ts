/** Draws small copies of one picture into one canvas of its own, again only when the picture has changed. */
export class PreviewPainter {
  #canvas: HTMLCanvasElement | undefined;
  #paintedVersion = -1;

  /** `version` counts the picture's changes. Undefined while the picture is empty. */
  paint(picture: HTMLCanvasElement, version: number, maxWidthPx: number): HTMLCanvasElement | undefined {
    if (picture.width === 0 || picture.height === 0) return undefined;
    const shrink = Math.min(1, maxWidthPx / picture.width);
    const width = Math.max(1, Math.round(picture.width * shrink));
    const height = Math.max(1, Math.round(picture.height * shrink));
    const canvas = (this.#canvas ??= document.createElement("canvas"));
    if (this.#paintedVersion === version && canvas.width === width && canvas.height === height) return canvas;
    // Setting a size clears a canvas and makes room anew, so only when it differs.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext("2d");
    if (context === null) return undefined;
    context.imageSmoothingQuality = "medium";
    context.drawImage(picture, 0, 0, width, height);
    this.#paintedVersion = version;
    return canvas;
  }
}

/** A copy of a picture in its full size; undefined while it is empty. */
export function copyOfPicture(picture: HTMLCanvasElement): HTMLCanvasElement | undefined {
  return new PreviewPainter().paint(picture, 0, picture.width);
}
