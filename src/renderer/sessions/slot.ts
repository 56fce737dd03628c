import { AppError, asAppError } from "../../shared/errors/app-error.ts";
import { reportOf, type ErrorReport } from "../../shared/contracts/error-report.ts";
import { type ConnectionId, type TabId } from "../../shared/contracts/ids.ts";
import { type ConsoleProtocol, type GuestState } from "../../shared/contracts/inventory.ts";
import { type ConsoleSettings, type TerminalSettings } from "../../shared/contracts/settings.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { type HostApi } from "../host-client/host-api.ts";
import { type ConsoleOpener, type ConsoleStreams, type OpenedConsole } from "./console-opener.ts";
import { createDimmedPicture } from "../screen/dimmed-picture.ts";
import { copyOfPicture, PreviewPainter } from "../screen/preview-painter.ts";
import { type ConsoleSlot, type ConsoleTarget, type SlotChange, type SlotState } from "./console-slot.ts";
import { isAwake, nextStep, reconnectPauseMs, STABLE_AFTER_MS } from "./reconnect-policy.ts";
import { createTerminalView, type TerminalView } from "./serial/terminal-view.ts";
import {
  isAgentSession,
  type AgentSession,
  type ConsoleSession,
  type SessionFacts,
  type SessionState,
} from "./session.ts";

export interface SlotSettings {
  readonly console: ConsoleSettings;
  readonly terminal: TerminalSettings;
}

export interface SessionOptions extends SlotSettings {
  readonly streams: ConsoleStreams;
  readonly target: ConsoleTarget;
  readonly address: string;
  readonly isVisible: boolean;
  /** A text console was laid out anew. */
  readonly onResize: (columns: number, rows: number) => void;
  /** The tab's terminal, made at the first call: it outlives the session, so that its scrollback is there after a reconnect. */
  readonly terminalView: () => TerminalView;
}

/** Makes the session for a protocol; throws an AppError where there is none. */
export type SessionFactory = (protocol: ConsoleProtocol, options: SessionOptions) => ConsoleSession;

export interface SlotOptions {
  readonly tabId: TabId;
  readonly target: ConsoleTarget;
  readonly api: HostApi;
  readonly opener: ConsoleOpener;
  readonly settings: () => SlotSettings;
  readonly now: () => number;
  readonly random: () => number;
  readonly guestState: () => GuestState | undefined;
  /** The guest's name, for error texts. */
  readonly address: () => string;
  readonly createSession: SessionFactory;
  readonly handleChange: (change: SlotChange) => void;
}

/** What is held for one try; released together. */
interface Attempt {
  readonly owned: DisposableStore;
  connectionId: ConnectionId | undefined;
  session: ConsoleSession | undefined;
}

/** Wide enough that a picture is never shrunk for the dimmed view. */
const WHOLE_WIDTH_PX = Number.MAX_SAFE_INTEGER;

const GUEST_GONE = reportOf(new AppError("NOT_FOUND", "guest is not there", { what: "The guest" }));

export class Slot implements ConsoleSlot, Disposable {
  readonly tabId: TabId;
  readonly target: ConsoleTarget;
  readonly element: HTMLElement;

  readonly #options: SlotOptions;
  readonly #lastPicturePreviews = new PreviewPainter();
  #attempt: Attempt | undefined;
  #terminalView: TerminalView | undefined;
  #state: SlotState = { phase: "connecting" };
  #facts: SessionFacts | undefined;
  #timer: Disposable | undefined;
  #lastPicture: HTMLCanvasElement | undefined;
  #lastPictureVersion = 0;
  #dimmedLayer: HTMLElement | undefined;
  #lastConnectionId: ConnectionId | undefined;
  #failedTries = 0;
  #liveSinceMs: number | undefined;
  #isVisible = false;
  #isDisposed = false;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.tabId = options.tabId;
    this.target = options.target;
    this.element = document.createElement("div");
    this.element.style.cssText = "position:absolute;inset:0;overflow:hidden;contain:strict";
    this.#applyVisibility();
  }

  get state(): SlotState {
    return this.#state;
  }

  get facts(): SessionFacts | undefined {
    return this.#facts;
  }

  get session(): ConsoleSession | undefined {
    return this.#attempt?.session;
  }

  start(): void {
    if (this.#isDisposed) return;
    this.#endAttempt();
    this.#timer?.dispose();
    this.#timer = undefined;
    if (this.#state.phase === "reconnecting") {
      this.#setState({ ...this.#state, retryAtMs: this.#options.now() });
    } else {
      this.#setState({ phase: "connecting" });
    }
    const attempt: Attempt = { owned: new DisposableStore(), connectionId: undefined, session: undefined };
    this.#attempt = attempt;
    drop(this.#open(attempt));
  }

  retryNow(): void {
    const { phase } = this.#state;
    if (phase === "failed" || phase === "suspended" || (phase === "reconnecting" && this.#timer !== undefined)) {
      this.start();
    }
  }

  setVisible(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    this.#applyVisibility();
    this.session?.setVisible(isVisible);
  }

  focus(): void {
    this.session?.focus();
  }

  preview(maxWidthPx: number): HTMLCanvasElement | undefined {
    const live = this.session?.preview(maxWidthPx);
    if (live !== undefined || this.#lastPicture === undefined) return live;
    return this.#lastPicturePreviews.paint(this.#lastPicture, this.#lastPictureVersion, maxWidthPx);
  }

  /** The tab's settings changed for every console. */
  configure(): void {
    const settings = this.#options.settings();
    this.session?.configure(settings.console, settings.terminal);
  }

  /** Undefined: the inventory has the guest no more. */
  handleGuestState(state: GuestState | undefined): void {
    const { phase } = this.#state;
    if (state === undefined) {
      if (phase !== "reconnecting") return;
      this.#endAttempt();
      this.#lose(GUEST_GONE, undefined);
    } else if (isAwake(state)) {
      if (phase === "suspended" || phase === "reconnecting") this.retryNow();
    } else if ((state === "off" || state === "crashed") && phase === "reconnecting") {
      this.#endAttempt();
      this.#lose(reportOf(new AppError("GUEST_OFF", "guest is off")), state);
    }
  }

  handleLinkUp(): void {
    if (this.#state.phase === "reconnecting") this.retryNow();
  }

  /** The host process ends a page's connections with its link; their streams may not hear of it. */
  handleLinkLost(): void {
    if (this.#attempt === undefined) return;
    this.#endAttempt();
    this.#lose(this.#linkLostReport());
  }

  /** The host process knows why a stream ended; that may come before or after the stream's own end. */
  handleConsoleClosed(connectionId: ConnectionId, error: ErrorReport): void {
    if (connectionId === this.#attempt?.connectionId) {
      this.#endAttempt();
      this.#lose(error);
    } else if (connectionId === this.#lastConnectionId && this.#attempt === undefined) {
      const { phase } = this.#state;
      if (phase !== "reconnecting" && phase !== "suspended") return;
      this.#failedTries -= 1;
      this.#lose(error);
    }
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#timer?.dispose();
    this.#endAttempt();
    this.#terminalView?.dispose();
    this.#terminalView = undefined;
    this.#lastPicture = undefined;
    this.element.remove();
    this.element.replaceChildren();
  }

  async #open(attempt: Attempt): Promise<void> {
    const { opener, target } = this.#options;
    const controller = new AbortController();
    attempt.owned.defer(() => {
      controller.abort();
    });
    try {
      const opened = attempt.owned.add(await opener.open(target, { signal: controller.signal }));
      if (attempt !== this.#attempt) return;
      attempt.connectionId = opened.connectionId;
      this.#lastConnectionId = opened.connectionId;
      this.#startSession(attempt, opened);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#endAttempt();
      this.#lose(reportOf(error));
      // A bug is told to the user here and to the one sink.
      if (asAppError(error).code === "BUG") throw error;
    }
  }

  #startSession(attempt: Attempt, { protocol, streams }: OpenedConsole): void {
    const { api, createSession, handleChange, address } = this.#options;
    const { tabId, target } = this;
    const settings = this.#options.settings();
    const session = createSession(protocol, {
      streams,
      target,
      address: address(),
      isVisible: this.#isVisible,
      ...settings,
      terminalView: () => (this.#terminalView ??= createTerminalView(settings.terminal)),
      onResize: (columns, rows) => {
        const { connectionId } = attempt;
        if (connectionId === undefined) return;
        api.call("console.resize", { connectionId, columns, rows }).catch(() => undefined);
      },
    });
    attempt.session = session;
    attempt.owned.add(session.onStateChange((state) => this.#handleSessionState(attempt, state)));
    attempt.owned.add(session.onFactsChange((facts) => this.#setFacts(facts)));
    attempt.owned.add(session.onClipboard((text) => handleChange({ kind: "clipboard", tabId, text })));
    attempt.owned.add(session.onBell(() => handleChange({ kind: "bell", tabId })));
    if (isAgentSession(session)) this.#listenToAgent(attempt, session);
    // Below the dimmed picture, which goes when there is a live one.
    this.element.prepend(session.element);
    this.#handleSessionState(attempt, session.state);
  }

  #listenToAgent(attempt: Attempt, session: AgentSession): void {
    const { handleChange } = this.#options;
    const { tabId } = this;
    attempt.owned.add(session.onClipboardPicture((png) => handleChange({ kind: "clipboard-picture", tabId, png })));
    attempt.owned.add(session.onFilesChange((files) => handleChange({ kind: "files", tabId, files })));
    attempt.owned.add(session.onRemark((remark) => handleChange({ kind: "remark", tabId, ...remark })));
    attempt.owned.defer(() => handleChange({ kind: "files", tabId, files: [] }));
  }

  #handleSessionState(attempt: Attempt, state: SessionState): void {
    if (attempt !== this.#attempt || attempt.session === undefined) return;
    switch (state.phase) {
      case "connecting":
        return;
      case "waiting-for-picture":
        if (this.#state.phase === "connecting") this.#setState(state);
        return;
      case "live":
        this.#handleLive(attempt.session);
        return;
      case "closed":
        this.#keepLastPicture(attempt.session);
        this.#endAttempt();
        if (state.cause !== "user") this.#lose(this.#explained(state.cause));
        return;
    }
  }

  #handleLive(session: ConsoleSession): void {
    this.#liveSinceMs = this.#options.now();
    this.#dimmedLayer?.remove();
    this.#dimmedLayer = undefined;
    this.#lastPicture = undefined;
    delete this.element.dataset["dimmed"];
    this.#setFacts(session.facts);
    this.#setState({ phase: "live" });
    // The keyboard was here when the former session ended, and nothing else has asked for it since.
    const focused = document.activeElement;
    if (this.#isVisible && (focused === null || focused === document.body || this.element.contains(focused))) {
      session.focus();
    }
  }

  /** After the attempt has ended: decides what comes next. */
  #lose(error: ErrorReport, guestState: GuestState | undefined = this.#options.guestState()): void {
    if (this.#isDisposed) return;
    this.#timer?.dispose();
    this.#timer = undefined;
    const now = this.#options.now();
    if (this.#liveSinceMs !== undefined && now - this.#liveSinceMs >= STABLE_AFTER_MS) this.#failedTries = 0;
    this.#liveSinceMs = undefined;
    switch (nextStep(error, guestState)) {
      case "fail":
        this.#failedTries = 0;
        this.#setState({ phase: "failed", error });
        return;
      case "suspend":
        this.#failedTries = 0;
        this.#setState({
          phase: "suspended",
          error: guestState === undefined ? GUEST_GONE : reportOf(new AppError("GUEST_OFF", "guest is off")),
        });
        return;
      case "retry": {
        this.#failedTries += 1;
        const pauseMs = reconnectPauseMs(this.#failedTries, this.#options.random());
        this.#timer = after(pauseMs, () => {
          this.#timer = undefined;
          this.start();
        });
        this.#setState({ phase: "reconnecting", error, attempt: this.#failedTries, retryAtMs: now + pauseMs });
      }
    }
  }

  /** A stream that ends because the whole link went says only that it ended. */
  #explained(error: ErrorReport): ErrorReport {
    if (error.code !== "REMOTE_CLOSED" || this.#options.api.link === "up") return error;
    return this.#linkLostReport();
  }

  #linkLostReport(): ErrorReport {
    return reportOf(new AppError("GATEWAY_LOST", "link to the host process is down"));
  }

  #endAttempt(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#attempt = undefined;
    const { session } = attempt;
    if (session !== undefined) {
      this.#keepLastPicture(session);
      session.element.remove();
    }
    attempt.owned.dispose();
    session?.dispose();
  }

  #keepLastPicture(session: ConsoleSession): void {
    const picture = this.#isDisposed ? undefined : session.preview(WHOLE_WIDTH_PX);
    const copy = picture === undefined ? undefined : copyOfPicture(picture);
    if (copy === undefined) return;
    this.#lastPicture = copy;
    this.#lastPictureVersion += 1;
    this.#dimmedLayer?.remove();
    this.#dimmedLayer = createDimmedPicture(copy);
    this.element.append(this.#dimmedLayer);
    this.element.dataset["dimmed"] = "true";
  }

  #setFacts(facts: SessionFacts): void {
    this.#facts = facts;
    this.#options.handleChange({ kind: "facts", tabId: this.tabId, facts });
  }

  #setState(state: SlotState): void {
    this.#state = state;
    this.#options.handleChange({ kind: "state", tabId: this.tabId, state });
  }

  /** Skipped contents are neither laid out, painted nor composited, but keep their layout for the moment they are shown. */
  #applyVisibility(): void {
    this.element.style.contentVisibility = this.#isVisible ? "visible" : "hidden";
  }
}
