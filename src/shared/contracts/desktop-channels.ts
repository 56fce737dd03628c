/** Names between preload and shell. Apart from `desktop.ts`, so that the preload script brings no schema library along. */
export const DESKTOP_CALL_CHANNEL = "switchyard-desktop:call";
export const DESKTOP_EVENT_CHANNEL = "switchyard-desktop:event";
/** Where the page finds the API: `window.switchyardDesktop`. */
export const DESKTOP_API_KEY = "switchyardDesktop";
