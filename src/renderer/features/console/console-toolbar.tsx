import type { ReactNode } from "react";
import {
  ClipboardType,
  Copy,
  Ellipsis,
  ClipboardPaste,
  Expand,
  Maximize,
  Minimize,
  Scaling,
  Search,
  Shrink,
} from "lucide-react";
import type { TabId } from "../../../shared/contracts/ids.ts";
import type { ScalingMode } from "../../../shared/contracts/settings.ts";
import { isTextSession } from "../../sessions/session.ts";
import { actions, useAppStore } from "../../store/app-store.ts";
import { useCommands, useSlots } from "../../store/commands-context.ts";
import { activeTabOf } from "../../store/selectors.ts";
import type { Tab } from "../../store/state.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Menu, type MenuEntry } from "../../ui/menu.tsx";
import { useMoreMenu } from "./more-menu.tsx";

const SCALING_LABELS: Readonly<Record<ScalingMode, string>> = {
  fit: "Fit to the window",
  actual: "Actual size",
  "resize-guest": "Resize the guest",
};

export interface ConsoleToolbarProps {
  /** The menu of special keys, of a feature of its own. */
  readonly specialKeys: ReactNode;
  readonly onFind: (tabId: TabId) => void;
}

/** What can be done with the shown console. */
export function ConsoleToolbar({ specialKeys, onFind }: ConsoleToolbarProps) {
  const tab = useAppStore(activeTabOf);
  const isFullScreen = useAppStore((state) => state.isFullScreen);
  const commands = useCommands();
  if (tab === undefined) return null;
  const isText = tab.protocol === "serial" || tab.protocol === "tn3270";
  const isLive = tab.state.phase === "live";

  return (
    <div className="console-toolbar" role="toolbar" aria-label="Console">
      {isText ? <TextTools tab={tab} isLive={isLive} onFind={onFind} /> : specialKeys}
      <IconButton
        label="Type text"
        disabled={!isLive || tab.isViewOnly}
        onClick={() => {
          actions.setOverlay({ kind: "type-text", tabId: tab.id });
        }}
      >
        <ClipboardType />
      </IconButton>
      {!isText && <ScalingMenu tab={tab} />}
      <IconButton
        label={isFullScreen ? "Leave full screen" : "Full screen"}
        shortcut="Ctrl Alt Enter"
        onClick={() => {
          commands.toggleFullScreen();
          commands.focusConsole();
        }}
      >
        {isFullScreen ? <Minimize /> : <Maximize />}
      </IconButton>
      <MoreMenu tab={tab} />
    </div>
  );
}

function ScalingMenu({ tab }: { readonly tab: Tab }) {
  const commands = useCommands();
  const canResize = tab.facts?.canResizeGuest ?? false;
  const modes: ScalingMode[] = ["fit", "actual", ...(canResize ? ["resize-guest" as const] : [])];
  const entries: MenuEntry[] = [
    {
      kind: "choice",
      label: "Scaling",
      value: tab.scaling,
      options: modes.map((value) => ({ value, label: SCALING_LABELS[value] })),
      onChoose: (value) => {
        const mode = modes.find((each) => each === value);
        if (mode !== undefined) commands.setScaling(tab.id, mode);
      },
    },
  ];
  const icon = { fit: <Shrink />, actual: <Expand />, "resize-guest": <Scaling /> }[tab.scaling];
  return (
    <Menu
      align="end"
      entries={entries}
      trigger={<IconButton label={`Scaling: ${SCALING_LABELS[tab.scaling]}`}>{icon}</IconButton>}
    />
  );
}

function MoreMenu({ tab }: { readonly tab: Tab }) {
  const entries = useMoreMenu(tab);
  return (
    <Menu
      align="end"
      entries={entries}
      trigger={
        <IconButton label="More">
          <Ellipsis />
        </IconButton>
      }
    />
  );
}

interface TextToolsProps {
  readonly tab: Tab;
  readonly isLive: boolean;
  readonly onFind: (tabId: TabId) => void;
}

function TextTools({ tab, isLive, onFind }: TextToolsProps) {
  const slots = useSlots();
  const commands = useCommands();

  const copy = (): void => {
    const session = slots.get(tab.id)?.session;
    const text = session !== undefined && isTextSession(session) ? session.selection() : "";
    commands.focusConsole();
    if (text === "") {
      commands.notify("info", "Nothing is selected in this console.");
      return;
    }
    navigator.clipboard.writeText(text).then(
      () => {
        commands.notify("info", "Copied.");
      },
      () => {
        commands.notify("error", "The browser did not allow writing the clipboard.");
      },
    );
  };

  const paste = (): void => {
    commands.focusConsole();
    navigator.clipboard.readText().then(
      (text) => {
        const session = slots.get(tab.id)?.session;
        if (session !== undefined && isTextSession(session)) session.paste(text);
      },
      () => {
        commands.notify("error", "The browser did not allow reading the clipboard.");
      },
    );
  };

  return (
    <>
      <IconButton
        label="Find"
        onClick={() => {
          onFind(tab.id);
        }}
      >
        <Search />
      </IconButton>
      <IconButton label="Copy the selection" onClick={copy}>
        <Copy />
      </IconButton>
      <IconButton label="Paste" disabled={!isLive || tab.isViewOnly} onClick={paste}>
        <ClipboardPaste />
      </IconButton>
    </>
  );
}
