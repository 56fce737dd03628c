import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PixelImage } from "../codecs/pixel-image.ts";
import type { DrawOperation } from "../display/draw-types.ts";
import { drawOn } from "./draw-on.ts";
import { noisePicture } from "./fixtures/noise-picture.ts";
import type { Surface, SurfaceFormat } from "./surface.ts";

/** A line of fixtures/reference-cases.jsonl; see the README beside it. */
interface ReferenceCase {
  readonly kind: string;
  /** Seed, width, height, format. The first one is drawn on. */
  readonly pictures: readonly (readonly [number, number, number, SurfaceFormat])[];
  /** Pictures in it are `{"picture": index}`, coverage is Base64. */
  readonly operation: unknown;
  /** Of the surface's pixels as in memory after the operation: the start of their SHA-256. */
  readonly hash: string;
}

const path = new URL("fixtures/reference-cases.jsonl", import.meta.url);
const cases = readFileSync(path, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as ReferenceCase);

function revive(value: unknown, pictures: readonly Surface[]): unknown {
  if (Array.isArray(value)) return value.map((item) => revive(item, pictures));
  if (typeof value !== "object" || value === null) return value;
  if ("picture" in value) return pictures[Number(value.picture)];
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => {
      if (key === "coverage") return [key, new Uint8Array(Buffer.from(String(item), "base64"))];
      if (key === "points") return [key, Int32Array.from(item as number[])];
      return [key, revive(item, pictures)];
    }),
  );
}

function hashOf(image: PixelImage): string {
  return createHash("sha256").update(new Uint8Array(image.pixels.buffer)).digest("hex").slice(0, 16);
}

describe("drawOn paints what the reference client's software canvas paints", () => {
  const kinds = [...new Set(cases.map((one) => one.kind))];
  it.each(kinds)("%s", (kind) => {
    const wrong = [];
    for (const [index, one] of cases.entries()) {
      if (one.kind !== kind) continue;
      const pictures = one.pictures.map((picture) => noisePicture(...picture));
      const [surface] = pictures;
      if (surface === undefined) throw new Error("case without pictures");
      drawOn(surface, revive(one.operation, pictures) as DrawOperation);
      if (hashOf(surface) !== one.hash) wrong.push({ line: index + 1, operation: one.operation });
    }
    expect(wrong).toEqual([]);
  });
});
