import { useEffect, useRef, useState, type CSSProperties, type ReactNode } from "react";
import type { TabId } from "../../shared/contracts/ids.ts";
import type { Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { ConsolePane, ConsoleToolbar, StatusLine } from "../features/console/index.ts";
import { FirstRun } from "../features/first-run/index.ts";
import { InventoryTree } from "../features/inventory/index.ts";
import { Notices } from "../features/notices/index.ts";
import { ConsoleQuestion } from "../features/questions/index.ts";
import { SpecialKeysMenu } from "../features/special-keys/index.ts";
import { SwitchDisplay } from "../features/switch-display/index.ts";
import { TabStrip } from "../features/tabs/index.ts";
import type { SlotRegistry } from "../sessions/console-slot.ts";
import { useAppStore } from "../store/app-store.ts";
import type { Commands } from "../store/commands.ts";
import { CommandsContext, SlotsContext } from "../store/commands-context.ts";
import { activeTabOf } from "../store/selectors.ts";
import { classNames } from "../ui/class-names.ts";
import { Brand, Logo } from "./brand.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Overlays } from "./overlays.tsx";
import { Sidebar } from "./sidebar.tsx";
import "./page.css";

/** The bar stays this long after the pointer left it: the way to a menu may lead across the picture. */
const BAR_LINGER_MS = 500;

export interface PageProps {
  readonly commands: Commands;
  readonly slots: SlotRegistry;
  readonly stage: HTMLElement;
  /** This window shows one console and nothing else. */
  readonly isOwnWindow: boolean;
  readonly onError: (error: unknown) => void;
}

export function Page({ commands, slots, stage, isOwnWindow, onError }: PageProps) {
  const isSidebarOpen = useAppStore((state) => state.isSidebarOpen) && !isOwnWindow;
  const sidebarWidthPx = useAppStore((state) => state.sidebarWidthPx);
  const isFullScreen = useAppStore((state) => state.isFullScreen);
  const bar = useBar(isFullScreen);
  const [findTabId, setFindTabId] = useState<TabId | undefined>(undefined);
  const askedGuestId = useAppStore((state) => {
    const guestId = activeTabOf(state)?.guestId;
    return state.questions.some((question) => question.about.guestId === guestId) ? guestId : undefined;
  });
  useDocumentTitle();

  const safe = (what: string, part: ReactNode): ReactNode => (
    <ErrorBoundary what={what} onError={onError}>
      {part}
    </ErrorBoundary>
  );

  return (
    <CommandsContext value={commands}>
      <SlotsContext value={slots}>
        <div
          className={classNames(
            "page",
            !isSidebarOpen && "page-folded",
            isOwnWindow && "page-own-window",
            isFullScreen && "page-full-screen",
            bar.isShown && "page-bar-shown",
          )}
          style={{ "--sidebar-width": `${sidebarWidthPx}px` } as CSSProperties}
        >
          <header className="page-bar" onPointerEnter={bar.show} onPointerLeave={bar.hideSoon}>
            {isOwnWindow ? (
              <OwnName />
            ) : (
              <>
                <Brand />
                {safe("The row of tabs", <TabStrip />)}
              </>
            )}
            <div className="page-tools">
              {safe("The toolbar", <ConsoleToolbar specialKeys={<SpecialKeysMenu />} onFind={setFindTabId} />)}
            </div>
          </header>
          {isFullScreen && <div className="page-top-edge" onPointerEnter={bar.show} />}
          {isSidebarOpen && !isFullScreen && <Sidebar>{safe("The list of guests", <InventoryTree />)}</Sidebar>}
          {/* Not inside a boundary: it holds the live consoles, and says itself what is wrong with them. */}
          <ConsolePane
            stage={stage}
            emptyPage={isOwnWindow ? null : safe("The first page", <FirstRun />)}
            question={askedGuestId === undefined ? undefined : <ConsoleQuestion guestId={askedGuestId} />}
            findTabId={findTabId}
            onFindClose={() => {
              setFindTabId(undefined);
            }}
          >
            {safe("The switch display", <SwitchDisplay />)}
          </ConsolePane>
          <StatusLine />
          <Notices />
          {safe("The dialog", <Overlays />)}
        </div>
      </SlotsContext>
    </CommandsContext>
  );
}

function OwnName() {
  const name = useAppStore((state) => activeTabOf(state)?.guestName);
  return (
    <div className="page-own-name">
      <Logo />
      {name}
    </div>
  );
}

function useDocumentTitle(): void {
  const name = useAppStore((state) => activeTabOf(state)?.guestName);
  useEffect(() => {
    document.title = name === undefined ? "Switchyard" : `${name} · Switchyard`;
  }, [name]);
}

interface Bar {
  readonly isShown: boolean;
  readonly show: () => void;
  readonly hideSoon: () => void;
}

/**
 * In full screen the bar hides. It comes back from the top edge, and whenever the keyboard is not in the guest: after the
 * escape chord it is there, with the focus in it, so nobody is trapped.
 */
function useBar(isFullScreen: boolean): Bar {
  const isKeyboardInGuest = useAppStore((state) => state.isKeyboardInGuest);
  const [isPointerThere, setPointerThere] = useState(false);
  const timer = useRef<Disposable>(undefined);

  useEffect(
    () => () => {
      timer.current?.dispose();
    },
    [],
  );

  return {
    isShown: !isFullScreen || isPointerThere || !isKeyboardInGuest,
    show: () => {
      timer.current?.dispose();
      // A pointer that rests on the bar when full screen begins does not keep it there.
      if (isFullScreen) setPointerThere(true);
    },
    hideSoon: () => {
      timer.current?.dispose();
      timer.current = after(BAR_LINGER_MS, () => {
        setPointerThere(false);
      });
    },
  };
}
