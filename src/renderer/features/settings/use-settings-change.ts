import { createContext, use } from "react";
import type { Settings, SettingsPatch } from "../../../shared/contracts/settings.ts";

/** How a page of the settings changes them; a failure is shown at the foot of the dialog. */
export const SettingsChangeContext = createContext<((patch: SettingsPatch) => void) | undefined>(undefined);

export function useSettingsChange(): (patch: SettingsPatch) => void {
  const change = use(SettingsChangeContext);
  if (change === undefined) throw new Error("no SettingsChangeContext around this page");
  return change;
}

/** What each page gets. */
export interface SettingsPageProps {
  readonly settings: Settings;
}
