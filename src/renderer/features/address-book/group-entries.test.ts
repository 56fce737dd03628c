import { describe, expect, it } from "vitest";
import { groupEntries } from "./group-entries.ts";

const entry = (name: string, group?: string) => ({
  id: name,
  name,
  uri: `vnc://${name}:5900`,
  ...(group === undefined ? {} : { group }),
});

const entries = [entry("z", "Rack 2"), entry("kvm-10", "Rack 1"), entry("kvm-9", "Rack 1"), entry("loose")];

const shape = (filter: string, max = 100) => {
  const { groups, shownCount, foundCount } = groupEntries(entries, filter, max);
  return { groups: groups.map((group) => [group.name, group.entries.map(({ name }) => name)]), shownCount, foundCount };
};

describe("address book entries", () => {
  it("stand by group and name, those without a group first", () => {
    expect(shape("")).toEqual({
      groups: [
        ["", ["loose"]],
        ["Rack 1", ["kvm-9", "kvm-10"]],
        ["Rack 2", ["z"]],
      ],
      shownCount: 4,
      foundCount: 4,
    });
  });

  it("are found by name, address and group", () => {
    expect(shape("rack 2").groups).toEqual([["Rack 2", ["z"]]]);
    expect(shape("KVM-9:59").groups).toEqual([["Rack 1", ["kvm-9"]]]);
  });

  it("are shown up to a number, and all counted", () => {
    expect(shape("", 2)).toEqual({
      groups: [
        ["", ["loose"]],
        ["Rack 1", ["kvm-9"]],
      ],
      shownCount: 2,
      foundCount: 4,
    });
  });
});
