import type { DrawOperation } from "../display/draw-types.ts";
import { blendImage } from "./blend.ts";
import { drawComposite } from "./composite.ts";
import { copyBits } from "./copy-bits.ts";
import { copyImage } from "./copy.ts";
import { fillWithBrush, fillWithColour } from "./fill.ts";
import { maskedRegion } from "./mask.ts";
import { clippedRegion, extentsOf, sizesAreEqual, type Region } from "./region.ts";
import { drawRop3 } from "./rop3.ts";
import { ROP_COPY, ROP_INVERT, ROP_NOOP, ropOf, type Rop } from "./rop.ts";
import { scaleImage } from "./scale.ts";
import { drawStroke } from "./stroke.ts";
import { colourOn, settle, type Surface } from "./surface.ts";
import { drawText } from "./text.ts";
import { drawTransparent } from "./transparent.ts";

const BLACK = 0;
const WHITE = 0xffff_ffff;

/**
 * Performs one draw operation (spice.proto, DisplayChannel) on a surface, clipped by its box, its clip, its mask and the surface; nothing else is
 * written. Pictures equal the reference client's (spice-common's software canvas over pixman). A source that is smaller than the
 * part that is asked of it is drawn as far as it goes, except by rop3. Throws ProtocolError for what the protocol leaves without meaning; the
 * surface may then be drawn in part.
 */
export function drawOn(surface: Surface, operation: DrawOperation): void {
  const { box, clip } = operation.base;
  let region = clippedRegion(box, surface.width, surface.height, clip);
  if ("mask" in operation && operation.op !== "composite") region = maskedRegion(region, box, operation.mask);
  if (region.length === 0) return;
  drawWithin(surface, region, operation);
  const { left, top, right, bottom } = extentsOf(region);
  settle(surface, left, top, right, bottom);
}

function drawWithin(surface: Surface, region: Region, operation: DrawOperation): void {
  const { box } = operation.base;
  switch (operation.op) {
    case "fill":
      fillWithBrush(surface, region, operation.brush, ropOf(operation.rop, "brush"));
      return;
    case "opaque": {
      const rop = ropOf(operation.rop, "brush", "source");
      if (rop === ROP_NOOP) return;
      drawSource(surface, region, operation, ROP_COPY);
      fillWithBrush(surface, region, operation.brush, rop);
      return;
    }
    case "copy":
    case "blend":
      drawSource(surface, region, operation, ropOf(operation.rop, "source"));
      return;
    case "blackness":
      fillWithColour(surface, region, colourOn(surface.format, BLACK), ROP_COPY);
      return;
    case "whiteness":
      fillWithColour(surface, region, colourOn(surface.format, WHITE), ROP_COPY);
      return;
    case "invers":
      fillWithColour(surface, region, 0, ROP_INVERT);
      return;
    case "rop3":
      drawRop3(surface, region, box, operation);
      return;
    case "stroke":
      drawStroke(surface, region, operation);
      return;
    case "text":
      drawText(surface, region, operation);
      return;
    case "transparent":
      drawTransparent(surface, region, box, operation.source, operation.sourceArea, operation.transparentColour);
      return;
    case "alphaBlend":
      // Whether a picture has alpha follows from its form, not from the flags: 32_xRGB surfaces keep none in their unused byte.
      blendImage(surface, region, box, operation.source, operation.sourceArea, operation.alpha);
      return;
    case "composite":
      drawComposite(surface, region, box, operation);
      return;
    case "copyBits":
      copyBits(surface, region, box, operation.sourcePosition);
      return;
  }
}

type WithSource = Extract<DrawOperation, { op: "opaque" | "copy" | "blend" }>;

function drawSource(surface: Surface, region: Region, operation: WithSource, rop: Rop): void {
  const { source, sourceArea } = operation;
  const { box } = operation.base;
  if (sizesAreEqual(box, sourceArea)) {
    copyImage(surface, region, source, box.left - sourceArea.left, box.top - sourceArea.top, rop);
  } else {
    scaleImage(surface, region, box, source, sourceArea, operation.scaleMode, rop);
  }
}
