import { AddHostDialog } from "../features/add-host/index.ts";
import { AddressBookDialog } from "../features/address-book/index.ts";
import { HelpOverlay } from "../features/help/index.ts";
import { Palette } from "../features/palette/index.ts";
import { ChooseConsoleDialog, ConfirmPowerDialog } from "../features/power/index.ts";
import { QuestionDialog } from "../features/questions/index.ts";
import { SettingsDialog } from "../features/settings/index.ts";
import { TypeTextDialog } from "../features/type-text/index.ts";
import { planStrokes } from "../input/type-text/key-strokes.ts";
import { MAX_TYPED_CHARACTERS } from "../input/type-text/type-text.ts";
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
      return null;
    case "palette":
      return <Palette />;
    case "help":
      return <HelpOverlay />;
    case "add-host":
      return (
        <AddHostDialog
          {...(overlay.uri === undefined ? {} : { uri: overlay.uri })}
          {...(overlay.editHostId === undefined ? {} : { editHostId: overlay.editHostId })}
          onClose={close}
        />
      );
    case "settings":
      return <SettingsDialog onClose={close} />;
    case "type-text":
      return (
        <TypeTextDialog
          tabId={overlay.tabId}
          findUntypable={(text, layout) => planStrokes(text, layout).untypable}
          maxCharacters={MAX_TYPED_CHARACTERS}
        />
      );
    case "address-book":
      return <AddressBookDialog onClose={close} />;
    case "confirm-power":
      return <ConfirmPowerDialog guestId={overlay.guestId} action={overlay.action} onClose={close} />;
    case "choose-console":
      return <ChooseConsoleDialog guestId={overlay.guestId} onClose={close} />;
  }
}
