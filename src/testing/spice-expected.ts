import { type PixelImage } from "../protocols/spice/codecs/pixel-image.ts";
import { type DrawnPicture, drawPicture, paletteColour, paletteIndex, type PictureName } from "./spice-pictures.ts";

/** What a fixture's name ("rgb32 photo 160x90 top-down") says that decoding must give: SPICE's codecs are lossless. */
export function expectedOf(fixtureName: string): PixelImage {
  const [type = "", picture = "", size = ""] = fixtureName.split(" ");
  const [width = 0, height = 0] = size.split("x").map(Number);
  return convert(type, drawPicture(picture as PictureName, width, height));
}

/** What a lossless codec's picture type makes of a drawn picture. */
export function convert(type: string, { width, height, bgra }: DrawnPicture): PixelImage {
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; i += 1) {
    pixels[i] = pixelOf(type, bgra[i * 4] ?? 0, bgra[i * 4 + 1] ?? 0, bgra[i * 4 + 2] ?? 0, bgra[i * 4 + 3] ?? 0);
  }
  const alpha = type === "rgba" ? "premultiplied" : type === "xxxa" || type === "a8" ? "mask" : "opaque";
  return { width, height, pixels, alpha };
}

function pixelOf(type: string, blue: number, green: number, red: number, alpha: number): number {
  switch (type) {
    case "rgba":
      return join(red, green, blue, alpha);
    case "xxxa":
    case "a8":
      return join(0, 0, 0, alpha);
    case "gray":
      return join(green, green, green, 255);
    case "rgb16":
      return join(fromFiveBits(red >> 3), fromFiveBits(green >> 3), fromFiveBits(blue >> 3), 255);
    case "rgb24":
    case "rgb32":
      return join(red, green, blue, 255);
    default: {
      const colour = paletteColour(paletteIndex(green, Number(type[3])));
      return join(colour >> 16, (colour >> 8) & 255, colour & 255, 255);
    }
  }
}

function join(red: number, green: number, blue: number, alpha: number): number {
  return alpha * 0x100_0000 + blue * 0x1_0000 + green * 0x100 + red;
}

function fromFiveBits(value: number): number {
  return value * 8 + Math.floor(value / 4);
}

/** The palette that the fixtures of palette pictures mean. */
export function fixturePalette(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, i) => paletteColour(i));
}
