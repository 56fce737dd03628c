/** A side longer than this is refused: what a canvas takes in every Chromium. */
export const MAX_FRAMEBUFFER_SIDE_PX = 16_384;

/** More pixels than this are refused: an 8K screen has 33 million; each costs four bytes, and four more while it is shown. */
export const MAX_FRAMEBUFFER_PX = 40_000_000;

export function isFramebufferAccepted(widthPx: number, heightPx: number): boolean {
  return (
    widthPx <= MAX_FRAMEBUFFER_SIDE_PX &&
    heightPx <= MAX_FRAMEBUFFER_SIDE_PX &&
    widthPx * heightPx <= MAX_FRAMEBUFFER_PX
  );
}
