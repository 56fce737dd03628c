import { AppError } from "../../shared/errors/app-error.ts";
import { splitGuestId, type GuestId } from "../../shared/contracts/ids.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import type { Picture } from "../providers/provider.ts";
import type { Inventory } from "./inventory.ts";
import { orAborted } from "../../shared/lifecycle/or-aborted.ts";
import { pngOfPpm } from "./png.ts";

/** A picture is made at most this often for one guest, however many ask; and never two at once. */
const PICTURE_MAX_AGE_MS = 1_000;

/** A host that does not answer in this time gives no picture. */
const PICTURE_TIMEOUT_MS = 5_000;

/** Kept pictures; the oldest goes first. */
const MAX_PICTURES = 64;

/** Pictures of guests, made by their hosts without touching a console. */
export class Pictures {
  readonly #inventory: Pick<Inventory, "linkOf" | "guest">;
  readonly #now: () => number;
  readonly #kept = new Map<GuestId, { atMs: number; picture: Promise<Picture>; isPending: boolean }>();

  constructor(options: { inventory: Pick<Inventory, "linkOf" | "guest">; now?: () => number }) {
    this.#inventory = options.inventory;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Rejects with NOT_FOUND or UNSUPPORTED, or with what the host answered. */
  async get(guestId: GuestId): Promise<Picture> {
    const kept = this.#kept.get(guestId);
    if (kept !== undefined && (kept.isPending || this.#now() - kept.atMs < PICTURE_MAX_AGE_MS))
      return await kept.picture;
    const picture = this.#make(guestId);
    const entry = { atMs: this.#now(), picture, isPending: true };
    const settle = (): void => {
      entry.isPending = false;
    };
    picture.then(settle, settle);
    this.#kept.delete(guestId);
    this.#kept.set(guestId, entry);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_PICTURES && oldest !== undefined) this.#kept.delete(oldest);
    return await picture;
  }

  async #make(guestId: GuestId): Promise<Picture> {
    const { screenshot } = this.#inventory.linkOf(splitGuestId(guestId).hostId).capabilities;
    this.#inventory.guest(guestId);
    if (screenshot === undefined) {
      throw new AppError("UNSUPPORTED", "host makes no pictures", {
        what: "A screenshot",
        reason: "this host makes none",
      });
    }
    const picture = await this.#limited((signal) => screenshot(guestId, { signal }));
    if (picture.mediaType !== "image/x-portable-pixmap") return picture;
    return { mediaType: "image/png", bytes: pngOfPpm(picture.bytes) };
  }

  async #limited(make: (signal: AbortSignal) => Promise<Picture>): Promise<Picture> {
    const controller = new AbortController();
    const timer = after(PICTURE_TIMEOUT_MS, () => {
      controller.abort(
        new AppError("PROTOCOL_TIMEOUT", "host made no picture in time", { address: "The host", act: "a screenshot" }),
      );
    });
    try {
      return await orAborted(make(controller.signal), controller.signal);
    } finally {
      timer.dispose();
    }
  }
}
