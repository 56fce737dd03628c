import { useEffect, useState } from "react";
import { after } from "../../../shared/lifecycle/timer.ts";
import { useAppStore } from "../../store/app-store.ts";
import type { Tab } from "../../store/state.ts";
import { Kbd } from "../../ui/kbd.tsx";

/** Long enough to be read; then it must not lie over the guest's picture any longer. The status line goes on saying it. */
const HINT_MS = 8_000;

/** A guest without a tablet device takes only mouse movements; the page must then hold the pointer. */
export function MouseHint({ tab }: { readonly tab: Tab }) {
  const isSwitching = useAppStore((state) => state.switchDisplay !== undefined);
  const isWanted =
    tab.state.phase === "live" &&
    tab.facts?.needsPointerLock === true &&
    !tab.facts.isPointerLocked &&
    !tab.isViewOnly &&
    !isSwitching;
  return isWanted ? <PassingHint key={tab.id} /> : null;
}

function PassingHint() {
  const [isShown, setShown] = useState(true);
  useEffect(() => {
    const timer = after(HINT_MS, () => {
      setShown(false);
    });
    return () => {
      timer.dispose();
    };
  }, []);
  if (!isShown) return null;
  return (
    <p className="console-hint">
      Click to capture the mouse: this guest takes only its movements. <Kbd>Ctrl Alt</Kbd> frees it.
    </p>
  );
}
