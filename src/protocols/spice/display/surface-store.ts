import { createSurface, SurfaceList, type Surface, type SurfaceFormat } from "../canvas/surface.ts";
import { Damage } from "./damage.ts";
import type { DisplayEvent, Head } from "./display-events.ts";
import type { Clip, Rect } from "./draw-types.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";

export interface SurfaceCreate {
  readonly surfaceId: number;
  readonly width: number;
  readonly height: number;
  readonly format: SurfaceFormat;
  readonly isPrimary: boolean;
}

/** The surfaces of one display channel: their life, what of them changed, and which of them the guest's monitors show. */
export class SurfaceStore {
  readonly #handleEvent: (event: DisplayEvent) => void;
  readonly #surfaces = new SurfaceList();
  readonly #damageById = new Map<number, Damage>();
  #primaryId: number | undefined;
  #configuredHeads: readonly Head[] = [];
  #maxHeads = 1;
  #isMarked = false;

  constructor(options: { readonly handleEvent: (event: DisplayEvent) => void }) {
    this.#handleEvent = options.handleEvent;
  }

  get primary(): Surface | undefined {
    return this.#primaryId === undefined ? undefined : this.#surfaces.find(this.#primaryId);
  }

  get isMarked(): boolean {
    return this.#isMarked;
  }

  /**
   * What MONITORS_CONFIG named, cut to the surfaces that are there: the guest may tell of a new size before its surface has
   * it. The whole primary surface where nothing is left or nothing was named.
   */
  get heads(): readonly Head[] {
    const heads: Head[] = [];
    for (const head of this.#configuredHeads) {
      const surface = this.#surfaces.find(head.surfaceId);
      if (surface === undefined) continue;
      const width = Math.min(head.width, surface.width - head.x);
      const height = Math.min(head.height, surface.height - head.y);
      if (width > 0 && height > 0) heads.push({ ...head, width, height });
    }
    const { primary } = this;
    if (heads.length > 0 || primary === undefined) return heads;
    const { id, width, height } = primary;
    return [{ monitorId: 0, surfaceId: id, x: 0, y: 0, width, height }];
  }

  find(surfaceId: number): Surface | undefined {
    return this.#surfaces.find(surfaceId);
  }

  /** Throws ProtocolError for a surface that was not created. */
  get(surfaceId: number): Surface {
    return this.#surfaces.get(surfaceId);
  }

  /**
   * A surface that is there already is replaced; a primary of the same form is kept with its picture, as servers make it anew
   * without a change (after a reset of the guest, for a client that comes back).
   */
  create(create: SurfaceCreate): void {
    const { surfaceId, width, height, format, isPrimary } = create;
    const { primary } = this;
    if (isPrimary && primary !== undefined) {
      const isSame = primary.id === surfaceId && primary.format === format;
      if (isSame && primary.width === width && primary.height === height) return;
      this.destroy(primary.id);
    }
    this.destroy(surfaceId);
    const surface = this.#surfaces.create(surfaceId, width, height, format);
    this.#damageById.set(surfaceId, new Damage(surface));
    if (!isPrimary) return;
    this.#primaryId = surfaceId;
    this.#handleEvent({ event: "primaryCreated", surface });
    this.#tellHeads();
    this.damageAll(surfaceId);
  }

  /** One that is not there is no error: real servers destroy some twice. */
  destroy(surfaceId: number): void {
    if (this.#surfaces.find(surfaceId) === undefined) return;
    this.#surfaces.destroy(surfaceId);
    this.#damageById.delete(surfaceId);
    if (surfaceId !== this.#primaryId) return;
    this.#primaryId = undefined;
    this.#handleEvent({ event: "primaryDestroyed" });
  }

  keepPrimaryOnly(): void {
    for (const { id } of [...this.#surfaces.values()]) if (id !== this.#primaryId) this.destroy(id);
  }

  setMarked(isMarked: boolean): void {
    this.#isMarked = isMarked;
    this.#handleEvent({ event: "marked", isMarked });
  }

  /** RESET: the primary becomes black. */
  clearPrimary(): void {
    const { primary } = this;
    if (primary === undefined) return;
    primary.pixels.set(createSurface(primary.id, primary.width, primary.height, primary.format).pixels);
    this.damageAll(primary.id);
  }

  /** MONITORS_CONFIG. An empty one says nothing. */
  configureHeads(heads: readonly Head[], maxHeads: number): void {
    if (heads.length === 0) return;
    this.#configuredHeads = heads.slice(0, maxHeads);
    this.#maxHeads = maxHeads;
    this.#tellHeads();
  }

  damage(surfaceId: number, box: Rect, clip: Clip): void {
    const damage = this.#damageById.get(surfaceId);
    if (damage === undefined) return;
    const before = damage.rectCount;
    damage.add(box, clip);
    if (before === 0 && damage.rectCount > 0) this.#handleEvent({ event: "damaged", surfaceId });
  }

  damageAll(surfaceId: number): void {
    const surface = this.#surfaces.find(surfaceId);
    if (surface === undefined) return;
    this.damage(surfaceId, { left: 0, top: 0, right: surface.width, bottom: surface.height }, undefined);
  }

  takeDamage(surfaceId: number): readonly Rect[] {
    return this.#damageById.get(surfaceId)?.take() ?? [];
  }

  clear(): void {
    this.#surfaces.clear();
    this.#damageById.clear();
    this.#primaryId = undefined;
  }

  #tellHeads(): void {
    this.#handleEvent({ event: "headsChanged", heads: this.heads, maxHeads: this.#maxHeads });
  }
}

/** MODE, of servers before surfaces: the primary, number 0. */
export function surfaceOfMode(mode: {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
}): SurfaceCreate {
  if (mode.bits !== 32 && mode.bits !== 16) {
    throw new ProtocolError("malformed", `mode of ${String(mode.bits)} bits a pixel`);
  }
  const format = mode.bits === 32 ? "32_xRGB" : "16_555";
  return { surfaceId: 0, width: mode.width, height: mode.height, format, isPrimary: true };
}
