import { createRoot } from "react-dom/client";
import { WindowId } from "../../shared/contracts/ids.ts";
import { EMPTY_LAYOUT } from "../../shared/contracts/layout.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { SPECIAL_KEYS_ELEMENT_ID } from "../features/special-keys/index.ts";
import type { HostApi } from "../host-client/host-api.ts";
import type { KeyboardRouter } from "../input/keyboard-router.ts";
import { createKeyboardRouter } from "../input/keyboard-router.ts";
import { typeText } from "../input/type-text/type-text.ts";
import { createSlotRegistry } from "../sessions/slot-registry.ts";
import { actions, appStore, appViews } from "../store/app-store.ts";
import type { Commands } from "../store/commands.ts";
import { createBugSink } from "./bug-sink.ts";
import { createClipboardBridge } from "./clipboard-bridge.ts";
import { createConsoleCommands } from "./console-commands.ts";
import { createConsoleStage } from "./console-stage.ts";
import { desktopOf } from "./desktop.ts";
import { createFullScreen } from "./full-screen.ts";
import { createHostCommands } from "./host-commands.ts";
import { connectEvents } from "./host-events.ts";
import { createHotkeyPerformer } from "./hotkeys.ts";
import { keepLayout } from "./layout-keeper.ts";
import { openWanted } from "./opening.ts";
import type { OwnWindow } from "./own-window.ts";
import { activeSlot, createSpeaker, readableText, type PageParts } from "./page-parts.ts";
import { Page } from "./page.tsx";
import { watchPageKeys, watchKeyboardOwner } from "./page-keys.ts";
import { createTabCommands } from "./tab-commands.ts";
import { followTheme } from "./theme.ts";
import "../ui/tokens.css";
import "../ui/base.css";

export interface PageOptions {
  readonly root: HTMLElement;
  readonly api: HostApi;
  /** What this window is to show, if it is one console's own. */
  readonly ownWindow: OwnWindow | undefined;
}

/** The composition root of the page: makes every part, gives each what it needs, and starts. */
export function startPage({ root, api, ownWindow }: PageOptions): Disposable {
  const owned = new DisposableStore();
  const windowId = WindowId.parse(crypto.randomUUID());
  const bugs = owned.add(createBugSink(api));
  const speaker = owned.add(createSpeaker(actions, bugs.report));
  const stage = createConsoleStage(document);
  const slots = owned.add(
    createSlotRegistry({
      api,
      settings: () => appStore.getState().settings,
      now: () => performance.timeOrigin + performance.now(),
      random: Math.random,
      guestStateOf: (guestId) => appStore.getState().guestById.get(guestId)?.state,
      guestNameOf: (guestId) => appStore.getState().guestById.get(guestId)?.name,
    }),
  );
  const parts: PageParts = { api, store: appStore, actions, views: appViews, slots, stage, speaker };

  const clipboard = owned.add(createClipboardBridge(parts));
  const fullScreen = owned.add(createFullScreen(parts, desktopOf(window)));
  // The router and the commands need each other; nothing asks for it before it is there.
  const late: { router?: KeyboardRouter } = {};
  const commands: Commands = {
    ...createTabCommands(parts),
    ...createConsoleCommands(parts, { clipboard, typeInto: typeText }),
    ...createHostCommands(parts),
    toggleFullScreen: fullScreen.toggle,
    startScan: () => {
      actions.setSwitchDisplay({ mode: "scan", markedTabId: appStore.getState().activeTabId });
      late.router?.startScan();
    },
    stopScan: () => late.router?.cancel(),
    notify: speaker.notify,
  };
  const hotkeys = owned.add(
    createHotkeyPerformer(parts, {
      commands,
      cancel: () => late.router?.cancel(),
      openSpecialKeys: () => document.getElementById(SPECIAL_KEYS_ELEMENT_ID)?.click(),
    }),
  );
  const router = owned.add(
    createKeyboardRouter({
      window,
      settings: appStore.getState().settings.hotkeys,
      activeSession: () => activeSlot(parts)?.session,
      perform: hotkeys.perform,
    }),
  );
  late.router = router;
  owned.defer(
    appStore.subscribe((state, before) => {
      if (state.settings.hotkeys !== before.settings.hotkeys) router.setSettings(state.settings.hotkeys);
      // A dialog ends a leader that waits.
      if (state.overlay.kind !== "none" && before.overlay.kind === "none") router.cancel();
    }),
  );

  owned.add(followTheme(parts));
  owned.add(watchKeyboardOwner(parts));
  owned.add(watchPageKeys(parts));
  owned.add(connectEvents(parts, commands));

  const reactRoot = createRoot(root, { onUncaughtError: bugs.report });
  reactRoot.render(
    <Page
      commands={commands}
      slots={slots}
      stage={stage.element}
      isOwnWindow={ownWindow !== undefined}
      onError={bugs.report}
    />,
  );
  owned.defer(() => {
    reactRoot.unmount();
  });

  owned.add(
    whenLinked(api, async () => {
      const [app, layout] = await Promise.all([
        api.call("app.info", {}),
        ownWindow === undefined ? api.call("layout.load", { windowId }) : EMPTY_LAYOUT,
      ]);
      actions.setApp(app);
      for (const problem of app.startupProblems) speaker.notify("error", readableText(problem));
      owned.add(openWanted(parts, commands, ownWindow ?? { layout, openNames: app.openNames }));
      if (ownWindow === undefined) owned.add(keepLayout(parts, windowId));
    }),
  );
  return owned;
}

/** Runs once the link is up; again with the next link if the first went down in the middle. */
function whenLinked(api: HostApi, begin: () => Promise<void>): Disposable {
  const owned = new DisposableStore();
  let isBegun = false;
  const tryOnce = (): void => {
    if (isBegun) return;
    isBegun = true;
    drop(
      begin().catch((error: unknown) => {
        if (!(error instanceof AppError && error.code === "GATEWAY_LOST")) throw error;
        isBegun = false;
      }),
    );
  };
  owned.add(
    api.onLinkChange((link) => {
      if (link === "up") tryOnce();
    }),
  );
  if (api.link === "up") tryOnce();
  return owned;
}
