import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capabilityWords, DISPLAY_CAPABILITY, hasCapability } from "../constants/capabilities.ts";
import { CLIENT_CAPABILITIES, CLIENT_COMMON_CAPABILITIES, displayCapabilities } from "./capabilities.ts";

describe("SPICE capabilities", () => {
  it("are bits of as few words as hold them", () => {
    expect([capabilityWords([]), capabilityWords([0, 3]), capabilityWords([31]), capabilityWords([1, 33])]).toEqual([
      [],
      [0b1001],
      [0x8000_0000],
      [2, 2],
    ]);
  });

  it("are there exactly when their bit was given", () => {
    const bit = fc.integer({ min: 0, max: 511 });
    fc.assert(
      fc.property(fc.array(bit), bit, (bits, asked) => {
        expect(hasCapability(capabilityWords(bits), asked)).toBe(bits.includes(asked));
      }),
    );
  });

  it("are those that our client has, as the protocol's header numbers them", () => {
    expect(CLIENT_COMMON_CAPABILITIES).toEqual([0xf]);
    expect({
      ...CLIENT_CAPABILITIES,
      display: displayCapabilities([]),
      all: displayCapabilities(["vp8", "vp9"]),
    }).toEqual({
      main: [0xf],
      inputs: [1],
      cursor: [],
      playback: [0b1110],
      record: [0b110],
      usbredir: [1],
      port: [],
      webdav: [],
      smartcard: [],
      tunnel: [],
      display: [0x137f],
      all: [0x377f],
    });
    expect(hasCapability(displayCapabilities(["h264", "h265"]), DISPLAY_CAPABILITY.glScanout)).toBe(false);
  });
});
