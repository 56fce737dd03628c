import type { ConsoleSettings } from "../../../shared/contracts/settings.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useCommands } from "../../store/commands-context.ts";
import { isLosingAction, powerActionLabel } from "../../store/power-actions.ts";
import type { Tab } from "../../store/state.ts";
import type { MenuEntry } from "../../ui/menu.tsx";

const QUALITIES = [
  { value: "9", label: "Best picture" },
  { value: "6", label: "Balanced" },
  { value: "3", label: "Smaller" },
  { value: "0", label: "Smallest" },
] as const;

const COMPRESSIONS = [
  { value: "0", label: "None, for a local network" },
  { value: "2", label: "Light" },
  { value: "6", label: "Strong" },
  { value: "9", label: "Strongest, for a slow line" },
] as const;

function nearest(value: number, options: readonly { readonly value: string }[]): string {
  const [first = "0", ...others] = options.map((option) => option.value);
  const distance = (option: string): number => Math.abs(Number(option) - value);
  return others.reduce((best, option) => (distance(option) < distance(best) ? option : best), first);
}

/** Everything else that can be done with a console. */
export function useMoreMenu(tab: Tab): readonly MenuEntry[] {
  const commands = useCommands();
  const guest = useAppStore((state) => state.guestById.get(tab.guestId));
  const settings = useAppStore((state) => state.settings.console);
  const isText = tab.protocol === "serial" || tab.protocol === "tn3270";
  const isLive = tab.state.phase === "live";
  const canUseClipboard = isLive && !isText && tab.facts?.canUseClipboard === true && settings.clipboard !== "off";

  const change = (part: Partial<ConsoleSettings>): void => {
    commands.changeSettings({ console: { ...settings, ...part } }).catch(() => {
      commands.notify("error", "The setting could not be saved.");
    });
    commands.focusConsole();
  };

  const picture: MenuEntry[] = [
    { kind: "heading", label: "Picture quality" },
    {
      kind: "choice",
      label: "Picture quality",
      value: nearest(settings.quality, QUALITIES),
      options: QUALITIES,
      onChoose: (value) => {
        change({ quality: Number(value) });
      },
    },
    { kind: "heading", label: "Compression" },
    {
      kind: "choice",
      label: "Compression",
      value: nearest(settings.compression, COMPRESSIONS),
      options: COMPRESSIONS,
      onChoose: (value) => {
        change({ compression: Number(value) });
      },
    },
  ];

  const power = (guest?.actions ?? []).map((action): MenuEntry => ({
    kind: "act",
    label: powerActionLabel(action),
    ...(isLosingAction(action) ? { tone: "danger" as const } : {}),
    onSelect: () => {
      commands.power(tab.guestId, action);
    },
  }));

  const otherConsoles = (guest?.consoles ?? [])
    .filter((console) => console.id !== tab.consoleId)
    .map((console): MenuEntry => ({
      kind: "act",
      label: `Open ${console.label}`,
      isDisabled: console.unavailable !== undefined,
      onSelect: () => {
        commands.chooseConsole(tab.id, console.id);
      },
    }));

  const { sound: soundFacts, microphone = "unwanted" } = tab.facts ?? {};
  const sound: MenuEntry[] = [];
  if (isLive && soundFacts !== undefined) {
    sound.push({
      kind: "check",
      label: "Mute sound",
      isChecked: soundFacts.isMuted,
      onSelect: () => {
        commands.setMuted(tab.id, !soundFacts.isMuted);
      },
    });
  }
  if (isLive && microphone !== "unwanted") {
    sound.push({
      kind: "check",
      label: "Microphone to the guest",
      isChecked: microphone === "on",
      onSelect: () => {
        commands.setMicrophone(tab.id, microphone !== "on");
      },
    });
  }

  const folderFacts = isLive ? tab.facts?.folder : undefined;
  const folder: MenuEntry[] = [];
  if (folderFacts !== undefined && folderFacts.name === undefined) {
    folder.push({
      kind: "act",
      label: "Share a folder (read only)…",
      isDisabled: !folderFacts.canChoose,
      ...(folderFacts.canChoose ? {} : { note: "This browser gives pages no folders" }),
      onSelect: () => {
        commands.shareFolder(tab.id);
      },
    });
  } else if (folderFacts?.name !== undefined) {
    folder.push(
      {
        kind: "check",
        label: "Allow writing in the shared folder",
        isChecked: folderFacts.isWritable,
        onSelect: () => {
          commands.setFolderWritable(tab.id, !folderFacts.isWritable);
        },
      },
      {
        kind: "act",
        label: `Stop sharing “${folderFacts.name}”`,
        ...(folderFacts.isGuestReady ? {} : { note: "Not in use: the guest needs spice-webdavd" }),
        onSelect: () => {
          commands.unshareFolder(tab.id);
        },
      },
    );
  }

  const otherScreens = Array.from({ length: tab.facts?.screenCount ?? 1 }, (_, index) => index)
    .filter((index) => index !== (tab.screenIndex ?? 0))
    .map((index): MenuEntry => ({
      kind: "act",
      label: `Open screen ${index + 1}`,
      onSelect: () => {
        commands.openScreen(tab.id, index);
      },
    }));

  const { screenCount = 1, screenLimit = 1, canResizeGuest = false } = tab.facts ?? {};
  if (isLive && canResizeGuest && screenCount < screenLimit) {
    otherScreens.push({
      kind: "act",
      label: "Add a screen",
      onSelect: () => {
        commands.openScreen(tab.id, screenCount);
      },
    });
  }

  const { usb } = tab.facts ?? {};
  const usbEntries = (usb?.slots ?? []).map(({ slotId, deviceName, isReady }, index): MenuEntry => {
    const isTaken = deviceName !== undefined;
    return {
      kind: "act",
      label: isTaken ? `Take back ${deviceName}` : `Give a device to slot ${index + 1}…`,
      isDisabled: !isLive || usb?.isSupported !== true || (!isTaken && !isReady),
      onSelect: () => {
        if (isTaken) commands.giveBackUsb(tab.id, slotId);
        else commands.redirectUsb(tab.id, slotId);
      },
    };
  });
  if (usb?.isSupported === false) {
    usbEntries.unshift({ kind: "heading", label: "Needs a Chromium browser with WebUSB; not in the desktop app" });
  }

  const ports = (tab.facts?.ports ?? []).map((name): MenuEntry => ({
    kind: "act",
    label: `Open ${name}`,
    onSelect: () => {
      commands.openPort(tab.id, name);
    },
  }));

  return [
    {
      kind: "check",
      label: "View only",
      isChecked: tab.isViewOnly,
      onSelect: () => {
        commands.setViewOnly(tab.id, !tab.isViewOnly);
      },
    },
    {
      kind: "act",
      label: "Save a screenshot",
      isDisabled: !isLive,
      onSelect: () => {
        commands.saveScreenshot(tab.id);
      },
    },
    ...(isText
      ? []
      : [
          {
            kind: "act",
            label: "Clipboard to the guest",
            isDisabled: !canUseClipboard,
            onSelect: () => {
              commands.sendClipboard(tab.id);
            },
          } satisfies MenuEntry,
          {
            kind: "act",
            label: "Clipboard from the guest",
            isDisabled: !canUseClipboard || settings.clipboard !== "both",
            onSelect: () => {
              commands.takeClipboard(tab.id);
            },
          } satisfies MenuEntry,
          { kind: "submenu", label: "Picture", entries: picture } satisfies MenuEntry,
          ...sound,
          ...folder,
        ]),
    { kind: "separator" },
    ...(usbEntries.length === 0
      ? []
      : [{ kind: "submenu", label: "USB devices", entries: usbEntries } satisfies MenuEntry]),
    ...otherScreens,
    ...ports,
    ...otherConsoles,
    {
      kind: "act",
      label: "Move to its own window",
      onSelect: () => {
        commands.moveToOwnWindow(tab.id);
      },
    },
    {
      kind: "act",
      label: "Reconnect",
      onSelect: () => {
        commands.retry(tab.id);
      },
    },
    ...(power.length === 0
      ? []
      : [
          { kind: "separator" } satisfies MenuEntry,
          { kind: "submenu", label: "Power", entries: power } satisfies MenuEntry,
        ]),
  ];
}
