import type { Tab } from "../../store/state.ts";
import { Kbd } from "../../ui/kbd.tsx";

/** A guest without a tablet device takes only mouse movements; the page must then hold the pointer. */
export function MouseHint({ tab }: { readonly tab: Tab }) {
  if (tab.state.phase !== "live" || tab.facts?.needsPointerLock !== true || tab.isViewOnly) return null;
  if (tab.facts.isPointerLocked) return null;
  return (
    <p className="console-hint">
      Click to capture the mouse: this guest takes only its movements. <Kbd>Ctrl Alt</Kbd> frees it.
    </p>
  );
}
