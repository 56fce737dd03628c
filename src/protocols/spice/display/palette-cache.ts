import { ProtocolError } from "../../bytes/protocol-error.ts";
import { MAX_CACHED_PALETTES } from "./display-limits.ts";
import type { PaletteReference } from "./parse/image.ts";

type Colours = Uint32Array<ArrayBuffer>;

/** The palettes of one display channel (PAL_CACHE_ME, PAL_FROM_CACHE): unlike pictures, channels do not share them. */
export class PaletteCache {
  readonly #coloursById = new Map<bigint, Colours>();

  /** The colours that an image refers to, kept if it says so. Throws ProtocolError for one that is not there. */
  resolve(reference: PaletteReference): Colours | undefined {
    switch (reference.kind) {
      case "none":
        return undefined;
      case "inline":
        if (reference.shouldCache) this.#add(reference.palette.id, reference.palette.colours);
        return reference.palette.colours;
      case "cached": {
        const colours = this.#coloursById.get(reference.id);
        if (colours === undefined) {
          throw new ProtocolError("malformed", `palette ${String(reference.id)} is not in the cache`);
        }
        return colours;
      }
    }
  }

  /** INVAL_PALETTE. */
  remove(id: bigint): void {
    this.#coloursById.delete(id);
  }

  /** INVAL_ALL_PALETTES, RESET. */
  clear(): void {
    this.#coloursById.clear();
  }

  #add(id: bigint, colours: Colours): void {
    if (this.#coloursById.size >= MAX_CACHED_PALETTES && !this.#coloursById.has(id)) {
      throw new ProtocolError("limit", `more than ${String(MAX_CACHED_PALETTES)} palettes to keep`);
    }
    this.#coloursById.set(id, colours);
  }
}
