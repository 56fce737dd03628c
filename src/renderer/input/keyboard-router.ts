import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import { type HotkeySettings } from "../../shared/contracts/settings.ts";
import { type ConsoleSession } from "../sessions/session.ts";
import { type HotkeyAction } from "./hotkeys/hotkey-action.ts";
import { createHotkeyEngine } from "./hotkeys/hotkey-engine.ts";
import { type HotkeyKeyEvent, type TimedOutput } from "./hotkeys/key-event.ts";

/**
 * Stands before every other listener of the page and asks the hotkey engine about each key event. What is the guest's goes
 * on to where the focus is (noVNC, xterm, or the app's own fields) as if nobody had looked; what is a hotkey's goes nowhere.
 */
export interface KeyboardRouter extends Disposable {
  setSettings(settings: HotkeySettings): void;
  /** Auto-scan started otherwise than by hotkey (a menu, the command line). */
  startScan(): void;
  /** Ends leader, stepping and scan without a choice: a card was clicked, a dialog opened. */
  cancel(): void;
  readonly isScanning: boolean;
}

export interface KeyboardRouterOptions {
  readonly window: Window & typeof globalThis;
  readonly settings: HotkeySettings;
  /** The session of the shown tab, if it is live. */
  activeSession(): ConsoleSession | undefined;
  perform(action: HotkeyAction): void;
}

/** Pointer events that a guest would take as input; swallowed over the console while auto-scan runs. */
const POINTER_INPUT = [
  "pointerdown",
  "pointerup",
  "pointermove",
  "mousedown",
  "mouseup",
  "mousemove",
  "click",
  "dblclick",
  "wheel",
  "touchstart",
  "touchmove",
  "touchend",
  "contextmenu",
] as const;

export function createKeyboardRouter(options: KeyboardRouterOptions): KeyboardRouter {
  const { window } = options;
  const { document } = window;
  const owned = new DisposableStore();
  const engine = createHotkeyEngine(options.settings);
  /** The DOM event behind an engine event, so that a replay says exactly what the first one said. */
  const sources = new WeakMap<HotkeyKeyEvent, KeyboardEvent>();
  /** Events made here; they have been decided about. */
  const replayed = new WeakSet<Event>();
  let timer: Disposable | undefined;
  let afterClick: Disposable | undefined;

  const armTimer = (): void => {
    timer?.dispose();
    timer = undefined;
    const deadlineMs = engine.nextDeadlineMs;
    if (deadlineMs === undefined || owned.isDisposed) return;
    timer = after(Math.max(0, deadlineMs - window.performance.now()), () => {
      apply(engine.handleTime(Math.max(deadlineMs, window.performance.now())));
    });
  };

  const deliver = (event: HotkeyKeyEvent): void => {
    const again = new window.KeyboardEvent(event.type === "down" ? "keydown" : "keyup", {
      ...describeKey(event, sources.get(event)),
      bubbles: true,
      cancelable: true,
      composed: true,
    });
    replayed.add(again);
    (document.activeElement ?? document.body).dispatchEvent(again);
  };

  const apply = (output: TimedOutput): void => {
    if (output.releaseGuestKeys) options.activeSession()?.releaseKeys();
    for (const event of output.replay) deliver(event);
    // Armed before the actions: one of them may come back here (cancel).
    armTimer();
    for (const action of output.actions) options.perform(action);
  };

  const handleKey = (event: KeyboardEvent): void => {
    if (replayed.has(event)) return;
    const seen = observeKey(event);
    sources.set(seen, event);
    const output = engine.handleKey(seen);
    if (output.disposition !== "to-guest") {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    apply(output);
  };

  const handlePointer = (event: Event): void => {
    if (engine.isScanning) {
      const element = options.activeSession()?.element;
      if (element && event.target instanceof window.Node && element.contains(event.target)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
      return;
    }
    if (event.type === "pointerdown" || event.type === "wheel") apply(engine.handlePointer());
    // A click ends a waiting leader, after whoever was clicked (a card of the switch display) has heard of it.
    if (event.type === "click") afterClick = after(0, cancel);
  };

  const cancel = (): void => {
    apply(engine.cancel());
  };

  const releaseAll = (): void => {
    apply(engine.releaseAll());
  };

  const handleVisibilityChange = (): void => {
    if (document.visibilityState === "hidden") releaseAll();
  };

  window.addEventListener("keydown", handleKey, { capture: true });
  owned.defer(() => {
    window.removeEventListener("keydown", handleKey, { capture: true });
  });
  window.addEventListener("keyup", handleKey, { capture: true });
  owned.defer(() => {
    window.removeEventListener("keyup", handleKey, { capture: true });
  });
  for (const type of POINTER_INPUT) {
    window.addEventListener(type, handlePointer, { capture: true, passive: false });
    owned.defer(() => {
      window.removeEventListener(type, handlePointer, { capture: true });
    });
  }
  window.addEventListener("blur", releaseAll);
  owned.defer(() => {
    window.removeEventListener("blur", releaseAll);
  });
  document.addEventListener("visibilitychange", handleVisibilityChange);
  owned.defer(() => {
    document.removeEventListener("visibilitychange", handleVisibilityChange);
  });
  owned.defer(() => timer?.dispose());
  owned.defer(() => afterClick?.dispose());

  return {
    setSettings: (settings) => {
      apply(engine.setSettings(settings));
    },
    startScan: () => {
      apply(engine.startScan(window.performance.now()));
    },
    cancel,
    get isScanning() {
      return engine.isScanning;
    },
    dispose: () => {
      if (owned.isDisposed) return;
      options.activeSession()?.releaseKeys();
      owned.dispose();
    },
  };
}

function observeKey(event: KeyboardEvent): HotkeyKeyEvent {
  return {
    type: event.type === "keydown" ? "down" : "up",
    code: event.code,
    key: event.key,
    isRepeat: event.repeat,
    isComposing: event.isComposing,
    modifiers: {
      control: event.ctrlKey,
      alt: event.altKey,
      shift: event.shiftKey,
      meta: event.metaKey,
      altGraph: event.getModifierState("AltGraph"),
    },
    timeMs: event.timeStamp,
  };
}

function describeKey(event: HotkeyKeyEvent, source: KeyboardEvent | undefined): KeyboardEventInit {
  return {
    key: event.key,
    code: event.code,
    location: source?.location ?? 0,
    repeat: event.isRepeat,
    isComposing: event.isComposing,
    ctrlKey: event.modifiers.control,
    altKey: event.modifiers.alt,
    shiftKey: event.modifiers.shift,
    metaKey: event.modifiers.meta,
    modifierAltGraph: event.modifiers.altGraph,
    modifierCapsLock: source?.getModifierState("CapsLock") ?? false,
    modifierNumLock: source?.getModifierState("NumLock") ?? false,
  };
}
