import { useCallback } from "react";
import { Info, Keyboard, Monitor, Palette, Radar, Server, SquareTerminal } from "lucide-react";
import type { SettingsPatch } from "../../../shared/contracts/settings.ts";
import { errorSentence } from "../../../shared/errors/error-text.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { useAct } from "../../ui/use-act.ts";
import { ConsolePage, TerminalPage } from "./console-page.tsx";
import { AboutPage, AppearancePage, DiscoveryPage } from "./general-pages.tsx";
import { HostsPage } from "./hosts-page.tsx";
import { HotkeysPage } from "./hotkeys-page.tsx";
import { SettingsChangeContext } from "./use-settings-change.ts";
import "./settings-dialog.css";

export interface SettingsDialogProps {
  readonly onClose: () => void;
}

/** Every change applies at once. */
export function SettingsDialog({ onClose }: SettingsDialogProps) {
  const commands = useCommands();
  const settings = useAppStore((state) => state.settings);
  const { error, run } = useAct(errorSentence);
  const change = useCallback(
    (patch: SettingsPatch) => {
      run(() => commands.changeSettings(patch));
    },
    [commands, run],
  );

  return (
    <SettingsChangeContext value={change}>
      <Dialog title="Settings" width="large" className="settings" onClose={onClose}>
        {error !== undefined && (
          <div className="settings-error">
            <Alert tone="failed">{error}</Alert>
          </div>
        )}
        <Tabs
          label="Settings"
          pages={[
            {
              id: "appearance",
              label: "Appearance",
              icon: <Palette />,
              content: <AppearancePage settings={settings} />,
            },
            { id: "hotkeys", label: "Hotkeys", icon: <Keyboard />, content: <HotkeysPage settings={settings} /> },
            { id: "consoles", label: "Consoles", icon: <Monitor />, content: <ConsolePage settings={settings} /> },
            {
              id: "terminal",
              label: "Text consoles",
              icon: <SquareTerminal />,
              content: <TerminalPage settings={settings} />,
            },
            { id: "discovery", label: "Discovery", icon: <Radar />, content: <DiscoveryPage settings={settings} /> },
            { id: "hosts", label: "Hosts", icon: <Server />, content: <HostsPage /> },
            { id: "about", label: "Files and version", icon: <Info />, content: <AboutPage /> },
          ]}
        />
      </Dialog>
    </SettingsChangeContext>
  );
}
