import type { HotkeySettings } from "../../../shared/contracts/settings.ts";
import { keyLabel } from "../../ui/key-label.ts";

export interface HotkeyRow {
  /** Key caps, joined by what is between them. */
  readonly keys: readonly string[];
  readonly text: string;
}

export interface HotkeySection {
  readonly title: string;
  readonly note?: string;
  readonly rows: readonly HotkeyRow[];
}

/** All hotkeys as they are set now. */
export function hotkeySections({ leader, held, scan }: HotkeySettings): HotkeySection[] {
  const heldKeys = held.modifiers.map(keyLabel).join(" ");
  const sections: HotkeySection[] = [];
  if (leader.isEnabled) {
    sections.push({
      title: `${leader.keys.map(keyLabel).join(" or ")}, twice, then`,
      rows: [
        { keys: ["1", "…", "9", "0"], text: "show that tab" },
        { keys: ["←", "→"], text: "previous or next tab, as often as you like" },
        { keys: ["L", "Backspace"], text: "back to the last guest" },
        { keys: ["K", "/"], text: "find a guest by name" },
        { keys: ["S", "A"], text: `auto-scan, ${scan.dwellSeconds} s each; Esc or Space ends it` },
        { keys: ["F"], text: "full screen" },
        { keys: ["T"], text: "type text" },
        { keys: ["D", "Del"], text: "Ctrl+Alt+Del" },
        { keys: ["X"], text: "special keys" },
        { keys: ["B"], text: "show or hide the guest list" },
        { keys: ["W"], text: "close the tab" },
        { keys: ["R"], text: "free keyboard and mouse" },
        { keys: ["?", "F1"], text: "this list" },
        { keys: ["the same key"], text: "send that key to the guest" },
        { keys: ["Esc"], text: "back to the guest" },
      ],
    });
  }
  if (held.isEnabled) {
    sections.push({
      title: `${heldKeys} held, with`,
      rows: [
        { keys: ["1", "…", "9", "0"], text: "show that tab" },
        { keys: ["←", "→"], text: "previous or next tab" },
        { keys: ["Tab", "Shift Tab"], text: "through the tabs you used last; release to switch" },
        { keys: ["Enter"], text: "full screen" },
      ],
    });
  }
  sections.push({
    title: "Always",
    rows: [
      { keys: ["Ctrl Alt"], text: "pressed and released: keyboard and mouse are free" },
      { keys: ["Esc"], text: "goes to the guest; held two seconds in full screen, it leaves full screen" },
    ],
  });
  return sections;
}
