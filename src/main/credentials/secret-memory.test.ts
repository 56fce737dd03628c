import { describe, expect, it } from "vitest";
import { createSecretMemory } from "./secret-memory.ts";

describe("the memory of passwords", () => {
  it("gives back what it was told until it is told to forget", () => {
    const secrets = createSecretMemory();
    secrets.remember("vnc rack-a:5900", { userName: "u", secret: "s" });
    expect(secrets.get("vnc rack-a:5900")).toEqual({ userName: "u", secret: "s" });
    secrets.forget("vnc rack-a:5900");
    expect(secrets.get("vnc rack-a:5900")).toBeUndefined();
  });

  it("forgets the oldest when there are too many", () => {
    const secrets = createSecretMemory();
    for (let i = 0; i <= 1_000; i += 1) secrets.remember(String(i), { secret: "s" });
    expect([secrets.get("0"), secrets.get("1"), secrets.get("1000")]).toEqual([
      undefined,
      { secret: "s" },
      { secret: "s" },
    ]);
  });
});
