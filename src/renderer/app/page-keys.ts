import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import type { PageParts } from "./page-parts.ts";

/** Notes whether key presses go to the guest: whether the focus is on the stage. */
export function watchKeyboardOwner({ actions, stage }: Pick<PageParts, "actions" | "stage">): Disposable {
  const owned = new DisposableStore();
  const handleFocusIn = (): void => {
    actions.setKeyboardInGuest(true);
  };
  const handleFocusOut = (event: FocusEvent): void => {
    const isStillIn = event.relatedTarget instanceof Node && stage.element.contains(event.relatedTarget);
    if (!isStillIn) actions.setKeyboardInGuest(false);
  };
  stage.element.addEventListener("focusin", handleFocusIn);
  stage.element.addEventListener("focusout", handleFocusOut);
  owned.defer(() => {
    stage.element.removeEventListener("focusin", handleFocusIn);
    stage.element.removeEventListener("focusout", handleFocusOut);
  });
  return owned;
}

/** The page's own keys. They act only while the keyboard is not in a guest, for a guest has keys of the same name. */
export function watchPageKeys({ store, actions, stage }: Pick<PageParts, "store" | "actions" | "stage">): Disposable {
  const owned = new DisposableStore();
  const handleKeyDown = (event: KeyboardEvent): void => {
    if (!event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (event.target instanceof Node && stage.element.contains(event.target)) return;
    if (store.getState().overlay.kind !== "none") return;
    if (event.key === "k") actions.setOverlay({ kind: "palette" });
    else if (event.key === ",") actions.setOverlay({ kind: "settings" });
    else return;
    event.preventDefault();
  };
  window.addEventListener("keydown", handleKeyDown);
  owned.defer(() => {
    window.removeEventListener("keydown", handleKeyDown);
  });
  return owned;
}
