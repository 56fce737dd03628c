import type { PixelImage } from "../codecs/pixel-image.ts";

/**
 * Draw operations as the display channel parses them (spice.proto, DisplayChannel) and the canvas performs them. Checked for form, not
 * yet against a surface: rectangles may lie anywhere. `I` is how a picture stands in it: as parsed, then decoded.
 */

/** left/top inside, right/bottom outside; parsed ones have left <= right and top <= bottom. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Undefined: not clipped. An empty list: nothing is drawn. */
export type Clip = readonly Rect[] | undefined;

export interface DrawBase {
  readonly surfaceId: number;
  readonly box: Rect;
  readonly clip: Clip;
}

/** SPICE_ROPD_* bits. */
export type RopDescriptor = number;

/** SPICE_IMAGE_SCALE_MODE_*. */
export type ScaleMode = "interpolate" | "nearest";

export type Brush<I = PixelImage> =
  | { readonly kind: "none" }
  /** 0x00RRGGBB, as on the wire. */
  | { readonly kind: "solid"; readonly colour: number }
  | { readonly kind: "pattern"; readonly image: I; readonly origin: Point };

/** Undefined: no mask. A pixel is drawn where the mask's 1-bit picture is set (clear when inverted). */
export type Mask<I = PixelImage> =
  { readonly image: I; readonly origin: Point; readonly isInverted: boolean } | undefined;

export interface Glyph {
  readonly renderX: number;
  readonly renderY: number;
  readonly originX: number;
  readonly originY: number;
  readonly width: number;
  readonly height: number;
  /** Coverage 0..255, one byte a pixel, rows top down (unpacked from 1, 4 or 8 bits). */
  readonly coverage: Uint8Array;
}

export interface PathSegment {
  /** SPICE_PATH_BEGIN/END/CLOSE/BEZIER bits. */
  readonly flags: number;
  /** x, y pairs, 28.4 fixed point. */
  readonly points: Int32Array;
}

export interface LineStyle {
  /** 28.4 fixed point lengths; empty: solid. */
  readonly dashes: readonly number[];
  /** SPICE_LINE_FLAGS_START_WITH_GAP. */
  readonly startsWithGap: boolean;
}

/** 3x2 matrix of a Composite, 16.16 fixed point: t00 t01 t02 t10 t11 t12. */
export type Transform = readonly [number, number, number, number, number, number];

export type DrawOperation<I = PixelImage> =
  | {
      readonly op: "fill";
      readonly base: DrawBase;
      readonly brush: Brush<I>;
      readonly rop: RopDescriptor;
      readonly mask: Mask<I>;
    }
  | {
      readonly op: "opaque";
      readonly base: DrawBase;
      readonly source: I;
      readonly sourceArea: Rect;
      readonly brush: Brush<I>;
      readonly rop: RopDescriptor;
      readonly scaleMode: ScaleMode;
      readonly mask: Mask<I>;
    }
  | {
      readonly op: "copy" | "blend";
      readonly base: DrawBase;
      readonly source: I;
      readonly sourceArea: Rect;
      readonly rop: RopDescriptor;
      readonly scaleMode: ScaleMode;
      readonly mask: Mask<I>;
    }
  | { readonly op: "blackness" | "whiteness" | "invers"; readonly base: DrawBase; readonly mask: Mask<I> }
  | {
      readonly op: "rop3";
      readonly base: DrawBase;
      readonly source: I;
      readonly sourceArea: Rect;
      readonly brush: Brush<I>;
      readonly rop3: number;
      readonly scaleMode: ScaleMode;
      readonly mask: Mask<I>;
    }
  | {
      readonly op: "stroke";
      readonly base: DrawBase;
      readonly path: readonly PathSegment[];
      readonly style: LineStyle;
      readonly brush: Brush<I>;
      readonly foreMode: RopDescriptor;
      readonly backMode: RopDescriptor;
    }
  | {
      readonly op: "text";
      readonly base: DrawBase;
      readonly glyphs: readonly Glyph[];
      /** SPICE_STRING_FLAGS_*. */
      readonly stringFlags: number;
      readonly backArea: Rect;
      readonly foreBrush: Brush<I>;
      readonly backBrush: Brush<I>;
      readonly foreMode: RopDescriptor;
      readonly backMode: RopDescriptor;
    }
  | {
      readonly op: "transparent";
      readonly base: DrawBase;
      readonly source: I;
      readonly sourceArea: Rect;
      /** Pixels of this colour (0x00RRGGBB) are not drawn. */
      readonly transparentColour: number;
    }
  | {
      readonly op: "alphaBlend";
      readonly base: DrawBase;
      readonly source: I;
      readonly sourceArea: Rect;
      readonly alpha: number;
      /** SPICE_ALPHA_FLAGS_*. */
      readonly alphaFlags: number;
    }
  | {
      readonly op: "composite";
      readonly base: DrawBase;
      /** SPICE_COMPOSITE_*: operator, filters, repeats, component alpha. */
      readonly flags: number;
      readonly source: I;
      readonly mask: I | undefined;
      readonly sourceTransform: Transform | undefined;
      readonly maskTransform: Transform | undefined;
      readonly sourceOrigin: Point;
      readonly maskOrigin: Point;
    }
  | { readonly op: "copyBits"; readonly base: DrawBase; readonly sourcePosition: Point };
