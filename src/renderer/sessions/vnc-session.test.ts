// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_SETTINGS, type ConsoleSettings } from "../../shared/contracts/settings.ts";
import { installFakePage, pixelOf } from "../../testing/fake-page.ts";
import { FakeWebSocket } from "../../testing/fake-web-socket.ts";
import { type ConsoleSession, type SessionState } from "./session.ts";
import { MAX_FRAMEBUFFER_SIDE_PX } from "./vnc/framebuffer-limit.ts";
import { createVncSession, FIRST_FRAME_TIMEOUT_MS } from "./vnc-session.ts";

beforeAll(() => {
  installFakePage();
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const rect = (x: number, y: number, width: number, height: number, encoding: number): number[] =>
  [x, y, width, height].flatMap(u16).concat(u32(encoding));
const update = (...rects: number[][]): number[] => [0, 0, ...u16(rects.length), ...rects.flat()];
/** Blue, green, red, padding on the wire: noVNC asks for red at shift 0, so this is red first. */
const raw = (x: number, y: number, width: number, height: number, pixel: number[]): number[] => [
  ...rect(x, y, width, height, 0),
  ...Array<number[]>(width * height)
    .fill(pixel)
    .flat(),
];
const serverInit = (width: number, height: number): number[] => [
  ...u16(width),
  ...u16(height),
  ...Array<number>(16).fill(0),
  ...u32(2),
  0x71,
  0x65,
];
const QEMU_KEY_EVENT = rect(0, 0, 0, 0, -258);
const pointerMotion = (isAbsolute: boolean): number[] => rect(isAbsolute ? 1 : 0, 0, 8, 4, -257);
const UPDATE_REQUEST = 3;

let stream: FakeWebSocket;
let states: SessionState[];

function create(settings: Partial<ConsoleSettings> = {}, isVisible = true): ConsoleSession {
  stream = new FakeWebSocket();
  const session = createVncSession({
    stream: stream.asWebSocket,
    address: "web",
    settings: { ...DEFAULT_SETTINGS.console, ...settings },
    isVisible,
    now: () => Date.now(),
  });
  states = [session.state];
  session.onStateChange((state) => states.push(state));
  document.body.append(session.element);
  return session;
}

function greet(width = 8, height = 4): void {
  stream.open();
  stream.receive([...new TextEncoder().encode("RFB 003.008\n"), 1, 1]);
  stream.receive([0, 0, 0, 0]);
  stream.receive(serverInit(width, height));
}

function createLive(settings: Partial<ConsoleSettings> = {}, isVisible = true): ConsoleSession {
  const session = create(settings, isVisible);
  greet();
  stream.receive(update(QEMU_KEY_EVENT, raw(0, 0, 8, 4, [10, 20, 30, 0])));
  stream.takeSent();
  return session;
}

function canvasOf(session: ConsoleSession): HTMLCanvasElement {
  return session.element.querySelector<HTMLCanvasElement>("[data-testid=guest-screen]")!;
}

function closedWith(code: string): unknown {
  return expect.objectContaining({ phase: "closed", cause: expect.objectContaining({ code }) as unknown });
}

describe("VncSession", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  it("is live when its first picture is painted, not before", () => {
    const session = create();
    greet();
    expect(states.map(({ phase }) => phase)).toEqual(["connecting", "waiting-for-picture"]);
    stream.receive(update(QEMU_KEY_EVENT));
    expect(session.state.phase).toBe("waiting-for-picture");
    stream.receive(update(raw(0, 0, 8, 4, [10, 20, 30, 0])));
    expect(states.map(({ phase }) => phase)).toEqual(["connecting", "waiting-for-picture", "live"]);
    expect(session.facts).toMatchObject({ width: 8, height: 4, needsPointerLock: false });
    session.dispose();
  });

  it("paints the guest's pixels exactly, whichever way they are cut", () => {
    const session = create();
    greet();
    for (const byte of update(raw(0, 0, 8, 4, [10, 20, 30, 0]), raw(2, 1, 3, 2, [200, 100, 50, 7]))) {
      stream.receive([byte]);
    }
    const canvas = canvasOf(session);
    expect([canvas.width, canvas.height]).toEqual([8, 4]);
    expect(pixelOf(canvas, 7, 3)).toBe(0xff1e140a);
    expect(pixelOf(canvas, 4, 2)).toBe(0xff3264c8);
    session.dispose();
  });

  it("asks a server for the kind of its pointer", () => {
    create();
    greet();
    expect(stream.takeSent().join()).toContain(u32(-257).join());
  });

  it("keeps painting while hidden, into the page's own canvas, and while shown again", () => {
    const session = createLive();
    session.setVisible(false);
    stream.receive(update(raw(0, 0, 1, 1, [1, 2, 3, 0])));
    expect(pixelOf(canvasOf(session), 0, 0)).toBe(0xff030201);
    expect(pixelOf(canvasOf(session), 1, 0)).toBe(0xff1e140a);
    session.setVisible(true);
    stream.receive(update(raw(1, 0, 1, 1, [4, 5, 6, 0])));
    expect(pixelOf(canvasOf(session), 0, 0)).toBe(0xff030201);
    expect(pixelOf(canvasOf(session), 1, 0)).toBe(0xff060504);
    session.dispose();
  });

  it("shows no half of an update once it has been shown for a frame", () => {
    const session = createLive();
    session.setVisible(false);
    session.setVisible(true);
    vi.advanceTimersByTime(200);
    const whole = update(raw(0, 0, 1, 1, [1, 2, 3, 0]), raw(1, 0, 1, 1, [4, 5, 6, 0]));
    stream.receive(whole.slice(0, -4));
    expect(pixelOf(canvasOf(session), 0, 0)).toBe(0xff1e140a);
    stream.receive(whole.slice(-4));
    expect([0, 1].map((x) => pixelOf(canvasOf(session), x, 0))).toEqual([0xff030201, 0xff060504]);
    session.dispose();
  });

  it("asks for at most one picture a second while hidden, and at once when shown", () => {
    const session = createLive();
    session.setVisible(false);
    vi.advanceTimersByTime(1000);
    stream.takeSent();
    stream.receive(update(raw(0, 0, 1, 1, [1, 2, 3, 0])));
    vi.advanceTimersByTime(10);
    stream.takeSent();
    stream.receive(update(raw(0, 0, 1, 1, [1, 2, 3, 0])));
    expect(stream.takeSent()).toEqual([]);
    session.setVisible(true);
    expect(stream.sent.map(([type]) => type)).toEqual([UPDATE_REQUEST, 255]);
    session.dispose();
  });

  it("has the bytes of a hidden console come gathered, and says so once the stream is open", () => {
    const session = create({}, false);
    expect(stream.sentTexts).toEqual([]);
    greet();
    session.setVisible(true);
    session.setVisible(true);
    session.setVisible(false);
    expect(stream.sentTexts).toEqual(["gather", "at-once", "gather"]);
    session.dispose();
    create().dispose();
    expect(stream.sentTexts).toEqual([]);
  });

  it("releases every key and button when it is left", () => {
    const session = createLive();
    canvasOf(session).dispatchEvent(new KeyboardEvent("keydown", { code: "KeyA", key: "a" }));
    session.sendKey({ keysym: 0xffe3, code: "ControlLeft" }, true);
    canvasOf(session).dispatchEvent(new MouseEvent("mousedown", { buttons: 1, clientX: 5, clientY: 2 }));
    stream.takeSent();
    session.blur();
    expect(stream.sent.map((message) => [...message])).toEqual([
      [255, 0, 0, 0, 0, 0, 0xff, 0xe3, 0, 0, 0, 0x1d],
      [255, 0, 0, 0, 0, 0, 0, 0x61, 0, 0, 0, 0x1e],
      [5, 0, 0, 5, 0, 2],
    ]);
    stream.takeSent();
    session.releaseKeys();
    expect(stream.takeSent()).toEqual([]);
    session.dispose();
  });

  it("sends motion, not places, to a guest with a relative mouse, once the pointer is locked", () => {
    const session = createLive();
    const canvas = canvasOf(session);
    const requestPointerLock = vi.fn();
    canvas.requestPointerLock = requestPointerLock;
    stream.receive(update(pointerMotion(false)));
    expect(session.facts.needsPointerLock).toBe(true);
    stream.takeSent();
    canvas.dispatchEvent(new MouseEvent("mousemove", { clientX: 5, clientY: 5 }));
    canvas.dispatchEvent(new MouseEvent("mousedown", { buttons: 1 }));
    expect(stream.takeSent()).toEqual([]);
    expect(requestPointerLock).toHaveBeenCalledOnce();

    Object.defineProperty(document, "pointerLockElement", { value: canvas, configurable: true });
    document.dispatchEvent(new Event("pointerlockchange"));
    expect(session.facts.isPointerLocked).toBe(true);
    const move = new MouseEvent("mousemove", { buttons: 1 });
    Object.defineProperties(move, { movementX: { value: 3 }, movementY: { value: -2 } });
    canvas.dispatchEvent(move);
    expect(stream.takeSent()).toEqual([5, 1, 0x80, 0x02, 0x7f, 0xfd]);

    Object.defineProperty(document, "pointerLockElement", { value: null, configurable: true });
    document.dispatchEvent(new Event("pointerlockchange"));
    // The button does not stay pressed.
    expect(stream.takeSent()).toEqual([5, 0, 0x7f, 0xff, 0x7f, 0xff]);
    session.dispose();
  });

  it("refuses a picture above the limit before it makes room for it", () => {
    const session = create();
    greet(60_000, 60_000);
    expect(session.state).toEqual(closedWith("FRAMEBUFFER_TOO_LARGE"));
    expect(session.element.querySelector("canvas")).toBeNull();
  });

  it.each([
    [
      "a picture that grows above the limit",
      update(rect(0, 0, MAX_FRAMEBUFFER_SIDE_PX + 1, 4, -223)),
      "FRAMEBUFFER_TOO_LARGE",
    ],
    ["a rectangle outside the picture", update(rect(4, 0, 5, 4, 0)), "PROTOCOL_ERROR"],
    ["a cursor of 60,000 pixels", update(rect(0, 0, 60_000, 60_000, -239)), "PROTOCOL_ERROR"],
    ["an encoding that was not asked for", update(rect(0, 0, 1, 1, 1234)), "PROTOCOL_ERROR"],
    ["a clipboard text of a gigabyte", [3, 0, 0, 0, ...u32(1 << 30), 0, 0, 0, 0], "PROTOCOL_ERROR"],
    ["a message of no known type", [77, 0, 0, 0], "PROTOCOL_ERROR"],
  ])("ends at %s", (_, bytes, code) => {
    const session = createLive();
    stream.receive(bytes);
    expect(session.state).toEqual(closedWith(code));
    expect(stream.readyState).toBe(stream.CLOSED);
  });

  it("says that the far side closed", () => {
    const session = createLive();
    stream.end();
    expect(session.state).toEqual(closedWith("REMOTE_CLOSED"));
  });

  it("says which step took too long", async () => {
    const silent = create();
    stream.open();
    vi.advanceTimersByTime(FIRST_FRAME_TIMEOUT_MS);
    expect(silent.state).toEqual(closedWith("PROTOCOL_TIMEOUT"));
    await Promise.resolve();
    const blank = create();
    greet();
    vi.advanceTimersByTime(FIRST_FRAME_TIMEOUT_MS);
    expect(blank.state).toEqual(closedWith("FIRST_FRAME_TIMEOUT"));
  });

  it("sends nothing to a guest that is only looked at", () => {
    const session = createLive({ isViewOnly: true });
    canvasOf(session).dispatchEvent(new MouseEvent("mousedown", { buttons: 1 }));
    canvasOf(session).dispatchEvent(new KeyboardEvent("keydown", { code: "KeyA", key: "a" }));
    session.sendKeys([{ keysym: 0x61, code: "KeyA" }]);
    expect(stream.takeSent()).toEqual([]);
    session.dispose();
  });

  it("gives a guest's clipboard on only where both directions are on", () => {
    const texts: string[] = [];
    const session = createLive({ clipboard: "to-guest" });
    session.onClipboard((text) => texts.push(text));
    const cutText = [3, 0, 0, 0, 0, 0, 0, 4, 0x67, 0x75, 0x72, 0x75];
    stream.receive(cutText);
    session.configure({ ...DEFAULT_SETTINGS.console, clipboard: "both" }, DEFAULT_SETTINGS.terminal);
    stream.receive(cutText);
    expect(texts).toEqual(["guru"]);
    session.dispose();
  });

  it("closes its stream and leaves no timer behind", async () => {
    const session = createLive();
    session.setVisible(false);
    session.dispose();
    await Promise.resolve();
    expect(states.at(-1)).toEqual({ phase: "closed", cause: "user" });
    expect([stream.readyState, vi.getTimerCount()]).toEqual([stream.CLOSED, 0]);
  });
});
