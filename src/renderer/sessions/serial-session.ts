import { AppError } from "../../shared/errors/app-error.ts";
import { reportOf, type ErrorReport } from "../../shared/contracts/error-report.ts";
import { type ConsoleSettings, type TerminalSettings } from "../../shared/contracts/settings.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { KeyTranslator } from "./serial/key-bytes.ts";
import { type TerminalView } from "./serial/terminal-view.ts";
import { HeldKeys } from "./held-keys.ts";
import { type GuestKey, type SessionFacts, type SessionState, type TextSession } from "./session.ts";

/**
 * Bytes that may wait to be parsed by the terminal. A WebSocket cannot be told to wait, and a guest that prints without end is
 * faster than any terminal: what comes above this is skipped, and the terminal says so. About a second of parsing.
 */
export const MAX_PENDING_TERMINAL_BYTES = 8 * 1024 * 1024;

/** After skipping, the terminal catches up to this before it takes more. */
const RESUME_TERMINAL_BYTES = 1024 * 1024;

/** Largest message to the guest; the gateway takes up to 1 MiB. */
const MAX_SENT_BYTES = 64 * 1024;

/** What is used of a WebSocket. */
export type ByteStream = Pick<
  WebSocket,
  "OPEN" | "readyState" | "binaryType" | "send" | "close" | "addEventListener" | "removeEventListener"
>;

export interface SerialSessionOptions {
  /** Binary messages both ways: the bytes of the line. */
  readonly stream: ByteStream;
  /** For error texts: the guest's name. */
  readonly address: string;
  readonly settings: ConsoleSettings;
  readonly terminal: TerminalSettings;
  readonly isVisible: boolean;
  /** Belongs to the caller, who may give it to the next session of the same tab. */
  readonly view: TerminalView;
  readonly onResize: (columns: number, rows: number) => void;
}

/** One live text console over xterm.js. */
export function createSerialSession(options: SerialSessionOptions): TextSession {
  return new SerialSession(options);
}

class SerialSession implements TextSession {
  readonly protocol = "serial";
  readonly #options: SerialSessionOptions;
  readonly #view: TerminalView;
  readonly #owned = new DisposableStore();
  readonly #stateChange = this.#owned.add(new Emitter<SessionState>());
  readonly #factsChange = this.#owned.add(new Emitter<SessionFacts>());
  readonly #clipboard = this.#owned.add(new Emitter<string>());
  readonly onStateChange = this.#stateChange.event;
  readonly onFactsChange = this.#factsChange.event;
  /** A line has no clipboard. */
  readonly onClipboard = this.#clipboard.event;
  readonly onBell: TerminalView["onBell"];

  readonly #encoder = new TextEncoder();
  readonly #keys = new KeyTranslator();
  readonly #heldKeys = this.#owned.add(new HeldKeys());
  readonly onHeldKeysChange = this.#heldKeys.onChange;
  #state: SessionState = { phase: "connecting" };
  #isReadOnly: boolean;
  #pendingBytes = 0;
  #skippedBytes = 0;

  constructor(options: SerialSessionOptions) {
    this.#options = options;
    const { view, stream } = options;
    this.#view = view;
    this.onBell = view.onBell;
    this.#isReadOnly = options.settings.isViewOnly;
    stream.binaryType = "arraybuffer";
    this.#listen("open", () => this.#handleOpen());
    this.#listen("message", (event: MessageEvent<unknown>) => {
      if (event.data instanceof ArrayBuffer) this.#receive(new Uint8Array(event.data));
    });
    this.#listen("close", () => {
      this.#close(
        reportOf(new AppError("REMOTE_CLOSED", "the far side closed the stream", { address: options.address })),
      );
    });
    this.#owned.add(view.onInput((text) => this.#send(text)));
    this.#owned.add(
      view.onResize(({ columns, rows }) => {
        this.#factsChange.fire(this.facts);
        if (this.#state.phase === "live") options.onResize(columns, rows);
      }),
    );
    this.configure(options.settings, options.terminal);
    view.setVisible(options.isVisible);
    if (stream.readyState === stream.OPEN) this.#handleOpen();
  }

  get element(): HTMLElement {
    return this.#view.element;
  }

  get state(): SessionState {
    return this.#state;
  }

  get facts(): SessionFacts {
    return {
      protocol: "serial",
      width: this.#view.columns,
      height: this.#view.rows,
      canResizeGuest: false,
      canUseClipboard: false,
      needsPointerLock: false,
      isPointerLocked: false,
    };
  }

  setVisible(isVisible: boolean): void {
    this.#view.setVisible(isVisible);
  }

  focus(): void {
    this.#view.focus();
  }

  blur(): void {
    this.releaseKeys();
    this.#view.blur();
  }

  sendKeys(keys: readonly GuestKey[]): void {
    for (const key of keys) this.sendKey(key, true);
    for (const key of keys.toReversed()) this.sendKey(key, false);
  }

  sendKey(key: GuestKey, isDown: boolean): void {
    this.#heldKeys.note(key, isDown);
    this.#send(this.#keys.push(key, isDown));
  }

  isKeyHeld(code: string): boolean {
    return this.#heldKeys.has(code);
  }

  releaseKeys(): void {
    for (const key of this.#heldKeys.newestFirst) this.#heldKeys.note(key, false);
    this.#keys.release();
  }

  setClipboard(): void {
    // A line has no clipboard; pasting is typing, and is done by `paste`.
  }

  configure(settings: ConsoleSettings, terminal: TerminalSettings): void {
    this.#isReadOnly = settings.isViewOnly;
    this.#view.configure(terminal, { isReadOnly: settings.isViewOnly });
  }

  screenshot(): Promise<Blob | undefined> {
    return this.#view.screenshot();
  }

  preview(maxWidthPx: number): HTMLCanvasElement | undefined {
    return this.#view.preview(maxWidthPx);
  }

  requestPointerLock(): void {
    // Text has no pointer.
  }

  find(text: string, direction: "next" | "previous"): boolean {
    return this.#view.find(text, direction);
  }

  clearFind(): void {
    this.#view.clearFind();
  }

  selection(): string {
    return this.#view.selection();
  }

  paste(text: string): void {
    this.#view.paste(text);
  }

  clear(): void {
    this.#view.clear();
  }

  dispose(): void {
    this.#close("user");
    this.#owned.dispose();
  }

  #handleOpen(): void {
    if (this.#state.phase !== "connecting") return;
    this.#setState({ phase: "live" });
    this.#options.onResize(this.#view.columns, this.#view.rows);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#skippedBytes > 0 && this.#pendingBytes <= RESUME_TERMINAL_BYTES) {
      const text = `\x18\x1b[0m\r\n\x1b[7m ${this.#skippedBytes} bytes skipped \x1b[0m\r\n`;
      this.#skippedBytes = 0;
      this.#view.write(text);
    }
    if (this.#skippedBytes > 0 || this.#pendingBytes + bytes.length > MAX_PENDING_TERMINAL_BYTES) {
      this.#skippedBytes += bytes.length;
      return;
    }
    this.#pendingBytes += bytes.length;
    this.#view.write(bytes, () => {
      this.#pendingBytes -= bytes.length;
    });
  }

  #send(text: string): void {
    const { stream } = this.#options;
    if (text === "" || this.#isReadOnly || this.#state.phase !== "live" || stream.readyState !== stream.OPEN) return;
    const bytes = this.#encoder.encode(text);
    for (let at = 0; at < bytes.length; at += MAX_SENT_BYTES) stream.send(bytes.subarray(at, at + MAX_SENT_BYTES));
  }

  #close(cause: "user" | ErrorReport): void {
    if (this.#state.phase === "closed") return;
    this.#setState({ phase: "closed", cause });
    this.#options.stream.close();
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#stateChange.fire(state);
  }

  #listen<K extends keyof WebSocketEventMap>(type: K, listener: (event: WebSocketEventMap[K]) => void): void {
    const { stream } = this.#options;
    stream.addEventListener(type, listener);
    this.#owned.defer(() => {
      stream.removeEventListener(type, listener);
    });
  }
}
