import { describe, expect, it } from "vitest";
import { coverCut } from "./paint-cover.ts";

describe("coverCut", () => {
  it("cuts the sides off a wide picture and top and bottom off a tall one", () => {
    expect(coverCut({ width: 400, height: 100 }, { width: 20, height: 10 })).toEqual({
      x: 100,
      y: 0,
      width: 200,
      height: 100,
    });
    expect(coverCut({ width: 100, height: 400 }, { width: 20, height: 10 })).toEqual({
      x: 0,
      y: 175,
      width: 100,
      height: 50,
    });
  });

  it("takes the whole of a picture with the same proportions", () => {
    expect(coverCut({ width: 800, height: 500 }, { width: 160, height: 100 })).toEqual({
      x: 0,
      y: 0,
      width: 800,
      height: 500,
    });
  });
});
