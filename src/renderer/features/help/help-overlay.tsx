import { Fragment } from "react";
import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Kbd } from "../../ui/kbd.tsx";
import { hotkeySections, type HotkeySection } from "./hotkey-table.ts";
import "./help.css";

/** All hotkeys, from the settings as they are now. */
export function HelpOverlay() {
  const hotkeys = useAppStore((state) => state.settings.hotkeys);
  const commands = useCommands();
  const close = (): void => {
    actions.setOverlay({ kind: "none" });
    commands.focusConsole();
  };
  return (
    <Dialog
      title="Hotkeys"
      description="The guest sees every key but these."
      width="large"
      onClose={close}
      footer={
        <Button
          onClick={() => {
            actions.setOverlay({ kind: "settings" });
          }}
        >
          Change them…
        </Button>
      }
    >
      <div className="help-sections">
        {hotkeySections(hotkeys).map((section) => (
          <Section key={section.title} section={section} />
        ))}
      </div>
    </Dialog>
  );
}

function Section({ section }: { readonly section: HotkeySection }) {
  return (
    <section className="help-section">
      <h3>{section.title}</h3>
      <dl>
        {section.rows.map(({ keys, text }) => (
          <Fragment key={text}>
            <dt>{keys.map((key) => (key === "…" ? <span key={key}>–</span> : <Kbd key={key}>{key}</Kbd>))}</dt>
            <dd>{text}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
