import type { Brush, DrawOperation, Mask } from "./draw-types.ts";

/** "mask": a QMask's 1-bit picture, which has no colours; "picture": everything else. */
export type ImageUse = "picture" | "mask";

/** The same operation with each of its pictures changed, in the order of the message. */
export function withImages<I, J>(
  operation: DrawOperation<I>,
  change: (image: I, use: ImageUse) => J,
): DrawOperation<J> {
  const picture = (image: I): J => change(image, "picture");
  const brush = (from: Brush<I>): Brush<J> =>
    from.kind === "pattern" ? { ...from, image: picture(from.image) } : from;
  const mask = (from: Mask<I>): Mask<J> =>
    from === undefined ? undefined : { ...from, image: change(from.image, "mask") };
  switch (operation.op) {
    case "fill":
      return { ...operation, brush: brush(operation.brush), mask: mask(operation.mask) };
    case "opaque":
    case "rop3": {
      const source = picture(operation.source);
      return { ...operation, source, brush: brush(operation.brush), mask: mask(operation.mask) };
    }
    case "copy":
    case "blend":
      return { ...operation, source: picture(operation.source), mask: mask(operation.mask) };
    case "blackness":
    case "whiteness":
    case "invers":
      return { ...operation, mask: mask(operation.mask) };
    case "stroke":
      return { ...operation, brush: brush(operation.brush) };
    case "text":
      return { ...operation, foreBrush: brush(operation.foreBrush), backBrush: brush(operation.backBrush) };
    case "transparent":
    case "alphaBlend":
      return { ...operation, source: picture(operation.source) };
    case "composite": {
      const source = picture(operation.source);
      return { ...operation, source, mask: operation.mask === undefined ? undefined : picture(operation.mask) };
    }
    case "copyBits":
      return operation;
  }
}
