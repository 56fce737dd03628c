// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../shared/contracts/settings.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { FakeWebSocket } from "../../testing/fake-web-socket.ts";
import { createSerialSession, MAX_PENDING_TERMINAL_BYTES } from "./serial-session.ts";
import { type TextSession } from "./session.ts";
import { type TerminalView } from "./serial/terminal-view.ts";

/** A terminal that parses when the test says so. */
class FakeView implements TerminalView {
  readonly owned = new DisposableStore();
  readonly element = document.createElement("div");
  readonly input = this.owned.add(new Emitter<string>());
  readonly resized = this.owned.add(new Emitter<{ columns: number; rows: number }>());
  readonly bell = this.owned.add(new Emitter<void>());
  readonly onInput = this.input.event;
  readonly onResize = this.resized.event;
  readonly onBell = this.bell.event;
  readonly columns = 80;
  readonly rows = 24;
  readonly calls: string[] = [];
  written = "";
  writtenBytes = 0;
  #waiting: (() => void)[] = [];

  write(data: Uint8Array | string, handleParsed?: () => void): void {
    if (typeof data === "string") this.written += data;
    else this.writtenBytes += data.length;
    if (handleParsed !== undefined) this.#waiting.push(handleParsed);
  }
  parse(): void {
    for (const handleParsed of this.#waiting.splice(0)) handleParsed();
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
  configure(_: unknown, { isReadOnly }: { isReadOnly: boolean }): void {
    this.calls.push(isReadOnly ? "read-only" : "writable");
  }
  find(text: string, direction: string): boolean {
    this.calls.push(`${direction} ${text}`);
    return true;
  }
  clearFind(): void {
    this.calls.push("clearFind");
  }
  selection(): string {
    return "selected";
  }
  paste(text: string): void {
    this.input.fire(text);
  }
  clear(): void {
    this.calls.push("clear");
  }
  setScreenReaderMode(): void {
    this.calls.push("setScreenReaderMode");
  }
  preview(): undefined {
    return undefined;
  }
  screenshot(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  dispose(): void {
    this.owned.dispose();
  }
}

let stream: FakeWebSocket;
let view: FakeView;
let session: TextSession;
let sizes: string[];
const decode = (bytes: number[]): string => new TextDecoder().decode(Uint8Array.from(bytes));

describe("SerialSession", () => {
  expectNoLeaks();

  beforeEach(() => {
    stream = new FakeWebSocket();
    view = new FakeView();
    sizes = [];
    session = createSerialSession({
      stream: stream.asWebSocket,
      address: "web",
      settings: DEFAULT_SETTINGS.console,
      terminal: DEFAULT_SETTINGS.terminal,
      isVisible: true,
      view,
      onResize: (columns, rows) => sizes.push(`${columns}x${rows}`),
    });
  });
  afterEach(() => {
    session.dispose();
    view.dispose();
  });

  it("is live when its stream is open, and tells its size", () => {
    expect(session.state.phase).toBe("connecting");
    stream.open();
    expect([session.state.phase, sizes]).toEqual(["live", ["80x24"]]);
    view.resized.fire({ columns: 100, rows: 30 });
    expect(sizes).toEqual(["80x24", "100x30"]);
  });

  it("sends what is typed, pasted and pressed as UTF-8", () => {
    stream.open();
    view.input.fire("ä");
    session.paste("€\n");
    session.sendKeys([
      { keysym: 0xffe3, code: "ControlLeft" },
      { keysym: 0x63, code: "KeyC" },
    ]);
    expect(decode(stream.takeSent())).toBe("ä€\n\x03");
  });

  it("sends nothing while only looked at, and nothing after its end", () => {
    stream.open();
    session.configure({ ...DEFAULT_SETTINGS.console, isViewOnly: true }, DEFAULT_SETTINGS.terminal);
    view.input.fire("no");
    session.configure(DEFAULT_SETTINGS.console, DEFAULT_SETTINGS.terminal);
    stream.end();
    view.input.fire("no");
    expect(stream.takeSent()).toEqual([]);
    expect(session.state).toMatchObject({ phase: "closed", cause: { code: "REMOTE_CLOSED" } });
  });

  it("skips what a terminal cannot keep up with, says so, and goes on", () => {
    stream.open();
    const chunk = new Uint8Array(1024 * 1024);
    for (let count = 0; count < 20; count += 1) stream.receive(chunk);
    expect(view.writtenBytes).toBe(MAX_PENDING_TERMINAL_BYTES);
    view.parse();
    stream.receive([0x61]);
    expect(view.written).toContain(`${12 * 1024 * 1024} bytes skipped`);
    expect(view.writtenBytes).toBe(MAX_PENDING_TERMINAL_BYTES + 1);
  });

  it("leaves its terminal to the next session of the tab", () => {
    stream.open();
    session.dispose();
    expect(session.state).toEqual({ phase: "closed", cause: "user" });
    expect(stream.readyState).toBe(stream.CLOSED);
    expect(view.owned.isDisposed).toBe(false);
  });
});
