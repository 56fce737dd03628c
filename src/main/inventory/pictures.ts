import { AppError } from "../../shared/errors/app-error.ts";
import { splitGuestId, type GuestId } from "../../shared/contracts/ids.ts";
import type { Picture } from "../providers/provider.ts";
import type { Inventory } from "./inventory.ts";
import { pngOfPpm } from "./png.ts";

/** A picture is made at most this often for one guest, however many ask. */
const PICTURE_MAX_AGE_MS = 1_000;

/** A host that does not answer in this time gives no picture. */
const PICTURE_TIMEOUT_MS = 5_000;

/** Kept pictures; the oldest goes first. */
const MAX_PICTURES = 64;

/** Pictures of guests, made by their hosts without touching a console. */
export class Pictures {
  readonly #inventory: Inventory;
  readonly #now: () => number;
  readonly #kept = new Map<GuestId, { atMs: number; picture: Promise<Picture> }>();

  constructor(options: { inventory: Inventory; now?: () => number }) {
    this.#inventory = options.inventory;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Rejects with NOT_FOUND or UNSUPPORTED, or with what the host answered. */
  async get(guestId: GuestId): Promise<Picture> {
    const kept = this.#kept.get(guestId);
    if (kept !== undefined && this.#now() - kept.atMs < PICTURE_MAX_AGE_MS) return await kept.picture;
    const picture = this.#make(guestId);
    this.#kept.delete(guestId);
    this.#kept.set(guestId, { atMs: this.#now(), picture });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_PICTURES && oldest !== undefined) this.#kept.delete(oldest);
    return await picture;
  }

  async #make(guestId: GuestId): Promise<Picture> {
    const { capabilities } = this.#inventory.linkOf(splitGuestId(guestId).hostId);
    this.#inventory.guest(guestId);
    if (capabilities.screenshot === undefined) {
      throw new AppError("UNSUPPORTED", "host makes no pictures", {
        what: "A screenshot",
        reason: "this host makes none",
      });
    }
    const picture = await capabilities.screenshot(guestId, { signal: AbortSignal.timeout(PICTURE_TIMEOUT_MS) });
    if (picture.mediaType !== "image/x-portable-pixmap") return picture;
    return { mediaType: "image/png", bytes: pngOfPpm(picture.bytes) };
  }
}
