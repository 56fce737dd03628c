import { join } from "node:path";
import {
  app,
  BrowserWindow,
  globalShortcut,
  ipcMain,
  Menu,
  nativeImage,
  screen,
  session,
  Tray,
  type BrowserWindowConstructorOptions,
  type IpcMainInvokeEvent,
  type MenuItemConstructorOptions,
} from "electron";
import { DESKTOP_CALL_CHANNEL, DESKTOP_EVENT_CHANNEL } from "../../shared/contracts/desktop-channels.ts";
import { toDisposable, type Disposable } from "../../shared/lifecycle/disposable.ts";
import type { ElectronFacade, MenuItem, ShellTray, ShellWindow, ShellWindowOptions } from "./facade.ts";

export interface ElectronFiles {
  /** The built preload script. */
  readonly preload: string;
  /** Folder with icon.png, tray.png and trayTemplate.png. */
  readonly assets: string;
  /** Chromium's own data: cache, cookies. Also decides what counts as another instance. */
  readonly userData: string;
}

/** What the entry needs of Electron before there is a shell. */
export const electronProgram = {
  get isPackaged(): boolean {
    return app.isPackaged;
  },
  /** Where package.json, dist/ and assets/ are; inside the archive when packaged. */
  get projectFolder(): string {
    return app.getAppPath();
  },
  get version(): string {
    return app.getVersion();
  },
  exit: (code: number): void => app.exit(code),
  onWillQuit: (listener: () => void): void => {
    app.once("will-quit", listener);
  },
};

/** The real Electron behind the shell's narrow interface. Only translation, no decision: those are in shell.ts. */
export function createElectronFacade(files: ElectronFiles): ElectronFacade {
  app.setPath("userData", files.userData);
  const listen = <E extends string>(
    target: {
      on(event: E, listener: (...values: never[]) => void): unknown;
      off(event: E, listener: (...values: never[]) => void): unknown;
    },
    event: E,
    listener: (...values: never[]) => void,
  ): Disposable => {
    target.on(event, listener);
    return toDisposable(() => target.off(event, listener));
  };

  return {
    platform: process.platform,
    takeSingleInstanceLock: (data) => app.requestSingleInstanceLock(data as Record<string, unknown>),
    onSecondInstance: (listener) => {
      const handle = (_event: unknown, _argv: string[], _folder: string, data: unknown): void => listener(data);
      app.on("second-instance", handle);
      return toDisposable(() => app.off("second-instance", handle));
    },
    whenReady: () => app.whenReady(),
    quit: () => app.quit(),
    onWindowAllClosed: (listener) => listen(app as never, "window-all-closed", listener),
    onActivate: (listener) => listen(app as never, "activate", listener),
    displays: () => screen.getAllDisplays().map(({ workArea }) => workArea),
    createWindow: (options) => {
      const window = new BrowserWindow(windowOptions(options, files));
      if (options.state.isMaximized && !options.isKiosk) window.maximize();
      return wrapWindow(window, files);
    },
    setPermissionRule: (isAllowed) => {
      const { defaultSession } = session;
      defaultSession.setPermissionRequestHandler((_contents, permission, answer, details) => {
        answer(isAllowed(permission, details.requestingUrl));
      });
      defaultSession.setPermissionCheckHandler((_contents, permission, origin) => isAllowed(permission, origin));
      defaultSession.setDevicePermissionHandler(() => false);
    },
    setApplicationMenu: (items) => {
      Menu.setApplicationMenu(items === undefined ? null : Menu.buildFromTemplate(items.map(menuItem)));
    },
    createTray: ({ toolTip }) => createTray(files, toolTip),
    registerGlobalShortcut: (accelerator, handler) => {
      if (!globalShortcut.register(accelerator, handler)) return undefined;
      return toDisposable(() => globalShortcut.unregister(accelerator));
    },
    handleDesktopCall: (handler) => {
      ipcMain.handle(DESKTOP_CALL_CHANNEL, (event: IpcMainInvokeEvent, request: unknown) => {
        const frame = event.senderFrame;
        return handler(
          {
            windowId: BrowserWindow.fromWebContents(event.sender)?.id,
            origin: frame?.origin ?? "",
            isMainFrame: frame !== null && frame === event.sender.mainFrame,
          },
          request,
        );
      });
      return toDisposable(() => ipcMain.removeHandler(DESKTOP_CALL_CHANNEL));
    },
  };
}

function windowOptions(options: ShellWindowOptions, files: ElectronFiles): BrowserWindowConstructorOptions {
  const { x, y, width, height, isFullScreen } = options.state;
  return {
    title: options.title,
    width,
    height,
    ...(x === undefined || y === undefined ? {} : { x, y }),
    minWidth: 640,
    minHeight: 420,
    show: false,
    fullscreen: isFullScreen,
    kiosk: options.isKiosk,
    backgroundColor: options.backgroundColour,
    icon: join(files.assets, "icon.png"),
    webPreferences: { ...options.webPreferences, preload: files.preload },
  };
}

function wrapWindow(window: Electron.BrowserWindow, files: ElectronFiles): ShellWindow {
  const { webContents } = window;
  // INVARIANT: nothing that the page holds may become a page of its own outside the rules.
  webContents.on("will-attach-webview", (event) => event.preventDefault());
  const on = (event: string, listener: () => void): Disposable => {
    window.on(event as "resize", listener);
    return toDisposable(() => {
      if (!window.isDestroyed()) window.off(event as "resize", listener);
    });
  };
  return {
    id: window.id,
    loadUrl: (url) => window.loadURL(url),
    show: () => window.show(),
    bringToFront: () => {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    close: () => window.close(),
    setFullScreen: (isFullScreen) => window.setFullScreen(isFullScreen),
    get state() {
      return { ...window.getNormalBounds(), isMaximized: window.isMaximized(), isFullScreen: window.isFullScreen() };
    },
    send: (event) => webContents.send(DESKTOP_EVENT_CHANNEL, event),
    onStateChange: (listener) => {
      const parts = ["resize", "move", "maximize", "unmaximize", "enter-full-screen", "leave-full-screen"].map(
        (event) => on(event, listener),
      );
      return toDisposable(() => {
        for (const part of parts) part.dispose();
      });
    },
    onFullScreenChange: (listener) => {
      const entered = on("enter-full-screen", () => listener(true));
      const left = on("leave-full-screen", () => listener(false));
      return toDisposable(() => {
        entered.dispose();
        left.dispose();
      });
    },
    onClosed: (listener) => on("closed", listener),
    setNavigationRule: (isAllowed) => {
      const guard = (event: { url: string; preventDefault(): void }): void => {
        if (!isAllowed(event.url)) event.preventDefault();
      };
      webContents.on("will-navigate", guard);
      webContents.on("will-redirect", guard);
      webContents.on("will-frame-navigate", guard);
    },
    setNewWindowRule: (decide, adopt) => {
      webContents.setWindowOpenHandler(({ url }) => {
        const options = decide(url);
        if (options === undefined) return { action: "deny" };
        return { action: "allow", overrideBrowserWindowOptions: { ...windowOptions(options, files), show: true } };
      });
      webContents.on("did-create-window", ({ id }) => {
        const child = BrowserWindow.fromId(id);
        if (child !== null) adopt(wrapWindow(child, files));
      });
    },
  };
}

function createTray(files: ElectronFiles, toolTip: string): ShellTray {
  // macOS colours a template image itself.
  const name = process.platform === "darwin" ? "trayTemplate.png" : "tray.png";
  const tray = new Tray(nativeImage.createFromPath(join(files.assets, name)));
  tray.setToolTip(toolTip);
  const life = toDisposable(() => tray.destroy());
  return {
    setMenu: (items) => tray.setContextMenu(Menu.buildFromTemplate(items.map(menuItem))),
    onClick: (listener) => {
      const handle = (): void => listener();
      tray.on("click", handle);
      return toDisposable(() => tray.off("click", handle));
    },
    dispose: () => life.dispose(),
  };
}

function menuItem(item: MenuItem): MenuItemConstructorOptions {
  switch (item.kind) {
    case "separator":
      return { type: "separator" };
    case "role":
      return { role: item.role };
    case "submenu":
      return { label: item.label, submenu: item.items.map(menuItem) };
    case "action":
      return { label: item.label, enabled: item.isEnabled ?? true, click: () => item.act() };
  }
}
