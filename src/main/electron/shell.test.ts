import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { guestIdOf, HostId, type GuestId } from "../../shared/contracts/ids.ts";
import type { GuestSnapshot } from "../../shared/contracts/inventory.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { FakeElectron } from "./fake-electron.ts";
import { becomeFirstInstance, SAFE_WEB_PREFERENCES, startElectronShell, type ShellHost } from "./shell.ts";
import type { WindowState } from "./window-state.ts";

const ADDRESS = "http://127.0.0.1:4711/#token=secret";
const ORIGIN = "http://127.0.0.1:4711";
const HOST_ID = HostId.parse("h");

function guest(name: string, state: GuestSnapshot["state"] = "running"): GuestSnapshot {
  return {
    id: guestIdOf(HOST_ID, name),
    hostId: HOST_ID,
    name,
    state,
    consoles: [],
    actions: [],
    hasScreenshot: false,
  };
}

async function start(overrides: Partial<ShellHost> = {}, platform: NodeJS.Platform = "linux") {
  const electron = new FakeElectron();
  electron.platform = platform;
  let guests = [guest("web-01"), guest("attic", "off")];
  const guestsChanged = new Emitter<void>();
  const shown: GuestId[] = [];
  const saved: WindowState[] = [];
  const opened: string[] = [];
  const host: ShellHost = {
    address: ADDRESS,
    guests: () => guests,
    onGuestsChange: guestsChanged.event,
    showGuest: (id) => shown.push(id),
    openConsoles: (words) => opened.push(...words),
    loadWindowState: () => undefined,
    saveWindowState: (state) => saved.push(state),
    isKiosk: false,
    version: "1.2.3",
    ...overrides,
  };
  const shell = await startElectronShell(electron, host);
  const setGuests = (next: GuestSnapshot[]): void => {
    guests = next;
    guestsChanged.fire();
  };
  return { electron, shell, shown, opened, saved, setGuests, window: electron.windows[0]! };
}

describe("electron shell", () => {
  expectNoLeaks();
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("opens one safe window on the page", async () => {
    const { electron, shell, window } = await start();
    expect(electron.windows.length).toBe(1);
    expect([window.url, window.options.isKiosk]).toEqual([ADDRESS, false]);
    expect(window.options.webPreferences).toEqual(SAFE_WEB_PREFERENCES);
    expect(SAFE_WEB_PREFERENCES).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
    });
    shell.dispose();
  });

  it("lets the page go nowhere but to itself", async () => {
    const { shell, window } = await start();
    const allowed = [
      `${ORIGIN}/`,
      `${ORIGIN}/#x`,
      "https://example.org/",
      "http://127.0.0.1:4712/",
      "file:///etc/passwd",
      "javascript:alert(1)",
      "http://127.0.0.1:4711@example.org/",
      `${ORIGIN}/picture/x`,
      "not a url",
    ].map((url) => window.isNavigationAllowed(url));
    expect(allowed).toEqual([true, true, false, false, false, false, false, false, false]);
    shell.dispose();
  });

  it("allows a console's own window, under the same rules, and no other", async () => {
    const { electron, shell, window } = await start();
    expect(window.decideNewWindow("https://example.org/#window=a")).toBeUndefined();
    expect(window.decideNewWindow(`${ORIGIN}/`)).toBeUndefined();
    const options = window.decideNewWindow(`${ORIGIN}/#window=h%2Fweb-01&console=vnc`);
    expect(options?.webPreferences).toEqual(SAFE_WEB_PREFERENCES);
    const child = electron.createWindow(options!);
    window.adopt(child);
    expect(electron.windows[1]!.isNavigationAllowed("https://example.org/")).toBe(false);
    expect(electron.windows[1]!.decideNewWindow("https://example.org/")).toBeUndefined();
    shell.dispose();
  });

  it("grants clipboard, full screen and locks to its own page, nothing else, and nobody else anything", async () => {
    const { electron, shell } = await start();
    const wanted = ["clipboard-read", "clipboard-sanitized-write", "fullscreen", "keyboardLock", "pointerLock"];
    expect(wanted.map((permission) => electron.permissionRule(permission, `${ORIGIN}/`))).toEqual(
      wanted.map(() => true),
    );
    expect(wanted.some((permission) => electron.permissionRule(permission, "https://example.org/"))).toBe(false);
    const unwanted = ["media", "geolocation", "notifications", "openExternal", "usb", "midi"];
    expect(unwanted.some((permission) => electron.permissionRule(permission, ORIGIN))).toBe(false);
    shell.dispose();
  });

  it("answers desktop calls of its own page's main frame only", async () => {
    const { electron, shell, window } = await start();
    const request = { method: "setFullScreen", isFullScreen: true };
    const own = { windowId: window.id, origin: ORIGIN, isMainFrame: true };
    for (const foreign of [
      { ...own, origin: "https://example.org" },
      { ...own, origin: "" },
      { ...own, isMainFrame: false },
      { ...own, windowId: undefined },
      { ...own, windowId: 99 },
    ]) {
      expect(() => electron.call(foreign, request)).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
    }
    expect(window.state.isFullScreen).toBe(false);
    electron.call(own, request);
    expect([window.state.isFullScreen, window.sent]).toEqual([
      true,
      [{ name: "fullScreenChanged", isFullScreen: true }],
    ]);
    const wrong = { method: "openExternal", url: "file:///" };
    expect(() => electron.call(own, wrong)).toThrow(expect.objectContaining({ code: "INVALID_REQUEST" }));
    shell.dispose();
  });

  it("registers the page's global shortcuts, says which were granted, and drops them with the window", async () => {
    const { electron, shell, window } = await start();
    electron.takenAccelerators.add("Super+Alt+2");
    const accelerators = ["Super+Alt+1", "Super+Alt+2"];
    const sender = { windowId: window.id, origin: ORIGIN, isMainFrame: true };
    expect(electron.call(sender, { method: "setGlobalShortcuts", accelerators })).toEqual(["Super+Alt+1"]);
    electron.shortcuts.get("Super+Alt+1")?.();
    expect(window.sent).toEqual([{ name: "globalShortcut", accelerator: "Super+Alt+1" }]);
    window.close();
    expect(electron.shortcuts.has("Super+Alt+1")).toBe(false);
    shell.dispose();
  });

  it("lists guests in the tray, those that run first, and follows them", async () => {
    const { electron, shell, shown, setGuests } = await start();
    const tray = electron.trays[0]!;
    expect(tray.labels).toEqual(["Show Switchyard", "separator", "web-01", "attic (off)", "separator", "Quit"]);
    tray.choose("web-01");
    expect(shown).toEqual(["h/web-01"]);
    setGuests(Array.from({ length: 30 }, (_, index) => guest(`g${String(index).padStart(2, "0")}`)));
    setGuests([]);
    expect(tray.labels).toContain("web-01");
    vi.runAllTimers();
    expect(tray.labels).toContain("No guests found");
    tray.choose("Quit");
    expect(electron.hasQuit).toBe(true);
    shell.dispose();
  });

  it("saves where the window is once it rests", async () => {
    const { shell, saved, window } = await start();
    window.state = { ...window.state, x: 10, y: 20 };
    window.stateChanged.fire();
    window.stateChanged.fire();
    expect(saved).toEqual([]);
    vi.runAllTimers();
    expect(saved).toEqual([expect.objectContaining({ x: 10, y: 20 })]);
    shell.dispose();
  });

  it("opens where the window was, unless no display is there or what was saved is nonsense", async () => {
    const here = await start({ loadWindowState: () => ({ x: 50, y: 60, width: 1000, height: 700 }) });
    expect(here.window.options.state).toMatchObject({ x: 50, y: 60, width: 1000 });
    const gone = await start({ loadWindowState: () => ({ x: 5000, y: 60, width: 1000, height: 700 }) });
    expect(gone.window.options.state.x).toBeUndefined();
    const broken = await start({ loadWindowState: () => ({ width: "wide" }) });
    expect(broken.window.options.state.width).toBe(1400);
    for (const { shell } of [here, gone, broken]) shell.dispose();
  });

  it("hands a second start's guests and consoles to the first, which comes to the front", async () => {
    const second = new FakeElectron();
    second.isFirstInstance = false;
    expect(becomeFirstInstance(second, { openNames: ["WEB-01"], consoles: ["/tmp/a.vv"] })).toBe(false);
    const { electron, shell, shown, opened, window } = await start();
    const before = window.frontCount;
    electron.secondInstance.fire(second.lockData);
    electron.secondInstance.fire({ openNames: 7 });
    expect([shown, opened, window.frontCount]).toEqual([["h/web-01"], ["/tmp/a.vv"], before + 2]);
    shell.dispose();
  });

  it("has no menu, tray, shortcut, developer tools or way out in a kiosk", async () => {
    const { electron, shell, window } = await start({ isKiosk: true }, "darwin");
    expect([electron.applicationMenu, electron.trays.length, electron.shortcuts.size]).toEqual([undefined, 0, 0]);
    expect([window.options.isKiosk, window.options.webPreferences.devTools]).toEqual([true, false]);
    expect(window.decideNewWindow(`${ORIGIN}/#window=x`)).toBeUndefined();
    electron.call({ windowId: window.id, origin: ORIGIN, isMainFrame: true }, { method: "quit" });
    expect(electron.hasQuit).toBe(false);
    shell.dispose();
  });

  it("has a menu bar on macOS only, where it cannot take keys from a guest", async () => {
    const linux = await start();
    expect(linux.electron.applicationMenu).toBeUndefined();
    const mac = await start({}, "darwin");
    expect(mac.electron.applicationMenu).toMatchObject([
      { label: "Switchyard" },
      { label: "Edit" },
      { label: "Window" },
    ]);
    for (const { shell } of [linux, mac]) shell.dispose();
  });

  it("ends with its last window, but on macOS waits to be opened again", async () => {
    const linux = await start();
    linux.window.close();
    linux.electron.allClosed.fire();
    expect(linux.electron.hasQuit).toBe(true);
    const mac = await start({}, "darwin");
    mac.window.close();
    mac.electron.allClosed.fire();
    expect(mac.electron.hasQuit).toBe(false);
    mac.electron.activated.fire();
    expect(mac.electron.windows.length).toBe(2);
    for (const { shell } of [linux, mac]) shell.dispose();
  });
});
