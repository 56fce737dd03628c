import type { DesktopEvent } from "../../shared/contracts/desktop.ts";
import { toDisposable, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import type { CallSender, ElectronFacade, MenuItem, ShellTray, ShellWindow, ShellWindowOptions } from "./facade.ts";
import { WindowState } from "./window-state.ts";

/** Electron as the shell sees it, in memory, for tests: it records what the shell asks for and plays the user. */
export class FakeElectron implements ElectronFacade {
  platform: NodeJS.Platform = "linux";
  isFirstInstance = true;
  lockData: unknown;
  hasQuit = false;
  applicationMenu: readonly MenuItem[] | undefined | "never set" = "never set";
  permissionRule: (permission: string, origin: string) => boolean = () => true;
  readonly windows: FakeWindow[] = [];
  readonly trays: FakeTray[] = [];
  readonly shortcuts = new Map<string, () => void>();
  readonly takenAccelerators = new Set<string>();
  readonly secondInstance = new Emitter<unknown>();
  readonly allClosed = new Emitter<void>();
  readonly activated = new Emitter<void>();
  call: (sender: CallSender, request: unknown) => unknown = () => {
    throw new Error("no handler");
  };
  readonly onSecondInstance = this.secondInstance.event;
  readonly onActivate = this.activated.event;

  takeSingleInstanceLock(data: unknown): boolean {
    this.lockData = data;
    return this.isFirstInstance;
  }
  whenReady(): Promise<void> {
    return Promise.resolve();
  }
  quit(): void {
    this.hasQuit = true;
  }
  onWindowAllClosed(listener: () => void): Disposable {
    return this.allClosed.event(listener);
  }
  displays() {
    return [{ x: 0, y: 0, width: 1920, height: 1040 }];
  }
  createWindow(options: ShellWindowOptions): ShellWindow {
    const window = new FakeWindow(this.windows.length + 1, options);
    this.windows.push(window);
    return window;
  }
  setPermissionRule(isAllowed: (permission: string, origin: string) => boolean): void {
    this.permissionRule = isAllowed;
  }
  setApplicationMenu(items: readonly MenuItem[] | undefined): void {
    this.applicationMenu = items;
  }
  createTray(): ShellTray {
    const tray = new FakeTray();
    this.trays.push(tray);
    return tray;
  }
  registerGlobalShortcut(accelerator: string, handler: () => void): Disposable | undefined {
    if (this.takenAccelerators.has(accelerator)) return undefined;
    this.shortcuts.set(accelerator, handler);
    return toDisposable(() => this.shortcuts.delete(accelerator));
  }
  handleDesktopCall(handler: (sender: CallSender, request: unknown) => unknown): Disposable {
    this.call = handler;
    return toDisposable(() => undefined);
  }
}

export class FakeWindow implements ShellWindow {
  readonly id: number;
  readonly options: ShellWindowOptions;
  state: WindowState;
  url: string | undefined;
  frontCount = 0;
  readonly sent: DesktopEvent[] = [];
  isNavigationAllowed: (url: string) => boolean = () => true;
  decideNewWindow: (url: string) => ShellWindowOptions | undefined = () => undefined;
  adopt: (child: ShellWindow) => void = () => undefined;
  readonly stateChanged = new Emitter<void>();
  readonly fullScreenChanged = new Emitter<boolean>();
  readonly closed = new Emitter<void>();
  readonly onFullScreenChange = this.fullScreenChanged.event;

  constructor(id: number, options: ShellWindowOptions) {
    this.id = id;
    this.options = options;
    this.state = WindowState.parse(options.state);
  }
  loadUrl(url: string): Promise<void> {
    this.url = url;
    return Promise.resolve();
  }
  show(): void {
    this.frontCount += 1;
  }
  bringToFront(): void {
    this.frontCount += 1;
  }
  close(): void {
    this.closed.fire();
  }
  setFullScreen(isFullScreen: boolean): void {
    this.state = { ...this.state, isFullScreen };
    this.fullScreenChanged.fire(isFullScreen);
  }
  send(event: DesktopEvent): void {
    this.sent.push(event);
  }
  onStateChange(listener: () => void): Disposable {
    return this.stateChanged.event(listener);
  }
  onClosed(listener: () => void): Disposable {
    return this.closed.event(listener);
  }
  setNavigationRule(isAllowed: (url: string) => boolean): void {
    this.isNavigationAllowed = isAllowed;
  }
  setNewWindowRule(decide: (url: string) => ShellWindowOptions | undefined, adopt: (child: ShellWindow) => void): void {
    this.decideNewWindow = decide;
    this.adopt = adopt;
  }
}

export class FakeTray implements ShellTray {
  menu: readonly MenuItem[] = [];
  readonly clicked = new Emitter<void>();

  get labels(): string[] {
    return this.menu.map((item) => (item.kind === "action" ? item.label : item.kind));
  }
  choose(label: string): void {
    for (const item of this.menu) if (item.kind === "action" && item.label === label) item.act();
  }
  setMenu(items: readonly MenuItem[]): void {
    this.menu = items;
  }
  onClick(listener: () => void): Disposable {
    return this.clicked.event(listener);
  }
  dispose(): void {
    this.menu = [];
  }
}
