import { type Disposable } from "../../shared/lifecycle/disposable.ts";
import { Emitter, type Event } from "../../shared/lifecycle/event.ts";
import { type GuestKey } from "./session.ts";

/** The keys that a session keeps down in its guest through `sendKey`, and only those. */
export class HeldKeys implements Disposable {
  readonly #keysymByCode = new Map<string, number>();
  readonly #changed = new Emitter<void>();
  readonly onChange: Event<void> = this.#changed.event;

  has(code: string): boolean {
    return this.#keysymByCode.has(code);
  }

  note({ keysym, code }: GuestKey, isDown: boolean): void {
    const name = code === "" ? String(keysym) : code;
    if (isDown) this.#keysymByCode.set(name, keysym);
    else this.#keysymByCode.delete(name);
    this.#changed.fire();
  }

  /** The last one pressed first: so they are let go. */
  get newestFirst(): GuestKey[] {
    return [...this.#keysymByCode].reverse().map(([code, keysym]) => ({ keysym, code }));
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
