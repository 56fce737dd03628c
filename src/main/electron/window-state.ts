import { z } from "zod";

/** An area of the desktop, in device-independent pixels. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the window was when it was last seen; `window.json` in the configuration folder. */
export const WindowState = z.object({
  x: z.number().int().optional(),
  y: z.number().int().optional(),
  width: z.number().int().min(400).max(20_000).default(1400),
  height: z.number().int().min(300).max(20_000).default(860),
  isMaximized: z.boolean().default(false),
  isFullScreen: z.boolean().default(false),
});
export type WindowState = z.infer<typeof WindowState>;

/** This much of the window must be on a display, so that it can be taken and moved. */
const MIN_VISIBLE_WIDTH_PX = 120;
const MIN_VISIBLE_HEIGHT_PX = 40;

/** The saved state as far as it makes sense on today's displays; the defaults when nothing or nonsense was saved. */
export function usableWindowState(saved: unknown, displays: readonly Bounds[]): WindowState {
  const parsed = WindowState.safeParse(saved ?? {});
  const state = parsed.success ? parsed.data : WindowState.parse({});
  const { x, y, ...unplaced } = state;
  if (x === undefined || y === undefined) return unplaced;
  const isReachable = displays.some((display) => {
    const visibleWidth = Math.min(x + state.width, display.x + display.width) - Math.max(x, display.x);
    // The upper edge counts: it is what one takes hold of.
    const isTopVisible = y >= display.y && y + MIN_VISIBLE_HEIGHT_PX <= display.y + display.height;
    return visibleWidth >= MIN_VISIBLE_WIDTH_PX && isTopVisible;
  });
  return isReachable ? state : unplaced;
}
