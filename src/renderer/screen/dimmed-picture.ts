/**
 * The last picture of a console that is not live, dimmed so that nobody takes it for the present. It lies over the session's own
 * element until that has a picture, and lets the pointer through.
 */
export function createDimmedPicture(picture: HTMLCanvasElement): HTMLElement {
  const layer = document.createElement("div");
  layer.dataset["testid"] = "last-picture";
  layer.setAttribute("aria-hidden", "true");
  layer.style.cssText =
    "position:absolute;inset:0;overflow:hidden;pointer-events:none;background:var(--picture-ground)";
  picture.style.cssText =
    "position:absolute;inset:0;width:100%;height:100%;object-fit:contain;opacity:0.45;filter:grayscale(0.7)";
  layer.append(picture);
  return layer;
}
