import { type HotkeySettings } from "../shared/contracts/settings.ts";
import { type HotkeyAction } from "../renderer/input/hotkeys/hotkey-action.ts";
import { createHotkeyEngine, type HotkeyEngine } from "../renderer/input/hotkeys/hotkey-engine.ts";
import { type HotkeyKeyEvent, type HotkeyOutput, type TimedOutput } from "../renderer/input/hotkeys/key-event.ts";

/** What a guest at the end of the wire would know: each event that reached it, and the keys that are down there. */
export class GuestKeyboard {
  readonly log: string[] = [];
  readonly down = new Set<string>();

  receive(event: HotkeyKeyEvent): void {
    this.log.push(`${event.type === "down" ? (event.isRepeat ? "*" : "+") : "-"}${event.code}`);
    // A key without a code cannot be matched with its release; consoles press and lift it at once.
    if (event.code === "") return;
    if (event.type === "down") this.down.add(event.code);
    else this.down.delete(event.code);
  }

  releaseKeys(): void {
    for (const code of this.down) this.log.push(`-${code}`);
    this.down.clear();
  }
}

const KEY_BY_CODE: Readonly<Record<string, string>> = {
  ControlLeft: "Control",
  ControlRight: "Control",
  AltLeft: "Alt",
  AltRight: "Alt",
  ShiftLeft: "Shift",
  ShiftRight: "Shift",
  MetaLeft: "Meta",
  MetaRight: "Meta",
};

/** A person at a keyboard before a hotkey engine before a guest; time passes only when told. */
export class Typist {
  readonly engine: HotkeyEngine;
  readonly guest = new GuestKeyboard();
  readonly actions: HotkeyAction[] = [];
  readonly #physicallyDown = new Map<string, string>();
  nowMs = 1_000;

  constructor(settings: HotkeySettings) {
    this.engine = createHotkeyEngine(settings);
  }

  get held(): readonly string[] {
    return [...this.#physicallyDown.keys()];
  }

  /** The names of what was asked for, with the number of a tab. */
  get asked(): string[] {
    return this.actions.map((action) => {
      if (action.kind === "tab") return `tab ${action.number}`;
      return action.kind === "recent-tab-step" ? `step ${action.direction}` : action.kind;
    });
  }

  press(code: string, key: string = keyOf(code)): HotkeyOutput {
    const isRepeat = this.#physicallyDown.has(code);
    this.#physicallyDown.set(code, key);
    return this.#send({ type: "down", code, key, isRepeat });
  }

  lift(code: string): HotkeyOutput {
    const key = this.#physicallyDown.get(code) ?? keyOf(code);
    this.#physicallyDown.delete(code);
    return this.#send({ type: "up", code, key, isRepeat: false });
  }

  tap(code: string, key?: string): void {
    this.press(code, key);
    this.lift(code);
  }

  chord(...codes: readonly string[]): void {
    for (const code of codes) this.press(code);
    for (const code of [...codes].reverse()) this.lift(code);
  }

  /** A key goes down while another window has the keyboard. */
  pressUnseen(code: string): void {
    this.#physicallyDown.set(code, keyOf(code));
  }

  /** A key comes up while another window has the keyboard. */
  liftUnseen(code: string): void {
    this.#physicallyDown.delete(code);
  }

  wait(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const deadlineMs = this.engine.nextDeadlineMs;
      if (deadlineMs === undefined || deadlineMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, deadlineMs);
      this.apply(this.engine.handleTime(this.nowMs));
    }
    this.nowMs = untilMs;
  }

  apply(output: TimedOutput): void {
    if (output.releaseGuestKeys) this.guest.releaseKeys();
    for (const event of output.replay) this.guest.receive(event);
    this.actions.push(...output.actions);
  }

  #send(part: Pick<HotkeyKeyEvent, "type" | "code" | "key" | "isRepeat">): HotkeyOutput {
    const held = [...this.#physicallyDown.values()];
    const event: HotkeyKeyEvent = {
      ...part,
      isComposing: false,
      modifiers: {
        control: held.includes("Control"),
        alt: held.includes("Alt"),
        shift: held.includes("Shift"),
        meta: held.includes("Meta"),
        altGraph: held.includes("AltGraph"),
      },
      timeMs: this.nowMs,
    };
    const output = this.engine.handleKey(event);
    if (output.releaseGuestKeys) this.guest.releaseKeys();
    for (const replayed of output.replay) this.guest.receive(replayed);
    if (output.disposition === "to-guest") this.guest.receive(event);
    this.actions.push(...output.actions);
    return output;
  }
}

function keyOf(code: string): string {
  const known = KEY_BY_CODE[code];
  if (known !== undefined) return known;
  const character = /^(?:Key|Digit)(.)$/.exec(code)?.[1];
  return character?.toLowerCase() ?? code;
}
