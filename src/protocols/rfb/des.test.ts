import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encryptDesBlock } from "./des.ts";

describe("DES", () => {
  it("encrypts a published example", () => {
    const key = Buffer.from("133457799bbcdff1", "hex");
    const block = Buffer.from("0123456789abcdef", "hex");
    expect(Buffer.from(encryptDesBlock(key, block)).toString("hex")).toBe("85e813540f0ab405");
  });

  it("agrees with OpenSSL's triple DES when all three keys are the same", () => {
    const eight = fc.uint8Array({ minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(eight, eight, (key, block) => {
        const triple = createCipheriv("des-ede3", Buffer.concat([key, key, key]), null).setAutoPadding(false);
        expect(Buffer.from(encryptDesBlock(key, block))).toEqual(triple.update(block));
      }),
    );
  });
});
