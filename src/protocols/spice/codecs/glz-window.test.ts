import { describe, expect, it } from "vitest";
import { expectedOf } from "../../../testing/spice-expected.ts";
import { readCodecFixtures } from "../../../testing/spice-fixtures.ts";
import { GlzWindow } from "./glz-window.ts";

describe("GlzWindow", () => {
  it("gives what spice-server encoded", () => {
    const window = new GlzWindow();
    for (const { name, data } of readCodecFixtures("glz")) {
      expect({ name, image: window.decode(data) }).toEqual({ name, image: expectedOf(name) });
    }
  });
});
