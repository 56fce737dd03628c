import { DESKTOP_API_KEY } from "../../shared/contracts/desktop-channels.ts";
import type { DesktopApi } from "../../shared/contracts/desktop.ts";

/** What the desktop shell offers this page; undefined in a browser. */
export function desktopOf(page: Window): DesktopApi | undefined {
  return (page as unknown as Record<string, DesktopApi | undefined>)[DESKTOP_API_KEY];
}
