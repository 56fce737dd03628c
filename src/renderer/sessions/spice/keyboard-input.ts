import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { after } from "../../../shared/lifecycle/timer.ts";
import { type LockKeys } from "./worker-messages.ts";

/** On Windows AltGr comes as left Ctrl and then right Alt, in the same moment; a Ctrl that somebody pressed comes alone. */
const ALT_GR_GAP_MS = 50;

export interface KeyboardInputOptions {
  readonly element: HTMLElement;
  /** As `navigator.platform` says: "Win32", "MacIntel", "Linux x86_64". */
  readonly platform: string;
  readonly isEnabled: () => boolean;
  /** One key down or up, by KeyboardEvent.code. */
  readonly send: (code: string, isDown: boolean) => void;
  /** How the lock keys of this keyboard are, before a key that is none of them. */
  readonly handleLockKeys: (keys: LockKeys) => void;
}

const LOCK_CODES: ReadonlySet<string> = new Set(["CapsLock", "NumLock", "ScrollLock"]);

/** The keys of this computer's keyboard, by their places, to a guest. */
export class KeyboardInput implements Disposable {
  readonly #options: KeyboardInputOptions;
  readonly #owned = new DisposableStore();
  readonly #downCodes = new Set<string>();
  readonly #isWindows: boolean;
  readonly #isMac: boolean;
  /** A left Ctrl on Windows that may turn out to be a part of AltGr. */
  #doubtfulControl: { readonly timeMs: number; readonly timer: Disposable } | undefined;

  constructor(options: KeyboardInputOptions) {
    this.#options = options;
    this.#isWindows = options.platform.startsWith("Win");
    this.#isMac = options.platform.startsWith("Mac");
    const { element } = options;
    const handleDown = (event: KeyboardEvent): void => this.#handle(event, true);
    const handleUp = (event: KeyboardEvent): void => this.#handle(event, false);
    element.addEventListener("keydown", handleDown);
    element.addEventListener("keyup", handleUp);
    this.#owned.defer(() => {
      element.removeEventListener("keydown", handleDown);
      element.removeEventListener("keyup", handleUp);
      this.#doubtfulControl?.timer.dispose();
    });
  }

  /** Lets go of every key that is down, the last one first. */
  release(): void {
    this.#settleControl("drop");
    for (const code of [...this.#downCodes].reverse()) this.#options.send(code, false);
    this.#downCodes.clear();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #handle(event: KeyboardEvent, isDown: boolean): void {
    event.preventDefault();
    event.stopPropagation();
    const { code } = event;
    if (code === "" || !this.#options.isEnabled()) return;
    const isAltGr = code === "AltRight" && isDown && this.#isPartOfAltGr(event.timeStamp);
    this.#settleControl(isAltGr ? "drop" : "press");
    if (isDown && !LOCK_CODES.has(code)) this.#options.handleLockKeys(lockKeysOf(event));
    if (isDown && this.#isWindows && code === "ControlLeft" && !event.repeat && !this.#downCodes.has(code)) {
      const timer = after(ALT_GR_GAP_MS, () => this.#settleControl("press"));
      this.#doubtfulControl = { timeMs: event.timeStamp, timer };
    } else if (this.#isMac && code === "CapsLock") {
      // A Mac's Caps Lock is down while it is on; a guest's is pressed to switch it.
      this.#options.send(code, true);
      this.#options.send(code, false);
    } else if (isDown) this.#press(code, event.repeat);
    else this.#lift(code);
  }

  #press(code: string, isRepeat: boolean): void {
    // The rest of a key that was let go for the guest when the console was left.
    if (isRepeat && !this.#downCodes.has(code)) return;
    this.#downCodes.add(code);
    this.#options.send(code, true);
  }

  #lift(code: string): void {
    // Windows tells only the end of a Print Screen.
    if (code === "PrintScreen" && !this.#downCodes.has(code)) this.#press(code, false);
    if (!this.#downCodes.delete(code)) return;
    this.#options.send(code, false);
    // A Mac tells no end of keys that are pressed with Command.
    if (this.#isMac && (code === "MetaLeft" || code === "MetaRight")) this.release();
  }

  #isPartOfAltGr(timeMs: number): boolean {
    return this.#doubtfulControl !== undefined && timeMs - this.#doubtfulControl.timeMs < ALT_GR_GAP_MS;
  }

  #settleControl(as: "press" | "drop"): void {
    if (this.#doubtfulControl === undefined) return;
    this.#doubtfulControl.timer.dispose();
    this.#doubtfulControl = undefined;
    if (as === "press") this.#press("ControlLeft", false);
  }
}

function lockKeysOf(event: KeyboardEvent): LockKeys {
  return {
    scrollLock: event.getModifierState("ScrollLock"),
    numLock: event.getModifierState("NumLock"),
    capsLock: event.getModifierState("CapsLock"),
  };
}
