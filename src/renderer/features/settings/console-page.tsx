import { useState } from "react";
import type { ConsoleSettings, TerminalSettings } from "../../../shared/contracts/settings.ts";
import { LAYOUT_OPTIONS } from "../../store/layout-options.ts";
import { NumberField } from "../../ui/number-field.tsx";
import { RadioGroup } from "../../ui/radio-group.tsx";
import { Select } from "../../ui/select.tsx";
import { Slider } from "../../ui/slider.tsx";
import { Switch } from "../../ui/switch.tsx";
import { useSettingsChange, type SettingsPageProps } from "./use-settings-change.ts";

/** 0 to 9 in words. */
function levelText(level: number, low: string, high: string): string {
  if (level === 0) return `0, ${low}`;
  return level === 9 ? `9, ${high}` : String(level);
}

export function ConsolePage({ settings }: SettingsPageProps) {
  const change = useSettingsChange();
  const { console } = settings;
  const [quality, setQuality] = useState(console.quality);
  const [compression, setCompression] = useState(console.compression);
  const [pauseMs, setPauseMs] = useState(console.typeTextPauseMs);
  const changeConsole = (part: Partial<ConsoleSettings>): void => {
    change({ console: { ...console, ...part } });
  };

  return (
    <div className="settings-page">
      <section>
        <RadioGroup
          label="Size of a new console"
          value={console.scaling}
          options={[
            { value: "fit", label: "Fit", hint: "The whole picture, as large as there is room." },
            { value: "actual", label: "1:1", hint: "Pixel by pixel, with scrolling." },
            {
              value: "resize-guest",
              label: "Resize the guest",
              hint: "The guest gets the window's size, where it can; else it fits.",
            },
          ]}
          onChange={(scaling) => {
            changeConsole({ scaling });
          }}
        />
        <Switch
          label="View only"
          hint="New consoles send no keys and no mouse until it is switched off there."
          isOn={console.isViewOnly}
          onChange={(isViewOnly) => {
            changeConsole({ isViewOnly });
          }}
        />
      </section>
      <section>
        <Slider
          label="Picture quality"
          value={quality}
          min={0}
          max={9}
          valueText={levelText(quality, "smallest", "best")}
          onChange={setQuality}
          onCommit={(value) => {
            changeConsole({ quality: value });
          }}
        />
        <Slider
          label="Compression"
          value={compression}
          min={0}
          max={9}
          valueText={levelText(compression, "fastest", "smallest")}
          onChange={setCompression}
          onCommit={(value) => {
            changeConsole({ compression: value });
          }}
        />
      </section>
      <section>
        <Select
          label="Clipboard"
          value={console.clipboard}
          options={[
            { value: "both", label: "Both ways" },
            { value: "to-guest", label: "To the guest only" },
            { value: "off", label: "Off" },
          ]}
          hint="Where the guest's console can."
          onChange={(clipboard) => {
            changeConsole({ clipboard });
          }}
        />
        <Select
          label="Clipboard of SPICE guests"
          value={console.agentClipboard}
          options={[
            { value: "ask", label: "Ask at the first time" },
            { value: "allowed", label: "Shared" },
            { value: "refused", label: "Not shared" },
          ]}
          hint="Through the agent in the guest, which also shares pictures."
          onChange={(agentClipboard) => {
            changeConsole({ agentClipboard });
          }}
        />
        <Select
          label="Type text: keyboard layout of the guest"
          value={console.typeTextLayout}
          options={LAYOUT_OPTIONS}
          onChange={(typeTextLayout) => {
            changeConsole({ typeTextLayout });
          }}
        />
        <Slider
          label="Type text: pause after each key"
          hint="Slow firmware loses keys without a pause."
          value={pauseMs}
          min={0}
          max={1000}
          step={10}
          valueText={`${pauseMs} ms`}
          onChange={setPauseMs}
          onCommit={(value) => {
            changeConsole({ typeTextPauseMs: value });
          }}
        />
      </section>
    </div>
  );
}

export function TerminalPage({ settings }: SettingsPageProps) {
  const change = useSettingsChange();
  const { terminal } = settings;
  const changeTerminal = (part: Partial<TerminalSettings>): void => {
    change({ terminal: { ...terminal, ...part } });
  };
  return (
    <div className="settings-page">
      <section>
        <NumberField
          label="Size of the letters (pixels)"
          value={terminal.fontSizePx}
          min={8}
          max={40}
          onCommit={(fontSizePx) => {
            changeTerminal({ fontSizePx });
          }}
        />
        <p className="settings-sample" aria-hidden="true" style={{ fontSize: terminal.fontSizePx }}>
          login: _
        </p>
        <NumberField
          label="Lines to scroll back"
          value={terminal.scrollbackLines}
          min={0}
          max={100_000}
          step={1000}
          onCommit={(scrollbackLines) => {
            changeTerminal({ scrollbackLines });
          }}
        />
      </section>
    </div>
  );
}
