import { KEYBOARD_LAYOUT_NAMES, KeyboardLayoutId } from "../../shared/contracts/settings.ts";

/** The keyboard layouts as a list to choose from. */
export const LAYOUT_OPTIONS = Object.entries(KEYBOARD_LAYOUT_NAMES).map(([id, label]) => ({
  value: KeyboardLayoutId.parse(id),
  label,
}));
