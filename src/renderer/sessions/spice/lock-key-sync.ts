import { type LockKeys } from "./worker-messages.ts";

/**
 * Keeps the guest's lock keys as this keyboard's are. The guest is told only when something is new: a guest that does not
 * answer (a boot loader, one that has no such key) would otherwise be told at each key.
 */
export class LockKeySync {
  readonly #send: (keys: LockKeys) => void;
  #guest: LockKeys | undefined;
  #sent: LockKeys | undefined;

  constructor(send: (keys: LockKeys) => void) {
    this.#send = send;
  }

  /** How they are here, at a key press. */
  handleLocal(keys: LockKeys): void {
    if (this.#guest === undefined || isSame(keys, this.#guest) || isSame(keys, this.#sent)) return;
    this.#sent = keys;
    this.#send(keys);
  }

  /** How they are in the guest, as it says. */
  handleGuest(keys: LockKeys): void {
    this.#guest = keys;
    if (isSame(keys, this.#sent)) this.#sent = undefined;
  }
}

function isSame(a: LockKeys, b: LockKeys | undefined): boolean {
  return b !== undefined && a.scrollLock === b.scrollLock && a.numLock === b.numLock && a.capsLock === b.capsLock;
}
