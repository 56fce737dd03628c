import { type HotkeySettings } from "../../../shared/contracts/settings.ts";
import { type HotkeyAction } from "./hotkey-action.ts";
import { heldAction, isStep, leaderAction } from "./hotkey-keys.ts";
import {
  hasModifier,
  isModifierKey,
  modifierOf,
  type HotkeyKeyEvent,
  type HotkeyOutput,
  type ModifierName,
  type TimedOutput,
} from "./key-event.ts";

/** How long the switch display waits for a key after the leader or after a step. */
export const LEADER_TIMEOUT_MS = 5_000;

const MODIFIER_NAMES: readonly ModifierName[] = ["Control", "Alt", "Shift", "Meta"];

/** The chord that frees keyboard and mouse: pressed and released together, with nothing else. No setting changes it. */
const ESCAPE_CHORD: readonly ModifierName[] = ["Control", "Alt"];

/** Decides for each key event whether it is the guest's or a hotkey's. Pure: no DOM, no timer; time comes in with the events. */
export interface HotkeyEngine {
  handleKey(event: HotkeyKeyEvent): HotkeyOutput;
  /** A press of a mouse button or a turn of the wheel: what is held back belongs to it (Ctrl+click). */
  handlePointer(): TimedOutput;
  /** To be called at `nextDeadlineMs`. */
  handleTime(timeMs: number): TimedOutput;
  /** When time alone will change something, on the clock of the events. */
  readonly nextDeadlineMs: number | undefined;
  /** No input is accepted while true. */
  readonly isScanning: boolean;
  startScan(timeMs: number): TimedOutput;
  /** Ends leader, stepping and scan without a choice. */
  cancel(): TimedOutput;
  /** The keyboard is lost (blur, hidden page): forgets everything and has the guest's keys released. */
  releaseAll(): TimedOutput;
  setSettings(settings: HotkeySettings): TimedOutput;
}

type Mode =
  | { readonly kind: "idle" }
  /** The leader was given; waits for a key. */
  | { readonly kind: "leader"; readonly tap: Tap; readonly deadlineMs: number }
  /** Steps through recent tabs until the held modifiers are released. */
  | { readonly kind: "recent" }
  | { readonly kind: "scan"; readonly nextStepMs: number };

/** One press of a leader key that the guest has not seen. */
interface Tap {
  readonly down: HotkeyKeyEvent;
  readonly up: HotkeyKeyEvent | undefined;
}

export function createHotkeyEngine(settings: HotkeySettings): HotkeyEngine {
  return new Engine(settings);
}

const IDLE: Mode = { kind: "idle" };

class Engine implements HotkeyEngine {
  #settings: HotkeySettings;
  #mode: Mode = IDLE;
  /** The first tap of a leader key, kept from the guest until it is known to be no hotkey. */
  #heldBack: Tap | undefined;
  /** INVARIANT: exactly the keys that went down in the guest and did not yet come up there. */
  readonly #guestDown = new Map<string, HotkeyKeyEvent>();
  /** Keys that are physically down while the guest does not know; their coming up is not the guest's business. */
  readonly #swallowed = new Map<string, HotkeyKeyEvent>();
  #isEscapeArmed = false;

  // What the current call will answer.
  #replay: HotkeyKeyEvent[] = [];
  #actions: HotkeyAction[] = [];
  #releaseGuestKeys = false;

  constructor(settings: HotkeySettings) {
    this.#settings = settings;
  }

  get isScanning(): boolean {
    return this.#mode.kind === "scan";
  }

  get nextDeadlineMs(): number | undefined {
    const deadlines: number[] = [];
    if (this.#heldBack) deadlines.push(this.#heldBack.down.timeMs + this.#settings.leader.doubleTapMs);
    if (this.#mode.kind === "leader") deadlines.push(this.#mode.deadlineMs);
    if (this.#mode.kind === "scan") deadlines.push(this.#mode.nextStepMs);
    return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
  }

  handleKey(event: HotkeyKeyEvent): HotkeyOutput {
    // A key without a name cannot be matched with its release; it is the guest's, or nobody's while scanning.
    if (event.code === "") {
      if (this.#mode.kind !== "idle") return { disposition: "consumed", ...this.#take() };
      this.#flushHeldBack();
      return { disposition: "to-guest", ...this.#take() };
    }
    this.#passDeadlines(event.timeMs, "exclusive");
    this.#forgetLostModifiers(event);
    const disposition = event.type === "down" ? this.#handleDown(event) : this.#handleUp(event);
    return { disposition, ...this.#take() };
  }

  handlePointer(): TimedOutput {
    this.#isEscapeArmed = false;
    if (this.#mode.kind === "idle") {
      this.#flushHeldBack();
      this.#returnModifiers();
    }
    return this.#take();
  }

  handleTime(timeMs: number): TimedOutput {
    this.#passDeadlines(timeMs, "inclusive");
    return this.#take();
  }

  startScan(timeMs: number): TimedOutput {
    this.#flushHeldBack();
    this.#takeFromGuest();
    this.#mode = { kind: "scan", nextStepMs: timeMs + this.#settings.scan.dwellSeconds * 1000 };
    return this.#take();
  }

  cancel(): TimedOutput {
    this.#endMode();
    return this.#take();
  }

  releaseAll(): TimedOutput {
    if (this.#mode.kind === "recent") this.#actions.push({ kind: "recent-tab-commit" });
    else if (this.#mode.kind === "leader") this.#actions.push({ kind: "hide-switch-display" });
    // A scan goes on in a window that nobody looks at; it needs no keyboard.
    if (this.#mode.kind !== "scan") this.#mode = IDLE;
    this.#heldBack = undefined;
    this.#guestDown.clear();
    this.#swallowed.clear();
    this.#isEscapeArmed = false;
    this.#releaseGuestKeys = true;
    return this.#take();
  }

  setSettings(settings: HotkeySettings): TimedOutput {
    this.#flushHeldBack();
    this.#endMode();
    this.#settings = settings;
    return this.#take();
  }

  #handleDown(event: HotkeyKeyEvent): HotkeyOutput["disposition"] {
    if (!event.isRepeat) this.#armEscape(event);
    switch (this.#mode.kind) {
      case "scan":
        return this.#handleDownWhileScanning(event);
      case "leader":
        return this.#handleDownAfterLeader(event, this.#mode.tap);
      case "recent":
        if (this.#areHeldModifiersDown(event)) return this.#handleDownWhileStepping(event);
        // The release got lost; the step was final then.
        this.#commitRecent();
        return this.#handleIdleDown(event);
      case "idle":
        return this.#handleIdleDown(event);
    }
  }

  #handleUp(event: HotkeyKeyEvent): HotkeyOutput["disposition"] {
    const modifier = modifierOf(event);
    if (this.#isEscapeArmed && modifier !== undefined && ESCAPE_CHORD.includes(modifier)) {
      this.#isEscapeArmed = false;
      this.#fireEscape(event);
      return "consumed";
    }
    if (this.#heldBack?.down.code === event.code && !this.#heldBack.up) {
      this.#heldBack = { down: this.#heldBack.down, up: event };
      return "held-back";
    }
    if (this.#swallowed.delete(event.code)) {
      if (this.#mode.kind === "recent" && !this.#areHeldModifiersDown(event)) this.#commitRecent();
      return "consumed";
    }
    if (this.#mode.kind !== "idle") return "consumed";
    // In order: the guest hears of the tap before it hears of what came after.
    this.#flushHeldBack();
    this.#guestDown.delete(event.code);
    return "to-guest";
  }

  #handleIdleDown(event: HotkeyKeyEvent): HotkeyOutput["disposition"] {
    if (event.isRepeat && this.#swallowed.has(event.code)) {
      // Held modifiers and an arrow kept down go on switching, as a hardware switch does.
      const action = this.#heldActionOf(event);
      if (action && isStep(action)) this.#actions.push(action);
      return "consumed";
    }
    // It did come up, but the page did not hear of it.
    this.#swallowed.delete(event.code);

    if (!event.isRepeat && this.#isLeaderTap(event)) {
      const first = this.#heldBack;
      if (first?.up && first.down.code === event.code) {
        this.#heldBack = undefined;
        this.#openLeader({ down: first.down, up: first.up }, event);
        return "consumed";
      }
      this.#flushHeldBack();
      this.#heldBack = { down: event, up: undefined };
      return "held-back";
    }

    this.#flushHeldBack();
    const action = event.isComposing ? undefined : this.#heldActionOf(event);
    if (action && !event.isRepeat) {
      this.#takeFromGuest();
      this.#swallowed.set(event.code, event);
      if (action.kind === "recent-tab-step") this.#mode = { kind: "recent" };
      this.#actions.push(action);
      return "consumed";
    }
    if (isModifierKey(event) && this.#withheldModifiers().length > 0) {
      this.#swallowed.set(event.code, event);
      return "consumed";
    }
    this.#returnModifiers();
    this.#guestDown.set(event.code, event);
    return "to-guest";
  }

  #handleDownAfterLeader(event: HotkeyKeyEvent, tap: Tap): HotkeyOutput["disposition"] {
    const isKnownDown = this.#swallowed.has(event.code);
    this.#swallowed.set(event.code, event);
    if (event.isRepeat && !(isKnownDown && event.code.startsWith("Arrow"))) return "consumed";
    if (event.code === tap.down.code) {
      this.#endMode();
      this.#replay.push(tap.down, tap.up ?? { ...event, type: "up" });
      return "consumed";
    }
    // Shift is needed for "?", and a hand may still rest on the leader key.
    if (isModifierKey(event)) return "consumed";
    const action = leaderAction(event);
    if (action === "cancel") {
      this.#endMode();
      return "consumed";
    }
    if (isStep(action)) {
      this.#mode = { kind: "leader", tap, deadlineMs: event.timeMs + LEADER_TIMEOUT_MS };
      this.#actions.push(action, { kind: "show-switch-display" });
      return "consumed";
    }
    this.#endMode();
    this.#actions.push(action);
    if (action.kind === "auto-scan") {
      this.#mode = { kind: "scan", nextStepMs: event.timeMs + this.#settings.scan.dwellSeconds * 1000 };
    }
    return "consumed";
  }

  #handleDownWhileStepping(event: HotkeyKeyEvent): HotkeyOutput["disposition"] {
    this.#swallowed.set(event.code, event);
    switch (event.code) {
      case "Tab": {
        const isBack = event.modifiers.shift && !this.#settings.held.modifiers.includes("Shift");
        this.#actions.push({ kind: "recent-tab-step", direction: isBack ? -1 : 1 });
        break;
      }
      case "ArrowRight":
      case "ArrowDown":
        this.#actions.push({ kind: "recent-tab-step", direction: 1 });
        break;
      case "ArrowLeft":
      case "ArrowUp":
        this.#actions.push({ kind: "recent-tab-step", direction: -1 });
        break;
      case "Enter":
        this.#commitRecent();
        break;
      case "Escape":
        this.#endMode();
        break;
      default:
        break;
    }
    return "consumed";
  }

  #handleDownWhileScanning(event: HotkeyKeyEvent): HotkeyOutput["disposition"] {
    this.#swallowed.set(event.code, event);
    if (!event.isRepeat && (event.code === "Escape" || event.code === "Space")) this.#endMode();
    return "consumed";
  }

  #openLeader(tap: Tap, event: HotkeyKeyEvent): void {
    this.#takeFromGuest();
    this.#swallowed.set(event.code, event);
    this.#mode = { kind: "leader", tap, deadlineMs: event.timeMs + LEADER_TIMEOUT_MS };
    this.#actions.push({ kind: "show-switch-display" });
  }

  /** Ends leader, stepping or scan and says so. */
  #endMode(): void {
    if (this.#mode.kind === "scan") this.#actions.push({ kind: "stop-scan" });
    else if (this.#mode.kind !== "idle") this.#actions.push({ kind: "hide-switch-display" });
    this.#mode = IDLE;
  }

  #commitRecent(): void {
    this.#mode = IDLE;
    this.#actions.push({ kind: "recent-tab-commit" });
  }

  #armEscape(event: HotkeyKeyEvent): void {
    const modifier = modifierOf(event);
    this.#isEscapeArmed =
      modifier !== undefined &&
      !event.modifiers.altGraph &&
      MODIFIER_NAMES.every(
        (name) => (name === modifier || hasModifier(event.modifiers, name)) === ESCAPE_CHORD.includes(name),
      );
  }

  #fireEscape(event: HotkeyKeyEvent): void {
    this.#heldBack = undefined;
    this.#endMode();
    this.#takeFromGuest();
    this.#swallowed.delete(event.code);
    this.#releaseGuestKeys = true;
    this.#actions.push({ kind: "release-input" });
  }

  /** From here on the guest has no key down; what the user still holds is nobody's until it comes up. */
  #takeFromGuest(): void {
    if (this.#guestDown.size === 0) return;
    this.#releaseGuestKeys = true;
    // The release comes before the replay, so a key that this very call was about to press must not be pressed at all.
    this.#replay = this.#replay.filter((event) => !this.#guestDown.has(event.code));
    for (const [code, event] of this.#guestDown) this.#swallowed.set(code, event);
    this.#guestDown.clear();
  }

  /** The user still holds modifiers after a hotkey and goes on to a key of the guest: it gets them back first. */
  #returnModifiers(): void {
    for (const event of this.#withheldModifiers()) {
      this.#swallowed.delete(event.code);
      this.#guestDown.set(event.code, event);
      this.#replay.push(event);
    }
  }

  #withheldModifiers(): HotkeyKeyEvent[] {
    return [...this.#swallowed.values()].filter((event) => modifierOf(event) !== undefined);
  }

  #flushHeldBack(): void {
    const tap = this.#heldBack;
    if (!tap) return;
    this.#heldBack = undefined;
    this.#replay.push(tap.down);
    if (tap.up) this.#replay.push(tap.up);
    else this.#guestDown.set(tap.down.code, tap.down);
  }

  /** A modifier whose release the page did not hear (it went to another window) must not come back later. */
  #forgetLostModifiers(event: HotkeyKeyEvent): void {
    for (const withheld of this.#withheldModifiers()) {
      const name = modifierOf(withheld);
      if (name === undefined || withheld.code === event.code) continue;
      if (!hasModifier(event.modifiers, name) && modifierOf(event) !== name) this.#swallowed.delete(withheld.code);
    }
  }

  #passDeadlines(timeMs: number, edge: "inclusive" | "exclusive"): void {
    const isPast = (deadlineMs: number): boolean => (edge === "inclusive" ? timeMs >= deadlineMs : timeMs > deadlineMs);
    if (this.#heldBack && isPast(this.#heldBack.down.timeMs + this.#settings.leader.doubleTapMs)) {
      this.#flushHeldBack();
    }
    if (this.#mode.kind === "leader" && isPast(this.#mode.deadlineMs)) this.#endMode();
    if (this.#mode.kind === "scan" && isPast(this.#mode.nextStepMs)) {
      // From now, not from when it was due: a page that slept does not catch up on steps.
      this.#mode = { kind: "scan", nextStepMs: timeMs + this.#settings.scan.dwellSeconds * 1000 };
      this.#actions.push({ kind: "scan-step" });
    }
  }

  /** A press of a leader key, with no other modifier than itself. */
  #isLeaderTap(event: HotkeyKeyEvent): boolean {
    const { isEnabled, keys } = this.#settings.leader;
    if (!isEnabled || event.isComposing || !keys.includes(event.code)) return false;
    if (event.modifiers.altGraph && event.key !== "AltGraph") return false;
    const own = modifierOf(event);
    return MODIFIER_NAMES.every((name) => name === own || !hasModifier(event.modifiers, name));
  }

  #areHeldModifiersDown(event: HotkeyKeyEvent): boolean {
    return this.#settings.held.modifiers.every((name) => hasModifier(event.modifiers, name));
  }

  #heldActionOf(event: HotkeyKeyEvent): HotkeyAction | undefined {
    const { isEnabled, modifiers } = this.#settings.held;
    if (!isEnabled || event.modifiers.altGraph) return undefined;
    const action = heldAction(event);
    if (!action) return undefined;
    const extra = MODIFIER_NAMES.filter((name) => hasModifier(event.modifiers, name) && !modifiers.includes(name));
    if (!this.#areHeldModifiersDown(event)) return undefined;
    if (extra.length === 0) return action;
    const isBackStep = action.kind === "recent-tab-step" && extra.length === 1 && extra[0] === "Shift";
    return isBackStep ? { kind: "recent-tab-step", direction: -1 } : undefined;
  }

  #take(): TimedOutput {
    const output = { releaseGuestKeys: this.#releaseGuestKeys, replay: this.#replay, actions: this.#actions };
    this.#releaseGuestKeys = false;
    this.#replay = [];
    this.#actions = [];
    return output;
  }
}
