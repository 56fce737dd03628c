import type { Disposable } from "../../shared/lifecycle/disposable.ts";
import type { DesktopEvent } from "../../shared/contracts/desktop.ts";
import type { Bounds, WindowState } from "./window-state.ts";

/**
 * The few things that the shell wants from Electron. `electron-facade.ts` makes the real one; tests pass a fake, so that
 * everything the shell decides is tried without Electron's binary.
 */
export interface ElectronFacade {
  readonly platform: NodeJS.Platform;
  /** False: another instance runs, and it got `data`. */
  takeSingleInstanceLock(data: unknown): boolean;
  onSecondInstance(listener: (data: unknown) => void): Disposable;
  whenReady(): Promise<void>;
  quit(): void;
  onWindowAllClosed(listener: () => void): Disposable;
  /** macOS: the dock icon was clicked. */
  onActivate(listener: () => void): Disposable;
  /** Work areas of all displays. */
  displays(): readonly Bounds[];
  createWindow(options: ShellWindowOptions): ShellWindow;
  /** Asked for every permission that any page wants; `origin` is the page's. */
  setPermissionRule(isAllowed: (permission: string, origin: string) => boolean): void;
  /** Undefined: no menu and none of its shortcuts. */
  setApplicationMenu(items: readonly MenuItem[] | undefined): void;
  createTray(options: { toolTip: string }): ShellTray;
  /** Undefined when the system does not grant it. */
  registerGlobalShortcut(accelerator: string, handler: () => void): Disposable | undefined;
  /** What the handler returns or throws goes back to the page. */
  handleDesktopCall(handler: (sender: CallSender, request: unknown) => unknown): Disposable;
}

/** Electron's own names, because each is a promise about safety. */
export interface SafeWebPreferences {
  readonly sandbox: true;
  readonly contextIsolation: true;
  readonly nodeIntegration: false;
  readonly nodeIntegrationInWorker: false;
  readonly nodeIntegrationInSubFrames: false;
  readonly webSecurity: true;
  readonly allowRunningInsecureContent: false;
  readonly webviewTag: false;
  readonly navigateOnDragDrop: false;
  /** A hidden window's consoles stay live. */
  readonly backgroundThrottling: false;
  readonly spellcheck: false;
  readonly devTools: boolean;
}

export interface ShellWindowOptions {
  readonly title: string;
  readonly state: WindowState;
  readonly isKiosk: boolean;
  readonly backgroundColour: string;
  readonly webPreferences: SafeWebPreferences;
}

export interface ShellWindow {
  readonly id: number;
  loadUrl(url: string): Promise<void>;
  show(): void;
  /** Restores, raises and focuses. */
  bringToFront(): void;
  close(): void;
  setFullScreen(isFullScreen: boolean): void;
  readonly state: WindowState;
  send(event: DesktopEvent): void;
  onStateChange(listener: () => void): Disposable;
  onFullScreenChange(listener: (isFullScreen: boolean) => void): Disposable;
  onClosed(listener: () => void): Disposable;
  /** Asked before the page or any frame in it goes anywhere, redirects included. */
  setNavigationRule(isAllowed: (url: string) => boolean): void;
  /** Asked before the page opens a window: its options, or undefined to deny. `adopt` gets the window that came of it. */
  setNewWindowRule(decide: (url: string) => ShellWindowOptions | undefined, adopt: (child: ShellWindow) => void): void;
}

export interface CallSender {
  readonly windowId: number | undefined;
  /** Origin of the frame that sent it. */
  readonly origin: string;
  readonly isMainFrame: boolean;
}

export type MenuItem =
  | { readonly kind: "action"; readonly label: string; readonly isEnabled?: boolean; readonly act: () => void }
  | { readonly kind: "separator" }
  /** One of the system's own: "copy", "about", "hide", … */
  | { readonly kind: "role"; readonly role: MenuRole }
  | { readonly kind: "submenu"; readonly label: string; readonly items: readonly MenuItem[] };

export type MenuRole =
  "about" | "hide" | "hideOthers" | "unhide" | "quit" | "copy" | "paste" | "selectAll" | "minimize" | "zoom";

export interface ShellTray extends Disposable {
  setMenu(items: readonly MenuItem[]): void;
  onClick(listener: () => void): Disposable;
}
