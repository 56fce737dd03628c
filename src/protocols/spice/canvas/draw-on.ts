import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { DrawOperation, Rect } from "../display/draw-types.ts";
import { copyBits } from "./copy-bits.ts";
import { copyImage } from "./copy.ts";
import { fillWithBrush } from "./fill.ts";
import { clippedRegion } from "./region.ts";
import { ropOf } from "./rop.ts";
import type { Surface } from "./surface.ts";

/**
 * Performs one draw operation (spice.proto, DisplayChannel) on a surface, clipped by its box, its clip and the surface. Throws
 * ProtocolError for what the protocol does not allow; the surface may then be drawn in part.
 */
export function drawOn(surface: Surface, operation: DrawOperation): void {
  const { box, clip } = operation.base;
  const region = clippedRegion(box, surface.width, surface.height, clip);
  if (region.length === 0) return;
  switch (operation.op) {
    case "fill":
      fillWithBrush(surface, region, operation.brush, ropOf(operation.rop, "brush"));
      return;
    case "copy":
    case "blend": {
      const { source, sourceArea } = operation;
      if (!isSameSize(box, sourceArea)) throw new ProtocolError("malformed", "scaled copy is not there yet");
      const left = box.left - sourceArea.left;
      copyImage(surface, region, source, left, box.top - sourceArea.top, ropOf(operation.rop, "source"));
      return;
    }
    case "copyBits":
      copyBits(surface, region, box, operation.sourcePosition);
      return;
    default:
      throw new ProtocolError("malformed", `operation ${operation.op} is not there yet`);
  }
}

function isSameSize(a: Rect, b: Rect): boolean {
  return a.right - a.left === b.right - b.left && a.bottom - a.top === b.bottom - b.top;
}
