import { ProtocolError } from "../../bytes/protocol-error.ts";
import { decodeGlzPixels, type GlzHeader, type GlzSource, parseGlzHeader } from "./glz.ts";
import { flipRows } from "./pixel-conversion.ts";
import { type PixelImage } from "./pixel-image.ts";

/**
 * Dictionary size to ask the server for in the display channel's INIT (glz_dictionary_window_size, pixels): 64 MiB decoded, what
 * spice-gtk asks for at most.
 */
export const GLZ_DICTIONARY_PIXELS = 16_777_216;
/**
 * Most that is kept for later pictures to refer to (256 MiB). Above the dictionary size, as the pictures of one display wait here
 * for those of another that is behind.
 */
export const MAX_GLZ_WINDOW_PIXELS = 67_108_864;
/** What one picture costs beside its pixels, counted as pixels. */
const PICTURE_COST_PX = 32;
/** Pictures of all displays of a session that may wait at once for another display's, and their data. */
export const MAX_WAITING_GLZ_PICTURES = 256;
export const MAX_WAITING_GLZ_BYTES = 64 * 1024 * 1024;

export type GlzOutcome =
  | { readonly kind: "decoded"; readonly image: PixelImage }
  /** The data refers to a picture that has not come yet; another display channel will bring it. Nothing was changed. */
  | { readonly kind: "missing"; readonly imageId: number };

interface Waiting {
  readonly data: Uint8Array;
  readonly resolve: (image: PixelImage | Promise<PixelImage>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The pictures that GLZ data (SPICE_IMAGE_TYPE_GLZ_RGB, ZLIB_GLZ_RGB) may refer to. One for all displays of a session, as the
 * server numbers the pictures of all of them in one row, while each display's arrive in their own stream.
 */
export class GlzWindow {
  readonly #maxPixels: number;
  readonly #sourceById = new Map<number, GlzSource>();
  #heldPixels = 0;
  /** Pictures before this id are released. */
  #oldestId = 0;
  /** INVARIANT: every id before this one has been added (and may be released since). */
  #firstMissingId = 0;
  #waitingById = new Map<number, Waiting[]>();
  #waitingCount = 0;
  #waitingBytes = 0;

  constructor({ maxPixels = MAX_GLZ_WINDOW_PIXELS }: { readonly maxPixels?: number } = {}) {
    this.#maxPixels = maxPixels;
  }

  /** Pixels kept at the moment, with the cost of each picture. */
  get heldPixels(): number {
    return this.#heldPixels;
  }

  /**
   * Decodes at once, or as soon as the picture that it refers to has come. Throws or rejects with ProtocolError on a foreign header,
   * a size beyond the limits, a reference outside of the window and data that is too short. The result's pixels belong to the
   * window too and must not be changed.
   */
  decode(data: Uint8Array): PixelImage | Promise<PixelImage> {
    const outcome = this.tryDecode(data);
    if (outcome.kind === "decoded") return outcome.image;
    return this.#wait(outcome.imageId, data);
  }

  /** As `decode`, but says what is missing instead of waiting. */
  tryDecode(data: Uint8Array): GlzOutcome {
    const header = parseGlzHeader(data);
    const pixels = new Uint32Array(header.width * header.height);
    const missingId = decodeGlzPixels(data, header, pixels, this.#find);
    if (missingId !== undefined) return { kind: "missing", imageId: missingId };
    this.#add(header, pixels);
    this.#wake(header.id);
    return { kind: "decoded", image: imageOf(header, pixels) };
  }

  /** Forgets all pictures; those that wait are rejected. For a new server, which numbers anew. */
  clear(): void {
    const waiting = this.#waitingById;
    this.#waitingById = new Map();
    this.#waitingCount = 0;
    this.#waitingBytes = 0;
    this.#sourceById.clear();
    this.#heldPixels = 0;
    this.#oldestId = 0;
    this.#firstMissingId = 0;
    for (const { reject } of [...waiting.values()].flat()) {
      reject(new ProtocolError("malformed", "GLZ: the window was cleared before the picture came"));
    }
  }

  readonly #find = (imageId: number): GlzSource | undefined => {
    const source = this.#sourceById.get(imageId);
    if (source === undefined && imageId < Math.max(this.#firstMissingId, this.#oldestId)) {
      throw new ProtocolError("malformed", `GLZ: picture ${imageId} is referred to after its release`);
    }
    return source;
  };

  #add(header: GlzHeader, pixels: Uint32Array<ArrayBuffer>): void {
    const { id, hasAlpha } = header;
    this.#drop(id);
    const cost = pixels.length + PICTURE_COST_PX;
    if (this.#heldPixels + cost > this.#maxPixels) {
      throw new ProtocolError("limit", `GLZ: more than ${this.#maxPixels} pixels are kept for later pictures`);
    }
    this.#heldPixels += cost;
    this.#sourceById.set(id, { pixels, hasAlpha, oldestId: id - header.windowHeadDistance });
    // Only the picture before the first gap says what is not needed any more: one that is still to come may refer further back.
    let beforeGap: GlzSource | undefined;
    for (;;) {
      const next = this.#sourceById.get(this.#firstMissingId);
      if (next === undefined) break;
      beforeGap = next;
      this.#firstMissingId += 1;
    }
    if (beforeGap !== undefined) this.#releaseBefore(beforeGap.oldestId);
    if (id < this.#oldestId) this.#drop(id);
  }

  #releaseBefore(id: number): void {
    for (; this.#oldestId < id; this.#oldestId += 1) this.#drop(this.#oldestId);
  }

  #drop(id: number): void {
    const source = this.#sourceById.get(id);
    if (source === undefined) return;
    this.#heldPixels -= source.pixels.length + PICTURE_COST_PX;
    this.#sourceById.delete(id);
  }

  #wait(imageId: number, data: Uint8Array): Promise<PixelImage> {
    if (this.#waitingCount >= MAX_WAITING_GLZ_PICTURES || this.#waitingBytes + data.length > MAX_WAITING_GLZ_BYTES) {
      throw new ProtocolError("limit", "GLZ: too many pictures wait for one that has not come");
    }
    this.#waitingCount += 1;
    this.#waitingBytes += data.length;
    return new Promise((resolve, reject) => {
      const waiting = this.#waitingById.get(imageId) ?? [];
      // The message's bytes are only lent.
      waiting.push({ data: data.slice(), resolve, reject });
      this.#waitingById.set(imageId, waiting);
    });
  }

  #wake(imageId: number): void {
    const waiting = this.#waitingById.get(imageId);
    if (waiting === undefined) return;
    this.#waitingById.delete(imageId);
    for (const { data, resolve, reject } of waiting) {
      this.#waitingCount -= 1;
      this.#waitingBytes -= data.length;
      try {
        resolve(this.decode(data));
      } catch (error) {
        reject(error as Error);
      }
    }
  }
}

/** The picture as it is shown; the window keeps the pixels in the order of the data. */
function imageOf({ width, height, isTopDown, hasAlpha }: GlzHeader, pixels: Uint32Array<ArrayBuffer>): PixelImage {
  const alpha = hasAlpha ? "premultiplied" : "opaque";
  if (isTopDown) return { width, height, pixels, alpha };
  const upright = pixels.slice();
  flipRows(upright, width, height);
  return { width, height, pixels: upright, alpha };
}
