import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readCodecFixtures } from "../../../../testing/spice-fixtures.ts";
import { expectedOf } from "../../../../testing/spice-expected.ts";
import { QUIC_WASM_SOURCE_SHA256 } from "./quic-wasm-code.ts";

const { name, data } = readCodecFixtures("quic")[0]!;

describe("QUIC in WebAssembly", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it("was compiled from the source beside it", () => {
    const source = readFileSync("src/protocols/spice/codecs/quic-wasm/quic-rows.as");
    expect(QUIC_WASM_SOURCE_SHA256, "run node scripts/build-quic-wasm.ts").toBe(
      createHash("sha256").update(source).digest("hex"),
    );
  });

  it("is what decodeQuic runs where it may", async () => {
    const instances = vi.spyOn(WebAssembly, "Instance");
    vi.resetModules();
    const { decodeQuic } = await import("../quic.ts");
    expect(decodeQuic(data)).toEqual(expectedOf(name));
    expect(instances).toHaveBeenCalledOnce();
    instances.mockRestore();
  });

  it("is done without where a page's policy forbids it, and asked for once", async () => {
    const refuse = vi.fn(() => {
      throw new Error("refused by Content Security Policy");
    });
    vi.stubGlobal("WebAssembly", { Module: refuse, Instance: refuse, Memory: refuse });
    vi.resetModules();
    const { decodeQuic } = await import("../quic.ts");
    expect(decodeQuic(data)).toEqual(expectedOf(name));
    expect(decodeQuic(data)).toEqual(expectedOf(name));
    expect(refuse).toHaveBeenCalledOnce();
  });
});
