export { HelpOverlay } from "./help-overlay.tsx";
export { keyLabel } from "./key-label.ts";
