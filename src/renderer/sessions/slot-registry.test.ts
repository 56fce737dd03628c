// @vitest-environment jsdom
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ErrorReport } from "../../shared/contracts/error-report.ts";
import { type ApiEvent } from "../../shared/contracts/api.ts";
import {
  type ConnectionId,
  type ConsoleId,
  type GuestId,
  type TabId,
  type TicketId,
} from "../../shared/contracts/ids.ts";
import { type GuestState } from "../../shared/contracts/inventory.ts";
import { DEFAULT_SETTINGS } from "../../shared/contracts/settings.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { type ErrorCode } from "../../shared/errors/error-codes.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { installFakePage } from "../../testing/fake-page.ts";
import { FakeWebSocket } from "../../testing/fake-web-socket.ts";
import { type HostApi, type LinkState, type StreamPass } from "../host-client/host-api.ts";
import { type ConsoleTarget } from "./console-slot.ts";
import { RECONNECT_PAUSES_MS, STABLE_AFTER_MS } from "./reconnect-policy.ts";
import { type ConsoleSession, type SessionFacts, type SessionState } from "./session.ts";
import { createSlotRegistry, type OwnedSlotRegistry } from "./slot-registry.ts";

const TAB = "tab-1" as TabId;
const GUEST = "host/guest" as GuestId;
const TARGET: ConsoleTarget = { guestId: GUEST, consoleId: "vnc" as ConsoleId, protocol: "vnc" };

const report = (code: ErrorCode): ErrorReport => ({ code, message: "made up", detail: {} });

class FakeSession implements ConsoleSession {
  readonly protocol = "vnc";
  readonly element = document.createElement("section");
  readonly owned = new DisposableStore();
  readonly stateChange = this.owned.add(new Emitter<SessionState>());
  readonly factsChange = this.owned.add(new Emitter<SessionFacts>());
  readonly clipboard = this.owned.add(new Emitter<string>());
  readonly bell = this.owned.add(new Emitter<void>());
  readonly onStateChange = this.stateChange.event;
  readonly onFactsChange = this.factsChange.event;
  readonly onClipboard = this.clipboard.event;
  readonly onBell = this.bell.event;
  readonly facts: SessionFacts = {
    protocol: "vnc",
    width: 8,
    height: 4,
    canResizeGuest: false,
    canUseClipboard: true,
    needsPointerLock: false,
    isPointerLocked: false,
  };
  readonly calls: string[] = [];
  state: SessionState = { phase: "connecting" };

  set(state: SessionState): void {
    this.state = state;
    this.stateChange.fire(state);
  }
  setVisible(isVisible: boolean): void {
    this.calls.push(isVisible ? "show" : "hide");
  }
  focus(): void {
    this.calls.push("focus");
  }
  blur(): void {
    this.calls.push("blur");
  }
  configure(): void {
    this.calls.push("configure");
  }
  preview(): HTMLCanvasElement | undefined {
    if (!this.calls.includes("painted")) return undefined;
    const canvas = document.createElement("canvas");
    canvas.width = 8;
    canvas.height = 4;
    return canvas;
  }
  screenshot(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  sendKeys(): void {
    this.calls.push("sendKeys");
  }
  sendKey(): void {
    this.calls.push("sendKey");
  }
  releaseKeys(): void {
    this.calls.push("releaseKeys");
  }
  readonly onHeldKeysChange = new Emitter<void>().event;
  isKeyHeld(): boolean {
    return false;
  }
  setClipboard(): void {
    this.calls.push("setClipboard");
  }
  requestPointerLock(): void {
    this.calls.push("requestPointerLock");
  }
  dispose(): void {
    this.calls.push("dispose");
    this.owned.dispose();
  }
}

class FakeApi implements HostApi {
  readonly events = new Emitter<ApiEvent>();
  readonly links = new Emitter<LinkState>();
  readonly onEvent = this.events.event;
  readonly onLinkChange = this.links.event;
  readonly called: string[] = [];
  link: LinkState = "up";
  /** What the next `console.open` fails with. */
  refusal: ErrorCode | undefined;
  opened = 0;

  readonly call = ((method: string): Promise<unknown> => {
    this.called.push(method);
    if (method !== "console.open") return Promise.resolve({});
    if (this.refusal !== undefined) return Promise.reject(new AppError(this.refusal, "made up"));
    this.opened += 1;
    return Promise.resolve({ connectionId: `connection-${this.opened}`, protocol: "vnc", ticket: "ticket" });
  }) as HostApi["call"];

  openStream(ticket: TicketId): WebSocket {
    this.called.push(`stream ${ticket}`);
    return new FakeWebSocket().asWebSocket;
  }
  streamPass(): StreamPass {
    return { url: "", protocols: [] };
  }
  pictureUrl(): string {
    return "";
  }
  setLink(link: LinkState): void {
    this.link = link;
    this.links.fire(link);
  }
}

let api: FakeApi;
let registry: OwnedSlotRegistry;
let sessions: FakeSession[];
let phases: string[];
let guestState: GuestState | undefined;
let listener: Disposable;

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const slot = () => registry.get(TAB)!;
const lastSession = (): FakeSession => sessions.at(-1)!;

async function openLive(): Promise<void> {
  registry.open(TAB, TARGET);
  await settled();
  lastSession().calls.push("painted");
  lastSession().set({ phase: "live" });
}

function loseWith(code: ErrorCode): void {
  lastSession().set({ phase: "closed", cause: report(code) });
}

describe("SlotRegistry", () => {
  beforeAll(installFakePage);
  expectNoLeaks();

  beforeEach(() => {
    vi.useFakeTimers();
    api = new FakeApi();
    sessions = [];
    phases = [];
    guestState = "running";
    registry = createSlotRegistry({
      api,
      settings: () => ({ console: DEFAULT_SETTINGS.console, terminal: DEFAULT_SETTINGS.terminal }),
      now: () => Date.now(),
      random: () => 0.5,
      guestStateOf: () => guestState,
      createSession: (_, options) => {
        options.streams.open();
        const session = new FakeSession();
        sessions.push(session);
        return session;
      },
    });
    listener = registry.onChange((change) => {
      if (change.kind === "state") phases.push(change.state.phase);
    });
  });
  afterEach(() => {
    listener.dispose();
    registry.dispose();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("opens a console: asks for it, takes its stream, shows its session", async () => {
    await openLive();
    expect(api.called).toEqual(["console.open", "stream ticket"]);
    expect(phases).toEqual(["connecting", "live"]);
    expect(slot().element.contains(lastSession().element)).toBe(true);
    expect(slot().facts).toEqual(lastSession().facts);
  });

  it("keeps the last picture, dimmed, until the next session has one", async () => {
    await openLive();
    const { element } = slot();
    loseWith("REMOTE_CLOSED");
    expect(element.dataset["dimmed"]).toBe("true");
    expect(element.querySelector("[data-testid=last-picture] canvas")).not.toBeNull();
    expect(slot().preview(100)).toBeDefined();
    await vi.advanceTimersByTimeAsync(RECONNECT_PAUSES_MS[0]);
    lastSession().set({ phase: "waiting-for-picture" });
    expect(element.dataset["dimmed"]).toBe("true");
    lastSession().set({ phase: "live" });
    expect([element.dataset["dimmed"], element.querySelector("[data-testid=last-picture]")]).toEqual([undefined, null]);
  });

  it("tries again with growing pauses, and for as long as the tab is open", async () => {
    api.refusal = "CONNECT_REFUSED";
    registry.open(TAB, TARGET);
    await settled();
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      const { state } = slot();
      if (state.phase !== "reconnecting") throw new Error(state.phase);
      expect(state.attempt).toBe(attempt);
      pauses.push(state.retryAtMs - Date.now());
      await vi.advanceTimersByTimeAsync(state.retryAtMs - Date.now());
    }
    expect(pauses).toEqual([...RECONNECT_PAUSES_MS, 30_000, 30_000, 30_000]);
  });

  it("starts with the short pause again only after a console was live for a while", async () => {
    await openLive();
    loseWith("REMOTE_CLOSED");
    await vi.advanceTimersByTimeAsync(RECONNECT_PAUSES_MS[0]);
    lastSession().set({ phase: "live" });
    loseWith("REMOTE_CLOSED");
    expect(slot().state).toMatchObject({ attempt: 2 });
    await vi.advanceTimersByTimeAsync(RECONNECT_PAUSES_MS[1]);
    lastSession().set({ phase: "live" });
    await vi.advanceTimersByTimeAsync(STABLE_AFTER_MS);
    loseWith("REMOTE_CLOSED");
    expect(slot().state).toMatchObject({ attempt: 1 });
  });

  it.each<ErrorCode>([
    "LOGIN_REFUSED",
    "SSH_HOST_KEY_CHANGED",
    "TLS_CHANGED",
    "FRAMEBUFFER_TOO_LARGE",
    "PROTOCOL_MISMATCH",
    "CANCELLED",
  ])("waits for the user after %s", async (code) => {
    api.refusal = code;
    registry.open(TAB, TARGET);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(phases).toEqual(["connecting", "failed"]);
    api.refusal = undefined;
    slot().retryNow();
    await settled();
    expect(sessions).toHaveLength(1);
  });

  it("waits for a guest that is off, and opens at once when it runs", async () => {
    await openLive();
    guestState = "off";
    loseWith("REMOTE_CLOSED");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(slot().state).toMatchObject({ phase: "suspended", error: { code: "GUEST_OFF" } });
    guestState = "running";
    registry.guestStateChanged(GUEST, "running");
    await settled();
    expect(sessions).toHaveLength(2);
  });

  it("waits for a guest that the inventory has no more, and opens at once when it is back", async () => {
    await openLive();
    loseWith("REMOTE_CLOSED");
    expect(slot().state.phase).toBe("reconnecting");
    guestState = undefined;
    registry.guestStateChanged(GUEST, undefined);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(slot().state).toMatchObject({ phase: "suspended", error: { code: "NOT_FOUND" } });
    guestState = "running";
    registry.guestStateChanged(GUEST, "running");
    await settled();
    expect(sessions).toHaveLength(2);
  });

  it("goes on trying when a guest is said to be off but the inventory has it running", async () => {
    api.refusal = "GUEST_OFF";
    registry.open(TAB, TARGET);
    await settled();
    expect(slot().state.phase).toBe("reconnecting");
  });

  it("does not wait out a pause when the guest comes back", async () => {
    await openLive();
    loseWith("REMOTE_CLOSED");
    registry.guestStateChanged(GUEST, "off");
    expect(slot().state.phase).toBe("suspended");
    registry.guestStateChanged(GUEST, "running");
    await settled();
    expect(sessions).toHaveLength(2);
  });

  it("ends its sessions with the link and opens them again with it", async () => {
    await openLive();
    api.setLink("lost");
    expect(slot().state).toMatchObject({ phase: "reconnecting", error: { code: "GATEWAY_LOST" } });
    expect(lastSession().calls).toContain("dispose");
    api.setLink("up");
    await settled();
    expect(sessions).toHaveLength(2);
  });

  it.each(["before", "after"])("tells the host process's reason, which comes %s the stream's end", async (order) => {
    await openLive();
    const tellReason = (): void => {
      const connectionId = "connection-1" as ConnectionId;
      api.events.fire({ name: "console-closed", connectionId, error: report("CONNECTION_LOST") });
    };
    if (order === "before") tellReason();
    loseWith("REMOTE_CLOSED");
    if (order === "after") tellReason();
    expect(slot().state).toMatchObject({ phase: "reconnecting", attempt: 1, error: { code: "CONNECTION_LOST" } });
  });

  it("closes what it opened, also when it is closed on the way", async () => {
    await openLive();
    registry.close(TAB);
    await settled();
    expect(api.called.filter((method) => method === "console.close")).toHaveLength(1);
    expect(lastSession().calls).toContain("dispose");
    registry.open(TAB, TARGET);
    registry.close(TAB);
    await settled();
    expect(api.called.filter((method) => method === "console.close")).toHaveLength(2);
    expect(sessions).toHaveLength(1);
  });

  it("shows and hides without taking the element apart", async () => {
    await openLive();
    slot().setVisible(true);
    expect(slot().element.style.contentVisibility).toBe("visible");
    slot().setVisible(false);
    expect(slot().element.style.contentVisibility).toBe("hidden");
    expect(lastSession().calls).toEqual(["painted", "show", "hide"]);
  });

  it("gives the keyboard back to a shown console that was lost, but takes it from nothing else", async () => {
    const field = document.createElement("input");
    document.body.append(field);
    await openLive();
    slot().setVisible(true);
    for (const isTyping of [false, true]) {
      if (isTyping) field.focus();
      loseWith("REMOTE_CLOSED");
      await vi.advanceTimersByTimeAsync(RECONNECT_PAUSES_MS[1]);
      lastSession().set({ phase: "live" });
      expect(lastSession().calls.includes("focus")).toBe(!isTyping);
    }
    field.remove();
  });

  it("says that a protocol is not shown by this version", async () => {
    registry.dispose();
    registry = createSlotRegistry({
      api: Object.assign(api, {
        call: () => Promise.resolve({ connectionId: "c", protocol: "rdp", ticket: "t" }),
      }),
      settings: () => ({ console: DEFAULT_SETTINGS.console, terminal: DEFAULT_SETTINGS.terminal }),
      now: () => Date.now(),
      random: () => 0.5,
      guestStateOf: () => "running",
    });
    registry.open(TAB, TARGET);
    await settled();
    expect(slot().state).toMatchObject({ phase: "failed", error: { code: "UNSUPPORTED" } });
  });
});
