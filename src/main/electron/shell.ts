import { z } from "zod";
import { AppError } from "../../shared/errors/app-error.ts";
import { DesktopCall } from "../../shared/contracts/desktop.ts";
import type { GuestId } from "../../shared/contracts/ids.ts";
import type { GuestSnapshot } from "../../shared/contracts/inventory.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import type { Event } from "../../shared/lifecycle/event.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import type { CallSender, ElectronFacade, SafeWebPreferences, ShellWindow, ShellWindowOptions } from "./facade.ts";
import { isOwnPage, isOwnWindow, isPermissionAllowed, originOf } from "./page-rules.ts";
import { applicationMenu, trayMenu, type MenuActions } from "./shell-menus.ts";
import { usableWindowState, type WindowState } from "./window-state.ts";

/** What the shell needs of the running program. */
export interface ShellHost {
  /** The page, with the start token in its fragment: never logged. */
  readonly address: string;
  readonly guests: () => readonly GuestSnapshot[];
  readonly onGuestsChange: Event<void>;
  showGuest(guestId: GuestId): void;
  /** Connects to consoles by address or connection file, and shows them. Never throws. */
  openConsoles(words: readonly string[]): void;
  /** What was saved, of any form; undefined when nothing was. */
  loadWindowState(): unknown;
  saveWindowState(state: WindowState): void;
  readonly isKiosk: boolean;
  readonly version: string;
}

/** Brings the window to the front from any program. Not one that systems or guests use. */
const SHOW_WINDOW_SHORTCUT = "Super+Alt+S";
/** A window that is being dragged says so at every pixel. */
const SAVE_STATE_AFTER_MS = 500;
/** A thousand guests that appear at once make one new tray menu. */
const TRAY_UPDATE_AFTER_MS = 250;
/** The dark theme's ground; shown until the page paints. */
const BACKGROUND_COLOUR = "#0e1013";

export const SAFE_WEB_PREFERENCES: SafeWebPreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  backgroundThrottling: false,
  spellcheck: false,
  devTools: true,
};

/** What a second start tells the first. It comes from another process, so it is parsed. */
const SecondStart = z.object({
  openNames: z.array(z.string().max(1024)).max(100),
  /** Addresses, and absolute paths of connection files. */
  consoles: z.array(z.string().max(4096)).max(100),
});

/** False: Switchyard runs already, it was told what to open, and this start is over. */
export function becomeFirstInstance(
  electron: ElectronFacade,
  wanted: { readonly openNames: readonly string[]; readonly consoles: readonly string[] },
): boolean {
  return electron.takeSingleInstanceLock({ openNames: [...wanted.openNames], consoles: [...wanted.consoles] });
}

/** Opens the window on the running program, with menus, tray and shortcuts. Resolves when the window is there. */
export async function startElectronShell(electron: ElectronFacade, host: ShellHost): Promise<Disposable> {
  await electron.whenReady();
  const shell = new ElectronShell(electron, host);
  shell.start();
  return shell;
}

class ElectronShell implements Disposable {
  readonly #electron: ElectronFacade;
  readonly #host: ShellHost;
  readonly #owned = new DisposableStore();
  readonly #windowById = new Map<number, ShellWindow>();
  readonly #shortcutsByWindowId = new Map<number, DisposableStore>();
  #mainWindow: ShellWindow | undefined;

  constructor(electron: ElectronFacade, host: ShellHost) {
    this.#electron = electron;
    this.#host = host;
  }

  start(): void {
    const [electron, host] = [this.#electron, this.#host];
    electron.setPermissionRule((permission, origin) => isPermissionAllowed(permission, origin, host.address));
    this.#owned.add(electron.handleDesktopCall((sender, request) => this.#handleCall(sender, request)));
    this.#owned.add(electron.onSecondInstance((data) => this.#handleSecondStart(data)));
    this.#owned.add(electron.onActivate(() => this.#showWindow()));
    this.#owned.add(
      electron.onWindowAllClosed(() => {
        // A Mac's program stays until it is quit.
        if (electron.platform !== "darwin" || host.isKiosk) electron.quit();
      }),
    );
    this.#openMainWindow();
    const actions: MenuActions = {
      showWindow: () => this.#showWindow(),
      showGuest: (guestId) => this.#showGuest(guestId),
      toggleFullScreen: () => this.#mainWindow?.setFullScreen(!this.#mainWindow.state.isFullScreen),
      quit: () => electron.quit(),
    };
    // A kiosk has one window and no way around it.
    electron.setApplicationMenu(host.isKiosk ? undefined : applicationMenu(electron.platform, actions));
    if (!host.isKiosk) {
      this.#startTray(actions);
      const shortcut = electron.registerGlobalShortcut(SHOW_WINDOW_SHORTCUT, () => this.#showWindow());
      if (shortcut) this.#owned.add(shortcut);
    }
  }

  dispose(): void {
    this.#owned.dispose();
    for (const window of [...this.#windowById.values()]) window.close();
  }

  #windowOptions(state: WindowState, options: { isKiosk: boolean }): ShellWindowOptions {
    return {
      title: "Switchyard",
      state,
      isKiosk: options.isKiosk,
      backgroundColour: BACKGROUND_COLOUR,
      webPreferences: { ...SAFE_WEB_PREFERENCES, devTools: !this.#host.isKiosk },
    };
  }

  #openMainWindow(): void {
    const { isKiosk, address } = this.#host;
    const state = usableWindowState(this.#host.loadWindowState(), this.#electron.displays());
    const window = this.#electron.createWindow(this.#windowOptions(state, { isKiosk }));
    this.#mainWindow = window;
    const life = this.#adopt(window);
    life.defer(() => {
      this.#mainWindow = undefined;
    });
    if (!isKiosk) this.#keepState(window, life);
    window.show();
    drop(window.loadUrl(address));
  }

  /** Puts a window under the rules, whoever opened it; answers what ends with it. */
  #adopt(window: ShellWindow): DisposableStore {
    const { address } = this.#host;
    const life = this.#owned.add(new DisposableStore());
    this.#windowById.set(window.id, window);
    life.defer(() => {
      this.#windowById.delete(window.id);
      this.#shortcutsByWindowId.get(window.id)?.dispose();
      this.#shortcutsByWindowId.delete(window.id);
    });
    window.setNavigationRule((url) => isOwnPage(url, address));
    window.setNewWindowRule(
      (url) =>
        isOwnWindow(url, address) && !this.#host.isKiosk
          ? this.#windowOptions(usableWindowState(undefined, []), { isKiosk: false })
          : undefined,
      (child) => this.#adopt(child),
    );
    life.add(window.onFullScreenChange((isFullScreen) => window.send({ name: "fullScreenChanged", isFullScreen })));
    life.add(
      window.onClosed(() => {
        this.#owned.delete(life);
      }),
    );
    return life;
  }

  #keepState(window: ShellWindow, life: DisposableStore): void {
    let waiting: Disposable | undefined;
    const save = (): void => {
      waiting = undefined;
      this.#host.saveWindowState(window.state);
    };
    life.add(
      window.onStateChange(() => {
        waiting ??= after(SAVE_STATE_AFTER_MS, save);
      }),
    );
    life.defer(() => {
      waiting?.dispose();
    });
  }

  #startTray(actions: MenuActions): void {
    const tray = this.#owned.add(this.#electron.createTray({ toolTip: `Switchyard ${this.#host.version}` }));
    const update = (): void => {
      waiting = undefined;
      tray.setMenu(trayMenu(this.#host.guests(), actions));
    };
    let waiting: Disposable | undefined;
    update();
    this.#owned.add(tray.onClick(actions.showWindow));
    this.#owned.add(
      this.#host.onGuestsChange(() => {
        waiting ??= after(TRAY_UPDATE_AFTER_MS, update);
      }),
    );
    this.#owned.defer(() => waiting?.dispose());
  }

  #showWindow(): void {
    if (this.#mainWindow === undefined) this.#openMainWindow();
    else this.#mainWindow.bringToFront();
  }

  #showGuest(guestId: GuestId): void {
    this.#showWindow();
    this.#host.showGuest(guestId);
  }

  #handleSecondStart(data: unknown): void {
    this.#showWindow();
    const parsed = SecondStart.safeParse(data);
    if (!parsed.success) return;
    for (const name of parsed.data.openNames) {
      const guests = this.#host.guests();
      const guest =
        guests.find((one) => one.name === name) ?? guests.find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (guest) this.#host.showGuest(guest.id);
    }
    if (parsed.data.consoles.length > 0) this.#host.openConsoles(parsed.data.consoles);
  }

  /** Each call is checked anew: from the main frame of one of our windows, and from our page. */
  #handleCall(sender: CallSender, request: unknown): unknown {
    const window = sender.windowId === undefined ? undefined : this.#windowById.get(sender.windowId);
    const isOurs = sender.isMainFrame && originOf(sender.origin) === originOf(this.#host.address);
    if (window === undefined || !isOurs) {
      throw new AppError("UNSUPPORTED", "a desktop call from a foreign page", {
        what: "The desktop API",
        reason: "the page is not Switchyard's own",
      });
    }
    const call = DesktopCall.safeParse(request);
    if (!call.success)
      throw new AppError("INVALID_REQUEST", "a desktop call of no known form", { reason: "unknown form" });
    switch (call.data.method) {
      case "setFullScreen":
        window.setFullScreen(call.data.isFullScreen);
        return undefined;
      case "setGlobalShortcuts":
        return this.#setGlobalShortcuts(window, call.data.accelerators);
      case "quit":
        if (!this.#host.isKiosk) this.#electron.quit();
        return undefined;
    }
  }

  #setGlobalShortcuts(window: ShellWindow, accelerators: readonly string[]): readonly string[] {
    this.#shortcutsByWindowId.get(window.id)?.dispose();
    const shortcuts = new DisposableStore();
    this.#shortcutsByWindowId.set(window.id, shortcuts);
    return accelerators.filter((accelerator) => {
      const granted = this.#electron.registerGlobalShortcut(accelerator, () => {
        window.send({ name: "globalShortcut", accelerator });
      });
      if (granted) shortcuts.add(granted);
      return granted !== undefined;
    });
  }
}
