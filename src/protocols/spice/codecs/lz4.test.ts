import { describe, expect, it } from "vitest";
import { expectedOf } from "../../../testing/spice-expected.ts";
import { readCodecFixtures } from "../../../testing/spice-fixtures.ts";
import { decodeLz4 } from "./lz4.ts";

describe("decodeLz4", () => {
  it.each(readCodecFixtures("lz4"))("gives what was encoded: $name", ({ name, data }) => {
    const expected = expectedOf(name);
    expect(decodeLz4(data, expected)).toEqual(expected);
  });
});
