import { ChooseConsoleDialog, ConfirmPowerDialog } from "../features/power/index.ts";
import { QuestionDialog } from "../features/questions/index.ts";
import { actions, useAppStore } from "../store/app-store.ts";

const close = (): void => {
  actions.setOverlay({ kind: "none" });
};

/** The one layer above the page that is open, and above it the question that waits. */
export function Overlays() {
  return (
    <>
      <CurrentOverlay />
      <QuestionDialog leavesConsoleQuestions />
    </>
  );
}

function CurrentOverlay() {
  const overlay = useAppStore((state) => state.overlay);
  switch (overlay.kind) {
    case "none":
    case "palette":
    case "help":
    case "add-host":
    case "settings":
    case "type-text":
    case "address-book":
      return null;
    case "confirm-power":
      return <ConfirmPowerDialog guestId={overlay.guestId} action={overlay.action} onClose={close} />;
    case "choose-console":
      return <ChooseConsoleDialog guestId={overlay.guestId} onClose={close} />;
  }
}
