// @vitest-environment jsdom
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ChannelRequest } from "../../shared/contracts/api.ts";
import { DEFAULT_SETTINGS, type ConsoleSettings } from "../../shared/contracts/settings.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { installFakePage } from "../../testing/fake-page.ts";
import { FakeSpiceWorker } from "../../testing/fake-spice-worker.ts";
import { type ConsoleStreams } from "./console-opener.ts";
import { type ConsoleSession, type SessionState } from "./session.ts";
import { createSpiceSession, FIRST_PICTURE_TIMEOUT_MS, RESIZE_REST_MS } from "./spice-session.ts";

const DISPLAY: ChannelRequest = { type: 2, id: 0, sessionId: 7, capabilities: [1] };
const settingsWith = (settings: Partial<ConsoleSettings>): ConsoleSettings => ({
  ...DEFAULT_SETTINGS.console,
  ...settings,
});

let worker: FakeSpiceWorker;
let workerCount: number;
let states: SessionState[];
let streams: ConsoleStreams;
let asked: ChannelRequest[];
let listeners: DisposableStore;
const sessions: ConsoleSession[] = [];

beforeAll(installFakePage);
function create(settings: Partial<ConsoleSettings> = {}, options: { screenIndex?: number } = {}): ConsoleSession {
  const session = createSpiceSession({
    streams,
    address: "web",
    settings: settingsWith(settings),
    isVisible: true,
    screenIndex: options.screenIndex ?? 0,
    startWorker: () => {
      workerCount += 1;
      worker = new FakeSpiceWorker();
      return worker;
    },
  });
  sessions.push(session);
  states = [session.state];
  listeners.add(session.onStateChange((state) => states.push(state)));
  document.body.append(session.element);
  return session;
}

function createLive(settings: Partial<ConsoleSettings> = {}): ConsoleSession {
  const session = create(settings);
  worker.say({ kind: "begun" }, { kind: "mouseMode", mode: "client" });
  worker.say({ kind: "presented", viewId: 1, widthPx: 64, heightPx: 48 });
  // The canvas is shown one to one: installFakePage takes its own size for its place.
  Object.assign(canvasOf(session), { width: 64, height: 48 });
  worker.take();
  return session;
}

const canvasOf = (session: ConsoleSession): HTMLCanvasElement =>
  session.element.querySelector<HTMLCanvasElement>('[data-testid="guest-screen"]')!;
const key = (type: "keydown" | "keyup", code: string, init: KeyboardEventInit = {}): KeyboardEvent =>
  new KeyboardEvent(type, { code, cancelable: true, ...init });
const pointer = (type: string, init: PointerEventInit = {}): PointerEvent =>
  new PointerEvent(type, { button: -1, ...init });
const lockPointerTo = (element: Element | null): void => {
  Object.defineProperty(document, "pointerLockElement", { value: element, configurable: true });
  document.dispatchEvent(new Event("pointerlockchange"));
};
const closedWith = (code: string): unknown => ({
  phase: "closed",
  cause: expect.objectContaining({ code }) as unknown,
});

describe("SpiceSession", () => {
  expectNoLeaks();

  beforeEach(() => {
    vi.useFakeTimers();
    listeners = new DisposableStore();
    workerCount = 0;
    asked = [];
    streams = {
      open: () => {
        throw new Error("a SPICE session opens no stream itself");
      },
      firstPass: { url: "ws://x", protocols: ["v1", "first"] },
      request: (channel) => {
        asked.push(channel);
        return channel.type === 2
          ? Promise.resolve({ url: "ws://x", protocols: ["v1", "display"] })
          : Promise.reject(new AppError("CONSOLE_UNAVAILABLE", "made up"));
      },
    };
  });
  afterEach(() => {
    for (const session of sessions.splice(0)) session.dispose();
    listeners.dispose();
    vi.useRealTimers();
    Object.defineProperty(document, "pointerLockElement", { value: null, configurable: true });
  });

  it("hands its stream and its canvas to the worker, and is live with the first picture", () => {
    const session = create();
    expect(worker.take()).toMatchObject([
      { kind: "start", pass: streams.firstPass, address: "web" },
      { kind: "attachView", viewId: 1, screenIndex: 0, isVisible: true },
    ]);
    worker.say({ kind: "begun" }, { kind: "presented", viewId: 1, widthPx: 8, heightPx: 4 });
    expect(states.map(({ phase }) => phase)).toEqual(["connecting", "waiting-for-picture", "live"]);
    expect(session.facts).toMatchObject({ protocol: "spice", width: 8, height: 4, needsPointerLock: false });
  });

  it("gets the worker the streams it asks for, and tells it which it cannot have", async () => {
    create();
    worker.take();
    worker.say({ kind: "needStream", requestId: 1, channel: DISPLAY });
    worker.say({ kind: "needStream", requestId: 2, channel: { ...DISPLAY, type: 5 } });
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.map(({ type }) => type)).toEqual([2, 5]);
    expect(worker.take()).toMatchObject([
      { kind: "streamReady", requestId: 1, pass: { protocols: ["v1", "display"] } },
      { kind: "streamRefused", requestId: 2, error: { code: "CONSOLE_UNAVAILABLE" } },
    ]);
  });

  it("shares one worker between the tabs of one console's screens, and tells a later tab what came before", () => {
    const first = createLive();
    worker.say({ kind: "mouseMode", mode: "server" });
    const second = create({}, { screenIndex: 1 });
    expect(workerCount).toBe(1);
    expect(worker.take()).toMatchObject([{ kind: "attachView", viewId: 2, screenIndex: 1 }]);
    expect([second.state.phase, second.facts.needsPointerLock]).toEqual(["waiting-for-picture", true]);
    first.dispose();
    expect([worker.isTerminated, worker.take()]).toEqual([false, [{ kind: "detachView", viewId: 1 }]]);
    second.dispose();
    expect([worker.isTerminated, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it("sends keys by their places on the keyboard, repeats too, and lets go of all of them when it is left", () => {
    const session = createLive();
    const canvas = canvasOf(session);
    for (const event of [
      key("keydown", "ShiftLeft"),
      key("keydown", "KeyA"),
      key("keydown", "KeyA", { repeat: true }),
      key("keyup", "KeyA"),
      key("keydown", "KeyB"),
    ]) {
      canvas.dispatchEvent(event);
      expect(event.defaultPrevented).toBe(true);
    }
    session.sendKey({ keysym: 0xffe3, code: "ControlLeft" }, true);
    session.blur();
    expect(worker.take().map((message) => (message.kind === "key" ? [message.code, message.isDown] : message))).toEqual(
      [
        ["ShiftLeft", true],
        ["KeyA", true],
        ["KeyA", true],
        ["KeyA", false],
        ["KeyB", true],
        ["ControlLeft", true],
        ["ControlLeft", false],
        ["KeyB", false],
        ["ShiftLeft", false],
      ],
    );
    // The key is still down here, but no longer in the guest.
    canvas.dispatchEvent(key("keydown", "KeyB", { repeat: true }));
    canvas.dispatchEvent(key("keyup", "KeyB"));
    expect(worker.take()).toEqual([]);
  });

  it("makes the guest's lock keys as they are here, once, before the next key", () => {
    const session = createLive();
    const capsLock = { scrollLock: false, numLock: false, capsLock: true };
    worker.say({ kind: "guestLockKeys", keys: { ...capsLock, capsLock: false } });
    const press = (isOn: boolean): void => {
      canvasOf(session).dispatchEvent(key("keydown", "KeyA", { modifierCapsLock: isOn }));
    };
    press(true);
    press(true);
    expect(worker.take().filter(({ kind }) => kind === "lockKeys")).toEqual([{ kind: "lockKeys", keys: capsLock }]);
    worker.say({ kind: "guestLockKeys", keys: capsLock });
    press(true);
    expect(worker.take().filter(({ kind }) => kind === "lockKeys")).toEqual([]);
  });

  it("sends places, buttons and the wheel to a guest that takes places", () => {
    const session = createLive();
    const canvas = canvasOf(session);
    canvas.dispatchEvent(pointer("pointermove", { clientX: 10, clientY: 20 }));
    canvas.dispatchEvent(pointer("pointerdown", { clientX: 10, clientY: 20, button: 0, buttons: 1 }));
    canvas.dispatchEvent(pointer("pointermove", { clientX: 900, clientY: -5, buttons: 1 }));
    canvas.dispatchEvent(pointer("pointermove", { clientX: 900, clientY: -5, button: 2, buttons: 3 }));
    canvas.dispatchEvent(pointer("pointerup", { clientX: 900, clientY: -5, button: 0, buttons: 2 }));
    canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: -120, clientX: 900, clientY: -5 }));
    session.releaseKeys();
    expect(worker.take()).toEqual([
      { kind: "pointerMoved", viewId: 1, x: 10, y: 20 },
      { kind: "button", button: "left", isDown: true },
      { kind: "pointerMoved", viewId: 1, x: 63, y: 0 },
      { kind: "button", button: "right", isDown: true },
      { kind: "button", button: "left", isDown: false },
      { kind: "wheel", direction: "up" },
      { kind: "wheel", direction: "up" },
      { kind: "button", button: "right", isDown: false },
    ]);
  });

  it("sends movements to a guest that takes only these, once the pointer is locked", () => {
    const session = createLive();
    const canvas = canvasOf(session);
    canvas.requestPointerLock = vi.fn();
    worker.say({ kind: "mouseMode", mode: "server" });
    canvas.dispatchEvent(pointer("pointermove", { clientX: 5, clientY: 5 }));
    canvas.dispatchEvent(pointer("pointerdown", { button: 0, buttons: 1 }));
    expect([worker.take(), session.facts.needsPointerLock]).toEqual([[], true]);
    expect(canvas.requestPointerLock).toHaveBeenCalledOnce();
    lockPointerTo(canvas);
    const move = pointer("pointermove", { button: 0, buttons: 1 });
    Object.defineProperties(move, { movementX: { value: 3 }, movementY: { value: -2 } });
    canvas.dispatchEvent(move);
    lockPointerTo(null);
    expect(worker.take()).toEqual([
      { kind: "pointerMovedBy", deltaX: 3, deltaY: -2 },
      { kind: "button", button: "left", isDown: true },
      { kind: "button", button: "left", isDown: false },
    ]);
  });

  it("sends nothing to a guest that is only looked at, nor from a console that is hidden", () => {
    const session = createLive({ isViewOnly: true });
    const canvas = canvasOf(session);
    const use = (): void => {
      canvas.dispatchEvent(key("keydown", "KeyA"));
      canvas.dispatchEvent(pointer("pointerdown", { button: 0, buttons: 1 }));
      canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: 500 }));
    };
    use();
    session.sendKeys([{ keysym: 0x61, code: "KeyA" }]);
    expect(worker.take()).toEqual([]);
    session.configure(settingsWith({}), DEFAULT_SETTINGS.terminal);
    session.setVisible(false);
    use();
    expect(worker.take()).toEqual([{ kind: "showView", viewId: 1, isVisible: false }]);
  });

  it("wears the guest's cursor, and draws it where the guest says in the mode of movements", () => {
    const session = createLive();
    const { style } = canvasOf(session);
    const drawn = session.element.querySelector<HTMLElement>('[data-testid="guest-cursor"]')!;
    const rgba = new Uint8ClampedArray(2 * 2 * 4);
    const shape = { widthPx: 2, heightPx: 2, hotX: 1, hotY: 1, rgba };
    worker.say({ kind: "cursorShape", channelId: 0, shape });
    worker.say({ kind: "cursorShape", channelId: 1, shape: { ...shape, hotX: 0 } });
    expect([style.cursor.includes("1 1"), drawn.hidden]).toEqual([true, true]);
    worker.say({ kind: "cursorPlace", channelId: 0, isVisible: false, x: 0, y: 0 });
    expect(style.cursor).toMatch(/svg.* 2 2/);
    worker.say({ kind: "mouseMode", mode: "server" });
    worker.say({ kind: "cursorPlace", channelId: 0, isVisible: true, x: 11, y: 21 });
    expect([drawn.hidden, drawn.style.transform]).toEqual([false, "translate(10px,20px) scale(1)"]);
    worker.say({ kind: "cursorPlace", channelId: 0, isVisible: false, x: 11, y: 21 });
    expect(drawn.hidden).toBe(true);
  });

  it("asks a guest that can for the room's size, when that has rested, and no more for one that fits", () => {
    const session = createLive({ scaling: "resize-guest" });
    const room = session.element.firstElementChild!;
    let widthPx = 1000;
    Object.defineProperties(room, { clientWidth: { get: () => widthPx }, clientHeight: { get: () => 700 } });
    const agent = { kind: "agent", isReady: true, canUseClipboard: true, canTakeFiles: true } as const;
    worker.say({ ...agent, canResizeGuest: true });
    expect(session.facts).toMatchObject({ canResizeGuest: true, canUseClipboard: true, canTakeFiles: true });
    vi.advanceTimersByTime(RESIZE_REST_MS - 1);
    widthPx = 900;
    session.setVisible(false);
    session.setVisible(true);
    vi.advanceTimersByTime(RESIZE_REST_MS);
    expect(worker.take().filter(({ kind }) => kind === "wishScreenSize")).toEqual([
      { kind: "wishScreenSize", viewId: 1, size: { widthPx: 900, heightPx: 700 } },
    ]);
    session.configure(settingsWith({ scaling: "fit" }), DEFAULT_SETTINGS.terminal);
    vi.advanceTimersByTime(RESIZE_REST_MS);
    expect(worker.take()).toEqual([{ kind: "wishScreenSize", viewId: 1, size: undefined }]);
  });

  it("makes the guest a further screen when a tab wants one that is not there", () => {
    createLive();
    const agent = { kind: "agent", isReady: true, canUseClipboard: true, canTakeFiles: true } as const;
    const screen = { channelId: 0, x: 0, y: 0, widthPx: 64, heightPx: 48 };
    worker.say({ ...agent, canResizeGuest: true }, { kind: "screens", screens: [screen], limit: 4 });
    const second = create({}, { screenIndex: 1 });
    expect(second.facts).toMatchObject({ screenCount: 1, screenLimit: 4 });
    Object.defineProperties(second.element.firstElementChild!, {
      clientWidth: { value: 900 },
      clientHeight: { value: 700 },
    });
    vi.advanceTimersByTime(RESIZE_REST_MS);
    expect(worker.take().filter(({ kind }) => kind === "wishScreenSize")).toEqual([
      { kind: "wishScreenSize", viewId: 2, size: { widthPx: 900, heightPx: 700 } },
    ]);
  });

  it("gives a picture of the whole screen from the worker", async () => {
    const session = createLive();
    const picture = session.screenshot();
    expect(worker.take()).toEqual([{ kind: "takeScreenshot", requestId: 1, viewId: 1 }]);
    const png = new Blob(["png"]);
    worker.say({ kind: "screenshot", requestId: 1, png });
    expect(await picture).toBe(png);
  });

  it("keeps a preview until after its end, of what it showed last", () => {
    const session = createLive();
    worker.say({ kind: "ended", error: { code: "REMOTE_CLOSED", message: "gone", detail: {} } });
    expect([states.at(-1), session.preview(32)?.width]).toEqual([closedWith("REMOTE_CLOSED"), 32]);
  });

  it("says which step took too long", () => {
    create();
    vi.advanceTimersByTime(FIRST_PICTURE_TIMEOUT_MS);
    expect(states.at(-1)).toEqual(closedWith("PROTOCOL_TIMEOUT"));
    sessions.pop()?.dispose();
    create();
    worker.say({ kind: "begun" });
    vi.advanceTimersByTime(FIRST_PICTURE_TIMEOUT_MS);
    expect(states.at(-1)).toEqual(closedWith("FIRST_FRAME_TIMEOUT"));
  });

  it("ends with its worker when that fails, and is not live again", () => {
    createLive();
    worker.onerror?.(new ErrorEvent("error", { message: "made up", cancelable: true }));
    expect([states.at(-1), worker.isTerminated]).toEqual([closedWith("BUG"), true]);
    worker.say({ kind: "presented", viewId: 1, widthPx: 1, heightPx: 1 });
    expect(states.at(-1)).toEqual(closedWith("BUG"));
  });
});
