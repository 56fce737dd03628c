import { describe, expect, it } from "vitest";
import { expectedOf, fixturePalette } from "../../../testing/spice-expected.ts";
import { readCodecFixtures } from "../../../testing/spice-fixtures.ts";
import { decodeLz } from "./lz.ts";

describe("decodeLz", () => {
  it.each(readCodecFixtures("lz"))("gives what spice-server encoded: $name", ({ name, data }) => {
    expect(decodeLz(data, fixturePalette())).toEqual(expectedOf(name));
  });
});
