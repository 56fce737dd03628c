import { useAppStore } from "../../store/app-store.ts";
import { activeTabOf } from "../../store/selectors.ts";
import { protocolWord, slotTone, slotWord } from "../../store/slot-words.ts";
import type { Tab } from "../../store/state.ts";
import { Dot } from "../../ui/dot.tsx";
import { keyLabel } from "../../ui/key-label.ts";
import { Kbd } from "../../ui/kbd.tsx";
import "./console.css";

function sizeWord(tab: Tab): string | undefined {
  if (tab.facts === undefined || tab.facts.width === 0) return undefined;
  return `${tab.facts.width}×${tab.facts.height}`;
}

/** What is live, how, and how to get out. */
export function StatusLine() {
  const tab = useAppStore(activeTabOf);
  const link = useAppStore((state) => state.link);
  const leader = useAppStore((state) => state.settings.hotkeys.leader);
  const guestCount = useAppStore((state) => state.guestById.size);
  const leaderKey = leader.keys[0];

  return (
    <footer className="status-line">
      {link === "lost" ? (
        <span className="status-line-problem" role="alert">
          <Dot tone="failed" /> Switchyard&rsquo;s own process does not answer; waiting for it
        </span>
      ) : tab === undefined ? (
        <span>{guestCount === 1 ? "1 guest" : `${guestCount} guests`}</span>
      ) : (
        <span className="status-line-state">
          <Dot tone={slotTone(tab.state)} />
          {[slotWord(tab.state), sizeWord(tab), protocolWord(tab.protocol), ...(tab.isViewOnly ? ["view only"] : [])]
            .filter((word) => word !== undefined)
            .join(" · ")}
        </span>
      )}
      {leader.isEnabled && leaderKey !== undefined && (
        <span className="status-line-leader">
          {keyLabel(leaderKey)} twice, then <Kbd>1</Kbd>–<Kbd>9</Kbd> or <Kbd>?</Kbd>
        </span>
      )}
      {tab !== undefined && <Whereabouts tab={tab} />}
    </footer>
  );
}

/** Where key presses go. */
function Whereabouts({ tab }: { readonly tab: Tab }) {
  const isKeyboardInGuest = useAppStore((state) => state.isKeyboardInGuest);
  if (tab.state.phase !== "live") return null;
  if (tab.isViewOnly) return <span className="status-line-end">Nothing you type reaches the guest</span>;
  if (!isKeyboardInGuest)
    return <span className="status-line-end">Keyboard here · click the picture to give it to the guest</span>;
  const isLocked = tab.facts?.isPointerLocked === true;
  const isMouseOutside = tab.facts?.needsPointerLock === true && !isLocked;
  return (
    <span className="status-line-end">
      {isLocked ? "Keyboard and mouse in guest" : "Keyboard in guest"} · <Kbd>Ctrl Alt</Kbd> frees{" "}
      {isLocked ? "them" : "it"}
      {isMouseOutside && " · a click captures the mouse"}
    </span>
  );
}
