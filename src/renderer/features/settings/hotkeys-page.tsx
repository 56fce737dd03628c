import { useState } from "react";
import type { HotkeySettings } from "../../../shared/contracts/settings.ts";
import { Checkbox } from "../../ui/checkbox.tsx";
import { Kbd } from "../../ui/kbd.tsx";
import { keyLabel } from "../../ui/key-label.ts";
import { NumberField } from "../../ui/number-field.tsx";
import { Slider } from "../../ui/slider.tsx";
import { Switch } from "../../ui/switch.tsx";
import { LeaderKeys } from "./leader-keys.tsx";
import { useSettingsChange, type SettingsPageProps } from "./use-settings-change.ts";

const MODIFIERS = ["Control", "Alt", "Shift", "Meta"] as const;

/** One held key is an ordinary key; two are a chord. */
const MIN_HELD_MODIFIERS = 2;

export function HotkeysPage({ settings }: SettingsPageProps) {
  const change = useSettingsChange();
  const { hotkeys } = settings;
  const { leader, held, scan } = hotkeys;
  const [doubleTapMs, setDoubleTapMs] = useState(leader.doubleTapMs);

  const changeLeader = (part: Partial<HotkeySettings["leader"]>): void => {
    change({ hotkeys: { ...hotkeys, leader: { ...leader, ...part } } });
  };
  const changeHeld = (part: Partial<HotkeySettings["held"]>): void => {
    change({ hotkeys: { ...hotkeys, held: { ...held, ...part } } });
  };

  return (
    <div className="settings-page">
      <section>
        <Switch
          label="Leader key"
          hint={
            <>
              Tap it twice, then <Kbd>1</Kbd>–<Kbd>9</Kbd>, an arrow, a letter or <Kbd>?</Kbd>
            </>
          }
          isOn={leader.isEnabled}
          onChange={(isEnabled) => {
            changeLeader({ isEnabled });
          }}
        />
        {leader.isEnabled && (
          <>
            <LeaderKeys
              keys={leader.keys}
              onChange={(keys) => {
                changeLeader({ keys });
              }}
            />
            <Slider
              label="Two taps within"
              value={doubleTapMs}
              min={150}
              max={1000}
              step={10}
              valueText={`${doubleTapMs} ms`}
              onChange={setDoubleTapMs}
              onCommit={(value) => {
                changeLeader({ doubleTapMs: value });
              }}
            />
          </>
        )}
      </section>
      <section>
        <Switch
          label="Held keys"
          hint={
            <>
              Hold them, then <Kbd>1</Kbd>–<Kbd>9</Kbd>, <Kbd>←</Kbd> <Kbd>→</Kbd> or <Kbd>Tab</Kbd>
            </>
          }
          isOn={held.isEnabled}
          onChange={(isEnabled) => {
            changeHeld({ isEnabled });
          }}
        />
        {held.isEnabled && (
          <fieldset className="settings-row">
            <legend className="ui-field-label">Which keys, at least two</legend>
            {MODIFIERS.map((modifier) => {
              const isChecked = held.modifiers.includes(modifier);
              return (
                <Checkbox
                  key={modifier}
                  label={keyLabel(modifier)}
                  isChecked={isChecked}
                  disabled={isChecked && held.modifiers.length <= MIN_HELD_MODIFIERS}
                  onChange={(isWanted) => {
                    changeHeld({
                      modifiers: MODIFIERS.filter((each) =>
                        each === modifier ? isWanted : held.modifiers.includes(each),
                      ),
                    });
                  }}
                />
              );
            })}
          </fieldset>
        )}
      </section>
      <section>
        <NumberField
          label="Auto-scan stays on each guest for (seconds)"
          className="settings-number"
          value={scan.dwellSeconds}
          min={1}
          max={255}
          onCommit={(dwellSeconds) => {
            change({ hotkeys: { ...hotkeys, scan: { dwellSeconds } } });
          }}
        />
      </section>
      <p className="ui-field-hint">
        <Kbd>Ctrl Alt</Kbd> pressed and let go always frees keyboard and mouse.
      </p>
    </div>
  );
}
