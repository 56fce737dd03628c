import { useAppStore } from "../../store/app-store.ts";
import { RadioGroup } from "../../ui/radio-group.tsx";
import { Switch } from "../../ui/switch.tsx";
import { useSettingsChange, type SettingsPageProps } from "./use-settings-change.ts";

export function AppearancePage({ settings }: SettingsPageProps) {
  const change = useSettingsChange();
  return (
    <div className="settings-page">
      <section>
        <RadioGroup
          label="Theme"
          value={settings.theme}
          options={[
            { value: "system", label: "As the system has it" },
            { value: "dark", label: "Dark" },
            { value: "light", label: "Light" },
          ]}
          onChange={(theme) => {
            change({ theme });
          }}
        />
      </section>
    </div>
  );
}

export function DiscoveryPage({ settings }: SettingsPageProps) {
  const change = useSettingsChange();
  const { discovery } = settings;
  return (
    <div className="settings-page">
      <section>
        <Switch
          label="libvirt on this computer"
          hint="Its system and session sockets."
          isOn={discovery.libvirt}
          onChange={(libvirt) => {
            change({ discovery: { ...discovery, libvirt } });
          }}
        />
        <Switch
          label="QEMU processes on this computer"
          hint="Those that libvirt does not manage."
          isOn={discovery.qemu}
          onChange={(qemu) => {
            change({ discovery: { ...discovery, qemu } });
          }}
        />
        <Switch
          label="VNC servers on the network"
          hint="Those that announce themselves (mDNS)."
          isOn={discovery.mdns}
          onChange={(mdns) => {
            change({ discovery: { ...discovery, mdns } });
          }}
        />
      </section>
      <section>
        <Switch
          label="Sample guests"
          hint="Guests inside Switchyard itself, to try it without a hypervisor."
          isOn={settings.hasSampleGuests}
          onChange={(hasSampleGuests) => {
            change({ hasSampleGuests });
          }}
        />
      </section>
    </div>
  );
}

export function AboutPage() {
  const app = useAppStore((state) => state.app);
  return (
    <div className="settings-page">
      <dl className="settings-facts">
        <div>
          <dt>Version</dt>
          <dd>{app?.version ?? "unknown"}</dd>
        </div>
        <div>
          <dt>Settings folder</dt>
          <dd>
            <code>{app?.configFolder ?? "unknown"}</code>
          </dd>
        </div>
      </dl>
      <p className="ui-field-hint">
        Settings are in <code>settings.json</code> there, open tabs in <code>state.json</code>. No password is ever
        written to a file.
      </p>
    </div>
  );
}
