import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import type { DrawOperation, Point, Rect, Transform } from "../display/draw-types.ts";
import { combineCoverageSpan } from "./combine-coverage.ts";
import { combineSpan, overMaskedRow, overRow, type MaskUse } from "./combine.ts";
import { readableAlways } from "./copy.ts";
import { bandEnd, extentsOf, type Region } from "./region.ts";
import { OVER, renderOperatorOf, SOURCE } from "./render-operator.ts";
import { combineRow, ROP_COPY } from "./rop.ts";
import { createSampler, type Filter, type Repeat, type Sampler } from "./sampler.ts";
import { formMasks, type Surface } from "./surface.ts";

/** Where the parts of a Composite's flags stand (spice-protocol, enums.h, SpiceCompositeFlags). */
const FLAGS = {
  OPERATOR_MASK: 0xff,
  SOURCE_FILTER_SHIFT: 8,
  MASK_FILTER_SHIFT: 11,
  FILTER_MASK: 7,
  SOURCE_REPEAT_SHIFT: 14,
  MASK_REPEAT_SHIFT: 16,
  REPEAT_MASK: 3,
  COMPONENT_ALPHA: 1 << 18,
  SOURCE_OPAQUE: 1 << 22,
} as const;

const REPEATS: readonly Repeat[] = ["none", "normal", "pad", "reflect"];

/** Fast, good, best, nearest, bilinear; convolution filters have no place for their numbers in the message. */
const FILTERS: readonly Filter[] = ["nearest", "bilinear", "bilinear", "nearest", "bilinear"];

type Composite = Extract<DrawOperation, { op: "composite" }>;

/**
 * COMPOSITE: X's Render on a surface. The flags that call mask and surface opaque change nothing, as in the reference client: whether they have
 * alpha follows from their form.
 */
export function drawComposite(surface: Surface, region: Region, box: Rect, operation: Composite): void {
  const { flags } = operation;
  const operator = renderOperatorOf(flags & FLAGS.OPERATOR_MASK);
  const source = readableAlways(surface, operation.source);
  const mask = operation.mask === undefined ? undefined : readableAlways(surface, operation.mask);
  const { left, right } = extentsOf(region);
  const readSource = pictureSampler(source, operation.sourceTransform, operation.sourceOrigin, {
    filter: filterOf(flags >> FLAGS.SOURCE_FILTER_SHIFT),
    repeat: REPEATS[(flags >> FLAGS.SOURCE_REPEAT_SHIFT) & FLAGS.REPEAT_MASK] ?? "none",
    isOpaque: (flags & FLAGS.SOURCE_OPAQUE) !== 0,
    left: left - box.left,
    right: right - box.left,
  });
  const readMask =
    mask &&
    pictureSampler(mask, operation.maskTransform, operation.maskOrigin, {
      filter: filterOf(flags >> FLAGS.MASK_FILTER_SHIFT),
      repeat: REPEATS[(flags >> FLAGS.MASK_REPEAT_SHIFT) & FLAGS.REPEAT_MASK] ?? "none",
      left: left - box.left,
      right: right - box.left,
    });
  const maskUse: MaskUse = (flags & FLAGS.COMPONENT_ALPHA) !== 0 ? "components" : "alpha";
  const sourceRow = new Uint32Array(right - left);
  const maskRow = mask && new Uint32Array(right - left);
  const { pixels, width } = surface;
  const { keep, set } = formMasks(surface.alpha);
  for (let start = 0; start < region.length;) {
    const end = bandEnd(region, start);
    for (let y = region[start + 1] ?? 0; y < (region[start + 3] ?? 0); y++) {
      for (let i = start; i < end; i += 4) {
        const x = region[i] ?? 0;
        const count = (region[i + 2] ?? 0) - x;
        const at = y * width + x;
        readSource(x - box.left, y - box.top, count, sourceRow);
        if (maskRow !== undefined) readMask?.(x - box.left, y - box.top, count, maskRow);
        if (operator === OVER && surface.alpha !== "mask" && maskUse === "alpha") {
          if (maskRow === undefined) overRow(pixels, at, sourceRow, 0, count, 255, 0);
          else overMaskedRow(pixels, at, sourceRow, maskRow, count);
        } else if (operator === SOURCE && maskRow === undefined) {
          combineRow(ROP_COPY, pixels, at, sourceRow, 0, count, keep, set);
        } else if (operator.kind === "porterDuff") {
          combineSpan(operator, pixels, at, sourceRow, maskRow, maskUse, count, keep, set);
        } else {
          combineCoverageSpan(operator, pixels, at, sourceRow, maskRow, maskUse, count, keep, set);
        }
      }
    }
    start = end;
  }
}

function filterOf(bits: number): Filter {
  const filter = FILTERS[bits & FLAGS.FILTER_MASK];
  if (filter === undefined)
    throw new ProtocolError("malformed", `composite filter ${String(bits & FLAGS.FILTER_MASK)}`);
  return filter;
}

/** Reads a picture whose `origin` lies on the box's corner, before its transform. */
function pictureSampler(
  image: PixelImage,
  transform: Transform | undefined,
  origin: Point,
  options: { filter: Filter; repeat: Repeat; isOpaque?: boolean; left: number; right: number },
): Sampler["read"] {
  const sampler = createSampler({
    ...options,
    image,
    transform,
    left: options.left + origin.x,
    right: options.right + origin.x,
  });
  return (x, y, count, out) => {
    sampler.read(x + origin.x, y + origin.y, count, out);
  };
}
