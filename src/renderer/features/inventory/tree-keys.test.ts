import { describe, expect, it } from "vitest";
import type { GuestId, HostId } from "../../../shared/contracts/ids.ts";
import type { TreeRow } from "./tree-rows.ts";
import { treeKeyAct, TypeAhead } from "./tree-keys.ts";

const HOST = {
  id: "h" as HostId,
  kind: "libvirt",
  uri: "qemu:///system",
  label: "This computer",
  state: { phase: "live" },
  origin: "automatic",
  isAddressBook: false,
} as const;

const hostRow = (isExpanded: boolean): TreeRow => ({
  kind: "host",
  id: "h",
  level: 1,
  position: 1,
  setSize: 1,
  host: HOST,
  isExpanded,
  guestCount: 3,
});

const guestRow = (name: string): TreeRow => ({
  kind: "guest",
  id: `h/${name}`,
  level: 2,
  position: 1,
  setSize: 3,
  guest: {
    id: `h/${name}` as GuestId,
    hostId: HOST.id,
    name,
    state: "running",
    consoles: [],
    actions: [],
    hasScreenshot: false,
  },
});

const rows = [hostRow(true), guestRow("mail"), guestRow("Mars"), guestRow("web")];
const act = (index: number, key: string, of: readonly TreeRow[] = rows) =>
  treeKeyAct(of, index, { key, hasModifier: false, pageRows: 2 });

describe("tree keys", () => {
  it("move through the rows and stop at the ends", () => {
    const moves = (["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp"] as const).map((key) => [
      key,
      act(1, key),
    ]);
    expect(moves).toEqual([
      ["ArrowDown", { kind: "focus", index: 2 }],
      ["ArrowUp", { kind: "focus", index: 0 }],
      ["Home", { kind: "focus", index: 0 }],
      ["End", { kind: "focus", index: 3 }],
      ["PageDown", { kind: "focus", index: 3 }],
      ["PageUp", { kind: "focus", index: 0 }],
    ]);
    expect(act(3, "ArrowDown")).toEqual({ kind: "focus", index: 3 });
  });

  it("fold and unfold a host, go into it and back to it", () => {
    const folded = [hostRow(false)];
    expect([act(0, "ArrowRight", folded), act(0, "ArrowRight"), act(0, "ArrowLeft"), act(2, "ArrowLeft")]).toEqual([
      { kind: "fold", id: "h" },
      { kind: "focus", index: 1 },
      { kind: "fold", id: "h" },
      { kind: "focus", index: 0 },
    ]);
    expect(act(1, "ArrowRight")).toBeUndefined();
  });

  it("open with Enter, select with Space, ask to remove with Delete, unfold all with *", () => {
    expect(["Enter", " ", "Delete", "*"].map((key) => act(1, key)?.kind)).toEqual([
      "open",
      "select",
      "remove",
      "unfold-all",
    ]);
  });

  it("leave keys with a modifier and keys of no meaning to others", () => {
    expect(treeKeyAct(rows, 1, { key: "k", hasModifier: true, pageRows: 2 })).toBeUndefined();
    expect([act(1, "F2"), act(1, "Tab"), act(9, "Enter")]).toEqual([undefined, undefined, undefined]);
  });
});

describe("type-ahead", () => {
  it("takes letters that follow each other as one word", () => {
    const typed = new TypeAhead();
    expect([typed.type("m", 0, rows, 0), typed.type("A", 100, rows, 1), typed.type("r", 200, rows, 1)]).toEqual([
      1, 1, 2,
    ]);
  });

  it("goes on to the next for the same letter, and round", () => {
    const typed = new TypeAhead();
    expect([typed.type("m", 0, rows, 0), typed.type("m", 100, rows, 1), typed.type("m", 200, rows, 2)]).toEqual([
      1, 2, 1,
    ]);
  });

  it("begins anew after a pause and after another key", () => {
    const typed = new TypeAhead();
    typed.type("m", 0, rows, 0);
    expect(typed.type("w", 5_000, rows, 1)).toBe(3);
    typed.reset();
    expect(typed.type("m", 5_050, rows, 3)).toBe(1);
  });

  it("stays where nothing begins so", () => {
    expect(new TypeAhead().type("x", 0, rows, 0)).toBeUndefined();
  });
});
