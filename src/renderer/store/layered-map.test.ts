import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LayeredMap, mapWith } from "./layered-map.ts";

// Large enough that base and layer become one on the way.
const change = fc.record({
  changed: fc.array(fc.tuple(fc.nat(900), fc.nat()), { maxLength: 300, size: "max" }),
  removed: fc.array(fc.nat(900), { maxLength: 300, size: "max" }),
});

describe("LayeredMap", () => {
  it("answers like a map that was copied whole for every change", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const plain = new Map<number, number>();
        let layered = LayeredMap.from<number, number>([]);
        for (const { changed, removed } of changes) {
          for (const key of removed) plain.delete(key);
          for (const [key, value] of changed) plain.set(key, value);
          layered = layered.with(changed, removed);
        }
        expect({ size: layered.size, entries: new Set(layered.keys()) }).toEqual({
          size: plain.size,
          entries: new Set(plain.keys()),
        });
        for (const [key, value] of plain) expect(layered.get(key)).toBe(value);
        expect([...layered.values()].sort()).toEqual([...plain.values()].sort());
      }),
    );
  });

  it("leaves the map it was made from as it was", () => {
    const before = LayeredMap.from([["a", 1]]);
    const after = before.with([["b", 2]], ["a"]);
    expect([[...before], [...after]]).toEqual([[["a", 1]], [["b", 2]]]);
  });

  it("does not know a removed key, and knows it when it comes back", () => {
    const gone = mapWith(new Map([["a", 1]]), [], ["a"]);
    expect([gone.has("a"), gone.get("a"), gone.size]).toEqual([false, undefined, 0]);
    const back = mapWith(gone, [["a", 2]]);
    expect([back.has("a"), back.get("a"), back.size]).toEqual([true, 2, 1]);
  });
});
