/** What the page may do; everything else is denied. Pure, so that each rule is tried without Electron. */

/** Chromium's names. Full screen with Keyboard Lock and pointer lock are the product's main job; the clipboard is shared with guests. */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set([
  "clipboard-read",
  "clipboard-sanitized-write",
  "fullscreen",
  "keyboardLock",
  "pointerLock",
]);

function parsed(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

export function originOf(url: string): string | undefined {
  const origin = parsed(url)?.origin;
  return origin === "null" ? undefined : origin;
}

/** The page may go to itself (a reload) and nowhere else. */
export function isOwnPage(url: string, address: string): boolean {
  const [target, own] = [parsed(url), parsed(address)];
  return target !== undefined && own !== undefined && target.origin === own.origin && target.pathname === own.pathname;
}

/** A console in a window of its own: the same page with `#window=…`. */
export function isOwnWindow(url: string, address: string): boolean {
  return isOwnPage(url, address) && /^#window=./.test(parsed(url)?.hash ?? "");
}

export function isPermissionAllowed(permission: string, origin: string, address: string): boolean {
  const own = originOf(address);
  return own !== undefined && originOf(origin) === own && ALLOWED_PERMISSIONS.has(permission);
}
