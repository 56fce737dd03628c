import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal, type ITheme } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { type TerminalSettings } from "../../../shared/contracts/settings.ts";
import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { drop } from "../../../shared/lifecycle/drop.ts";
import { Emitter, type Event } from "../../../shared/lifecycle/event.ts";
import { after } from "../../../shared/lifecycle/timer.ts";
import { PreviewPainter } from "../../screen/preview-painter.ts";
import { MIN_TEXT_CONTRAST } from "./legible-colour.ts";
import { paintTerminal } from "./text-painter.ts";

/** Starting WebGL takes long enough to be felt in a switch, so a terminal paints with elements for its first moment. */
const WEBGL_AFTER_MS = 400;

/** Terminals that keep their WebGL context, last shown first. A page has sixteen contexts (Chromium 156), and each costs memory. */
const MAX_WEBGL_TERMINALS = 4;

const webglViews: XtermView[] = [];

/** The face of a terminal: what is shown, selected, found and typed. It outlives the connections of its tab, so that the scrollback stays. */
export interface TerminalView extends Disposable {
  readonly element: HTMLElement;
  readonly columns: number;
  readonly rows: number;
  /** Typed or pasted text, to be sent. */
  readonly onInput: Event<string>;
  readonly onResize: Event<{ readonly columns: number; readonly rows: number }>;
  readonly onBell: Event<void>;
  /** Parts of UTF-8 characters are kept until their rest comes. `handleParsed` is called when the bytes are on the screen's buffer. */
  write(data: Uint8Array | string, handleParsed?: () => void): void;
  setVisible(isVisible: boolean): void;
  focus(): void;
  blur(): void;
  configure(settings: TerminalSettings, options: { isReadOnly: boolean }): void;
  find(text: string, direction: "next" | "previous"): boolean;
  clearFind(): void;
  selection(): string;
  paste(text: string): void;
  clear(): void;
  /** Gives a screen reader the text as elements; costs speed, so only when asked for. */
  setScreenReaderMode(isOn: boolean): void;
  preview(maxWidthPx: number): HTMLCanvasElement | undefined;
  screenshot(): Promise<Blob | undefined>;
}

export function createTerminalView(settings: TerminalSettings): TerminalView {
  return new XtermView(settings);
}

function colour(name: string, fallback: string): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return value === "" ? fallback : value;
}

function themeOfPage(): ITheme {
  const focus = colour("--focus", "#7db4ff");
  return {
    background: colour("--ground", "#0e1013"),
    foreground: colour("--text", "#e7e9ec"),
    cursor: colour("--signal", "#f0b23c"),
    cursorAccent: colour("--signal-ink", "#1a1303"),
    selectionBackground: focus.length === 7 ? `${focus}55` : focus,
  };
}

class XtermView implements TerminalView {
  readonly element = document.createElement("div");
  readonly #owned = new DisposableStore();
  readonly #input = this.#owned.add(new Emitter<string>());
  readonly #resize = this.#owned.add(new Emitter<{ readonly columns: number; readonly rows: number }>());
  readonly #bell = this.#owned.add(new Emitter<void>());
  readonly onInput = this.#input.event;
  readonly onResize = this.#resize.event;
  readonly onBell = this.#bell.event;

  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #previews = new PreviewPainter();
  #webgl: WebglAddon | undefined;
  #webglTimer: Disposable | undefined;
  #picture: HTMLCanvasElement | undefined;
  #paintedVersion = -1;
  #version = 0;
  #hasWebgl = true;
  #isVisible = false;

  constructor(settings: TerminalSettings) {
    this.element.style.cssText =
      "position:absolute;inset:0;overflow:hidden;padding:6px 0 0 8px;background:var(--ground)";
    this.element.dataset["testid"] = "guest-terminal";
    this.#terminal = new Terminal({
      fontSize: settings.fontSizePx,
      scrollback: settings.scrollbackLines,
      fontFamily: colour("--mono", "monospace"),
      theme: themeOfPage(),
      // The guest chose its colours for a black screen; yellow on a light ground could not be read.
      minimumContrastRatio: MIN_TEXT_CONTRAST,
      // A serial line's far side may not know bracketed paste, and would show its marks.
      ignoreBracketedPasteMode: true,
      cursorBlink: false,
      allowProposedApi: false,
      macOptionIsMeta: true,
    });
    const terminal = this.#owned.add(this.#terminal);
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    terminal.open(this.element);
    this.#owned.add(terminal.onData((text) => this.#input.fire(text)));
    this.#owned.add(terminal.onBell(() => this.#bell.fire()));
    this.#owned.add(terminal.onResize(({ cols, rows }) => this.#resize.fire({ columns: cols, rows })));
    this.#owned.add(
      terminal.onWriteParsed(() => {
        this.#version += 1;
      }),
    );
    terminal.attachCustomKeyEventHandler((event) => this.#handleKey(event));
    const sizes = new ResizeObserver(() => this.#refit());
    sizes.observe(this.element);
    const theme = new MutationObserver(() => {
      this.#terminal.options.theme = themeOfPage();
      this.#version += 1;
    });
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "data-theme"] });
    this.#owned.defer(() => {
      sizes.disconnect();
      theme.disconnect();
      this.#dropWebgl();
    });
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  write(data: Uint8Array | string, handleParsed?: () => void): void {
    this.#terminal.write(data, handleParsed);
  }

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible;
    this.#webglTimer?.dispose();
    this.#webglTimer = undefined;
    if (!isVisible) return;
    this.#refit();
    if (this.#hasWebgl) this.#webglTimer = after(WEBGL_AFTER_MS, () => this.#useWebgl());
  }

  focus(): void {
    this.#terminal.focus();
  }

  blur(): void {
    this.#terminal.blur();
  }

  configure(settings: TerminalSettings, options: { isReadOnly: boolean }): void {
    this.#terminal.options.fontSize = settings.fontSizePx;
    this.#terminal.options.scrollback = settings.scrollbackLines;
    this.#terminal.options.disableStdin = options.isReadOnly;
    this.#refit();
  }

  find(text: string, direction: "next" | "previous"): boolean {
    return direction === "next" ? this.#search.findNext(text, { incremental: false }) : this.#search.findPrevious(text);
  }

  clearFind(): void {
    this.#search.clearDecorations();
    this.#terminal.clearSelection();
  }

  selection(): string {
    return this.#terminal.getSelection();
  }

  paste(text: string): void {
    this.#terminal.paste(text);
  }

  clear(): void {
    this.#terminal.clear();
  }

  setScreenReaderMode(isOn: boolean): void {
    this.#terminal.options.screenReaderMode = isOn;
  }

  preview(maxWidthPx: number): HTMLCanvasElement | undefined {
    const picture = this.#paint();
    return picture === undefined ? undefined : this.#previews.paint(picture, this.#paintedVersion, maxWidthPx);
  }

  screenshot(): Promise<Blob | undefined> {
    const picture = this.#paint();
    if (picture === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      picture.toBlob((blob) => {
        resolve(blob ?? undefined);
      }, "image/png");
    });
  }

  dispose(): void {
    this.#webglTimer?.dispose();
    this.#owned.dispose();
    this.element.remove();
  }

  #paint(): HTMLCanvasElement | undefined {
    if (this.#version === 0) return undefined;
    const picture = (this.#picture ??= document.createElement("canvas"));
    if (this.#paintedVersion !== this.#version) {
      if (!paintTerminal(this.#terminal, picture, this.#terminal.options.fontSize ?? 14)) return undefined;
      this.#paintedVersion = this.#version;
    }
    return picture;
  }

  /** Ctrl+Shift+C copies; Ctrl+C belongs to the guest. Pasting comes as the browser's own paste event. */
  #handleKey(event: KeyboardEvent): boolean {
    if (event.ctrlKey && event.shiftKey && event.code === "KeyC") {
      const text = this.selection();
      if (event.type === "keydown" && text !== "") drop(navigator.clipboard.writeText(text));
      event.preventDefault();
      return false;
    }
    return !(event.ctrlKey && event.shiftKey && event.code === "KeyV");
  }

  #refit(): void {
    // To measure a hidden element makes the browser lay it out. No room, nothing to fit: not yet in the page.
    if (!this.#isVisible) return;
    if (this.element.clientWidth > 0 && this.element.clientHeight > 0) this.#fit.fit();
  }

  #useWebgl(): void {
    const at = webglViews.indexOf(this);
    if (at >= 0) webglViews.splice(at, 1);
    webglViews.unshift(this);
    if (this.#webgl !== undefined || !this.element.isConnected) return;
    const oldest = webglViews[MAX_WEBGL_TERMINALS];
    if (oldest !== undefined) oldest.#dropWebgl();
    const webgl = new WebglAddon();
    try {
      this.#terminal.loadAddon(webgl);
    } catch {
      // No WebGL 2 here: the elements go on painting.
      this.#hasWebgl = false;
      webgl.dispose();
      return;
    }
    this.#webgl = webgl;
    webgl.onContextLoss(() => {
      this.#dropWebgl();
      this.#hasWebgl = false;
    });
    // Its cells are whole pixels wide, those of elements are not.
    this.#refit();
  }

  #dropWebgl(): void {
    this.#webglTimer?.dispose();
    this.#webglTimer = undefined;
    const at = webglViews.indexOf(this);
    if (at >= 0) webglViews.splice(at, 1);
    const webgl = this.#webgl;
    this.#webgl = undefined;
    webgl?.dispose();
  }
}
