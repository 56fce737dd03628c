import { describe, expect, it } from "vitest";
import { expectedOf } from "../../../testing/spice-expected.ts";
import { readCodecFixtures } from "../../../testing/spice-fixtures.ts";
import { decodeQuic } from "./quic.ts";

describe("decodeQuic", () => {
  it.each(readCodecFixtures("quic"))("gives what spice-server encoded: $name", ({ name, data }) => {
    expect(decodeQuic(data)).toEqual(expectedOf(name));
  });
});
