import { ProtocolError } from "../../bytes/protocol-error.ts";
import { copyOverlapping } from "./byte-copier.ts";
import { checkImageSize, endsTooEarly } from "./image-limits.ts";
import { LONG_MATCH_PX, LZ_MAGIC, LZ_VERSION, LzImageType, MAX_COPY } from "./lz-types.ts";
import { pixelOf555 } from "./pixel-conversion.ts";
import { OPAQUE_ALPHA } from "./pixel-image.ts";

/**
 * One picture of GLZ: LZ whose matches may lie in earlier pictures. Control bytes below 32 are as in LZ; a match is three bits of
 * length, then a distance in pixels back from here, or a number of pictures back and the pixel in that one.
 */

const HEADER_BYTES = 33;
const TYPE_MASK = 0x0f;
const TOP_DOWN_SHIFT = 4;
/** The control byte's bit that says that the distance has more than 12 bits. */
const LONG_DISTANCE = 0x10;

export interface GlzHeader {
  readonly type: number;
  readonly isTopDown: boolean;
  readonly hasAlpha: boolean;
  readonly width: number;
  readonly height: number;
  /** Consecutive over all displays of a session. */
  readonly id: number;
  /** How many pictures back the oldest is that this and later ones may refer to. */
  readonly windowHeadDistance: number;
}

/** An earlier picture, its pixels in the order of its data. */
export interface GlzSource {
  readonly pixels: Uint32Array;
  readonly hasAlpha: boolean;
  /** Pictures before this id are not referred to any more. */
  readonly oldestId: number;
}

/** Undefined: not there yet. Throws ProtocolError where it will never be. */
export type FindGlzSource = (imageId: number) => GlzSource | undefined;

/** Palette pictures are refused: the protocol has no place for their palette (GLZ_RGB), and spice-server never makes them. */
export function parseGlzHeader(data: Uint8Array): GlzHeader {
  if (data.length < HEADER_BYTES) throw endsTooEarly("GLZ");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0) !== LZ_MAGIC || view.getUint32(4) !== LZ_VERSION) {
    throw new ProtocolError("mismatch", "GLZ: data does not begin with LZ 1.1's mark");
  }
  const type = view.getUint8(8) & TYPE_MASK;
  if (type < LzImageType.rgb16 || type > LzImageType.rgba) {
    throw new ProtocolError("malformed", `GLZ: picture type ${type} is not allowed`);
  }
  const width = view.getUint32(9);
  const height = view.getUint32(13);
  checkImageSize("GLZ", width, height);
  const id = Number(view.getBigUint64(21));
  if (!Number.isSafeInteger(id)) throw new ProtocolError("limit", "GLZ: picture id is too large");
  return {
    type,
    isTopDown: view.getUint8(8) >>> TOP_DOWN_SHIFT !== 0,
    hasAlpha: type === LzImageType.rgba,
    width,
    height,
    id,
    windowHeadDistance: view.getUint32(29),
  };
}

/** Fills `pixels`; answers the id of a picture that is missing, where the data refers to one. */
export function decodeGlzPixels(
  data: Uint8Array,
  header: GlzHeader,
  pixels: Uint32Array,
  find: FindGlzSource,
): number | undefined {
  const units = new GlzUnits(data, header, pixels, find);
  const isWhole =
    header.type === LzImageType.rgb16
      ? units.decodeRgb16()
      : units.decodeRgb() && (!header.hasAlpha || units.decodeAlpha());
  return isWhole ? undefined : units.missingId;
}

class GlzUnits {
  missingId: number | undefined;
  readonly #data: Uint8Array;
  readonly #view: DataView;
  readonly #header: GlzHeader;
  readonly #pixels: Uint32Array;
  readonly #find: FindGlzSource;
  #at = HEADER_BYTES;
  /** Of the match read last: how many pixels, where in which picture it begins. */
  #length = 0;
  #from = 0;
  #source: GlzSource;
  /** This picture as a source of itself, and the earlier one looked up last: matches often lie in the same. */
  readonly #own: GlzSource;
  #lastSource: GlzSource | undefined;
  #lastDistance = 0;

  constructor(data: Uint8Array, header: GlzHeader, pixels: Uint32Array, find: FindGlzSource) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#header = header;
    this.#pixels = pixels;
    this.#find = find;
    // While alpha is not there yet, colours are taken from here with whatever alpha they have; it is set later.
    this.#own = { pixels, hasAlpha: header.hasAlpha, oldestId: 0 };
    this.#source = this.#own;
  }

  /** These three answer false where a picture is missing. INVARIANT: a unit's reads and writes are checked before the first. */
  decodeRgb(): boolean {
    const pixels = this.#pixels;
    const view = this.#view;
    const size = pixels.length;
    let to = 0;
    while (to < size) {
      const control = this.#byte();
      if (control < MAX_COPY) {
        const stop = to + control + 1;
        if (stop > size) throw leavesPicture();
        // A big-endian read that begins a byte early: the byte before the three lies where alpha goes.
        let at = this.#literals((control + 1) * 3) - 1;
        for (; to < stop; at += 3) pixels[to++] = view.getInt32(at) | OPAQUE_ALPHA;
      } else {
        if (!this.#match(control, 0, to)) return false;
        this.#copyMatch(to);
        to += this.#length;
      }
    }
    return true;
  }

  decodeRgb16(): boolean {
    const pixels = this.#pixels;
    const view = this.#view;
    const size = pixels.length;
    let to = 0;
    while (to < size) {
      const control = this.#byte();
      if (control < MAX_COPY) {
        const stop = to + control + 1;
        if (stop > size) throw leavesPicture();
        let at = this.#literals((control + 1) * 2);
        for (; to < stop; at += 2) pixels[to++] = pixelOf555(view.getUint16(at));
      } else {
        if (!this.#match(control, 1, to)) return false;
        this.#copyMatch(to);
        to += this.#length;
      }
    }
    return true;
  }

  decodeAlpha(): boolean {
    const pixels = this.#pixels;
    const data = this.#data;
    const size = pixels.length;
    let to = 0;
    while (to < size) {
      const control = this.#byte();
      let stop = to + control + 1;
      if (control < MAX_COPY) {
        if (stop > size) throw leavesPicture();
        let at = this.#literals(control + 1);
        for (; to < stop; to += 1) pixels[to] = ((pixels[to] as number) & 0xff_ffff) | ((data[at++] as number) << 24);
        continue;
      }
      if (!this.#match(control, 2, to)) return false;
      stop = to + this.#length;
      const source = this.#source.pixels;
      // The fourth byte of a picture without alpha is 0 for SPICE.
      const mask = this.#source.hasAlpha ? OPAQUE_ALPHA : 0;
      let from = this.#from;
      for (; to < stop; to += 1) {
        pixels[to] = ((pixels[to] as number) & 0xff_ffff) | ((source[from++] as number) & mask);
      }
    }
    return true;
  }

  #byte(): number {
    if (this.#at >= this.#data.length) throw endsTooEarly("GLZ");
    return this.#data[this.#at++] as number;
  }

  #literals(count: number): number {
    const at = this.#at;
    if (count > this.#data.length - at) throw endsTooEarly("GLZ");
    this.#at = at + count;
    return at;
  }

  /**
   * Reads a match and checks that it lies inside of both pictures. `lengthBias` depends on the picture's type, as LZ's does.
   * False: its picture is missing.
   */
  #match(control: number, lengthBias: number, to: number): boolean {
    let length = (control >>> 5) + lengthBias;
    if (control >= 7 << 5) {
      let more: number;
      do {
        more = this.#byte();
        length += more;
      } while (more === 255);
    }
    let offset = (control & 15) | (this.#byte() << 4);
    const code = this.#byte();
    const moreBytes = code >>> 6;
    let imageDistance = 0;
    if ((control & LONG_DISTANCE) === 0) {
      imageDistance = code & 0x3f;
      for (let i = 0; i < moreBytes; i += 1) imageDistance += this.#byte() * (1 << (6 + 8 * i));
    } else {
      offset |= (code & 0x1f) << 12;
      for (let i = 0; i < moreBytes; i += 1) imageDistance |= this.#byte() << (8 * i);
      if ((code & 0x20) !== 0) offset |= this.#byte() << 17;
    }
    this.#length = length;
    if (length > this.#pixels.length - to) throw leavesPicture();
    if (imageDistance === 0) {
      // Biased by one, as a distance of nothing means nothing.
      this.#from = to - offset - 1;
      this.#source = this.#own;
      if (this.#from < 0) throw leavesPicture();
      return true;
    }
    this.#from = offset;
    return this.#findSource(imageDistance);
  }

  #findSource(imageDistance: number): boolean {
    if (this.#lastSource === undefined || imageDistance !== this.#lastDistance) {
      const id = this.#header.id - imageDistance;
      if (id < 0) throw new ProtocolError("malformed", "GLZ: reference to a picture before the first");
      const source = this.#find(id);
      if (source === undefined) {
        this.missingId = id;
        return false;
      }
      this.#lastSource = source;
      this.#lastDistance = imageDistance;
    }
    this.#source = this.#lastSource;
    if (this.#from + this.#length > this.#source.pixels.length) throw leavesPicture();
    return true;
  }

  #copyMatch(to: number): void {
    const target = this.#pixels;
    const { pixels: source, hasAlpha } = this.#source;
    let from = this.#from;
    const stop = to + this.#length;
    if (hasAlpha && !this.#header.hasAlpha) {
      while (to < stop) target[to++] = (source[from++] as number) | OPAQUE_ALPHA;
    } else if (this.#length < LONG_MATCH_PX) {
      while (to < stop) target[to++] = source[from++] as number;
    } else if (source !== target) {
      target.set(source.subarray(from, from + this.#length), to);
    } else if (from === to - 1) {
      target.fill(source[from] as number, to, stop);
    } else {
      copyOverlapping(target, from, to, this.#length);
    }
  }
}

function leavesPicture(): ProtocolError {
  return new ProtocolError("malformed", "GLZ: a match or a copy leaves a picture");
}
