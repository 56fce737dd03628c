import { isWithin, keyOf } from "./folder-path.ts";
import { HttpError } from "./http-error.ts";
import type { FolderPath } from "./shared-folder.ts";

/** A client renews a lock that it still wants. */
export const LOCK_SECONDS = 600;
export const MAX_LOCKS = 256;

interface Lock {
  readonly path: FolderPath;
  readonly token: string;
  readonly endsAtMs: number;
}

/** RFC 4918 §6 "Locking": exclusive write locks among the clients of one guest; what is on this computer knows nothing of them. */
export class LockTable {
  readonly #lockByPath = new Map<string, Lock>();
  #count = 0;

  /** Locks it, or renews its lock where `tokens` have it. Throws HttpError. */
  lock(path: FolderPath, tokens: string, nowMs: number): string {
    this.check(path, tokens, nowMs);
    const before = this.#lockByPath.get(keyOf(path));
    if (before === undefined && this.#lockByPath.size >= MAX_LOCKS) throw new HttpError(503, "too many locks");
    this.#count += 1;
    const token =
      before?.token ?? `opaquelocktoken:00000000-0000-4000-8000-${this.#count.toString(16).padStart(12, "0")}`;
    this.#lockByPath.set(keyOf(path), { path, token, endsAtMs: nowMs + LOCK_SECONDS * 1000 });
    return token;
  }

  /** Throws HttpError where it, or what is around or in it, is locked by somebody whose token is not in the headers. */
  check(path: FolderPath, tokens: string, nowMs: number): void {
    for (const [key, lock] of this.#lockByPath) {
      if (lock.endsAtMs <= nowMs) this.#lockByPath.delete(key);
      else if ((isWithin(path, lock.path) || isWithin(lock.path, path)) && !tokens.includes(`<${lock.token}>`)) {
        throw new HttpError(423, "locked");
      }
    }
  }

  /** False: there is no such lock. */
  unlock(path: FolderPath, token: string): boolean {
    if (this.#lockByPath.get(keyOf(path))?.token !== token) return false;
    return this.#lockByPath.delete(keyOf(path));
  }

  /** The thing is gone, and its locks with it. */
  forget(path: FolderPath): void {
    for (const [key, lock] of this.#lockByPath) if (isWithin(lock.path, path)) this.#lockByPath.delete(key);
  }
}
