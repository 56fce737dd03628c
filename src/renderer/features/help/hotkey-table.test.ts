import { describe, expect, it } from "vitest";
import { HotkeySettings } from "../../../shared/contracts/settings.ts";
import { hotkeySections } from "./hotkey-table.ts";

const titlesFor = (settings: Parameters<typeof HotkeySettings.parse>[0]): string[] =>
  hotkeySections(HotkeySettings.parse(settings)).map(({ title }) => title);

describe("hotkey table", () => {
  it("names the keys of the settings", () => {
    expect(titlesFor({ leader: { keys: ["Pause"] }, held: { modifiers: ["Control", "Shift", "Meta"] } })).toEqual([
      "Pause, twice, then",
      "Ctrl Shift Super held, with",
      "Always",
    ]);
  });

  it("leaves out a family that is off, never the escape chord", () => {
    expect(titlesFor({ leader: { isEnabled: false }, held: { isEnabled: false } })).toEqual(["Always"]);
  });
});
