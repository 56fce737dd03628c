import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConsoleId, GuestId, HostId } from "../../../shared/contracts/ids.ts";
import type { GuestSnapshot, GuestState, HostSnapshot } from "../../../shared/contracts/inventory.ts";
import { createTreeRows, type TreeInput, type TreeRow } from "./tree-rows.ts";

function host(id: string, change: Partial<HostSnapshot> = {}): HostSnapshot {
  return {
    id: id as HostId,
    kind: "libvirt",
    uri: `qemu+ssh://${id}/system`,
    label: id,
    state: { phase: "live" },
    origin: "configured",
    isAddressBook: false,
    ...change,
  };
}

function guest(hostId: string, name: string, change: Partial<GuestSnapshot> = {}): GuestSnapshot {
  return {
    id: `${hostId}/${name}` as GuestId,
    hostId: hostId as HostId,
    name,
    state: "running",
    consoles: [{ id: "vnc" as ConsoleId, protocol: "vnc", label: "VNC" }],
    actions: [],
    hasScreenshot: false,
    ...change,
  };
}

function input(
  hosts: readonly HostSnapshot[],
  guests: readonly GuestSnapshot[],
  change: Partial<TreeInput> = {},
): TreeInput {
  return {
    hostById: new Map(hosts.map((each) => [each.id, each])),
    guestById: new Map(guests.map((each) => [each.id, each])),
    foldedIds: new Set(),
    filter: "",
    ...change,
  };
}

/** "host", "  guest", with the place among the brothers. */
function outline(rows: readonly TreeRow[]): string[] {
  return rows.map((row) => {
    const name =
      row.kind === "host"
        ? row.host.label
        : row.kind === "group"
          ? `[${row.name}]`
          : row.kind === "guest"
            ? row.guest.name
            : `(${row.note})`;
    return `${"  ".repeat(row.level - 1)}${name} ${row.position}/${row.setSize}`;
  });
}

const two = input(
  [host("a"), host("b")],
  [guest("a", "web-10"), guest("a", "web-2"), guest("b", "mail"), guest("a", "db", { title: "The ledger" })],
);

describe("tree rows", () => {
  it("list each host with its guests, numbers in names in their order", () => {
    expect(outline(createTreeRows()(two).rows)).toEqual([
      "a 1/2",
      "  db 1/3",
      "  web-2 2/3",
      "  web-10 3/3",
      "b 2/2",
      "  mail 1/1",
    ]);
  });

  it("hide what is folded, and show it while filtering", () => {
    const treeRows = createTreeRows();
    const folded = { ...two, foldedIds: new Set(["a"]) };
    expect(outline(treeRows(folded).rows)).toEqual(["a 1/2", "b 2/2", "  mail 1/1"]);
    expect(outline(treeRows({ ...folded, filter: "WEB" }).rows)).toEqual(["a 1/1", "  web-2 1/2", "  web-10 2/2"]);
    expect(outline(treeRows(folded).rows)).toEqual(["a 1/2", "b 2/2", "  mail 1/1"]);
  });

  it("find by every word, in the title too, and by the host's name", () => {
    const treeRows = createTreeRows();
    const find = (filter: string): string[] => outline(treeRows({ ...two, filter }).rows);
    expect(find("ledger")).toEqual(["a 1/1", "  db 1/1"]);
    expect(find("web 10")).toEqual(["a 1/1", "  web-10 1/1"]);
    expect(find("b")).toEqual(["a 1/2", "  db 1/3", "  web-2 2/3", "  web-10 3/3", "b 2/2", "  mail 1/1"]);
    expect(find("nobody")).toEqual([]);
  });

  it("say below a host why it failed, or that it has no guests", () => {
    const failed = host("dead", {
      state: {
        phase: "failed",
        error: { code: "CONNECT_REFUSED", message: "refused", detail: { address: "dead:22" } },
      },
    });
    const connecting = host("slow", { state: { phase: "connecting" } });
    const { rows } = createTreeRows()(input([failed, host("bare"), connecting], [guest("dead", "last-known")]));
    expect(outline(rows)).toEqual([
      "dead 1/3",
      "  (failed) 1/2",
      "  last-known 2/2",
      "bare 2/3",
      "  (empty) 1/1",
      "slow 3/3",
    ]);
  });

  it("put groups below the host, after guests without one", () => {
    const guests = [guest("a", "x", { group: "Rack 2" }), guest("a", "y", { group: "Rack 1" }), guest("a", "z")];
    const treeRows = createTreeRows();
    expect(outline(treeRows(input([host("a")], guests)).rows)).toEqual([
      "a 1/1",
      "  z 1/3",
      "  [Rack 1] 2/3",
      "    y 1/1",
      "  [Rack 2] 3/3",
      "    x 1/1",
    ]);
    expect(outline(treeRows(input([host("a")], guests, { foldedIds: new Set(["a#Rack 1"]) })).rows)).toEqual([
      "a 1/1",
      "  z 1/3",
      "  [Rack 1] 2/3",
      "  [Rack 2] 3/3",
      "    x 1/1",
    ]);
  });

  it("stay the same objects for every guest that did not change", () => {
    const treeRows = createTreeRows();
    const before = treeRows(two).rows;
    const guestById = new Map(two.guestById).set("a/db", guest("a", "db", { state: "off" }));
    const after = treeRows({ ...two, guestById }).rows;
    expect(after.map((row, index) => row === before[index])).toEqual([false, false, true, true, true, true]);
  });

  it("are the same whether made anew or changed step by step", () => {
    const names = ["a", "b", "a10", "a9", "Zed", "ümlaut"];
    const step = fc.record({
      guests: fc.uniqueArray(
        fc.record({
          host: fc.constantFrom("h1", "h2", "h3"),
          local: fc.nat(9),
          name: fc.constantFrom(...names),
          group: fc.constantFrom(undefined, "g1", "g2"),
          state: fc.constantFrom<GuestState>("running", "off"),
        }),
        { selector: ({ host: hostId, local }) => `${hostId}/${local}`, maxLength: 20 },
      ),
      hosts: fc.subarray(["h1", "h2", "h3"]),
      folded: fc.subarray(["h1", "h2", "h1#g1", "h2#g2"]),
      filter: fc.constantFrom("", "a", "a1", "a10", "zed", "h1", "g1", "nothing"),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const treeRows = createTreeRows();
        for (const { guests, hosts, folded, filter } of steps) {
          const state = input(
            hosts.map((id) => host(id)),
            guests.map(({ host: hostId, local, name, group, state: guestState }) =>
              guest(hostId, name, {
                id: `${hostId}/${String(local).padStart(2, "0")}` as GuestId,
                state: guestState,
                ...(group === undefined ? {} : { group }),
              }),
            ),
            { foldedIds: new Set(folded), filter },
          );
          expect(outline(treeRows(state).rows)).toEqual(outline(createTreeRows()(state).rows));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("tree rows of 10,000 guests on one host", () => {
  // Work is counted, not timed: how often a guest is looked at does not depend on what else the machine does.
  const GUESTS = 10_000;
  let reads = 0;

  function counted(plain: GuestSnapshot): GuestSnapshot {
    const count = <T>(value: T): T => {
      reads += 1;
      return value;
    };
    return Object.defineProperties(
      { ...plain },
      {
        id: { get: () => count(plain.id), enumerable: true },
        name: { get: () => count(plain.name), enumerable: true },
        group: { get: () => count(plain.group), enumerable: true },
      },
    );
  }

  const plainGuests = Array.from({ length: GUESTS }, (_, index) => guest("h1", `guest-${(index * 7919) % GUESTS}`));
  const whole: TreeInput = {
    ...input([host("h1")], []),
    guestById: new Map(plainGuests.map((each) => [each.id, counted(each)])),
  };

  function readsOf(work: () => unknown): number {
    reads = 0;
    work();
    return reads;
  }

  it("look at each guest a few times when one changed, where sorting looks many times", () => {
    const treeRows = createTreeRows();
    const first = readsOf(() => treeRows(whole));
    const changed = counted({ ...plainGuests[4711]!, state: "off" });
    const guestById = new Map(whole.guestById).set(plainGuests[4711]!.id, changed);
    const change = readsOf(() => treeRows({ ...whole, guestById }));
    expect(first).toBeGreaterThan(20 * GUESTS);
    expect(change).toBeLessThan(9 * GUESTS);
  });

  it("look only at what is found when a letter is typed", () => {
    const treeRows = createTreeRows();
    treeRows(whole);
    treeRows({ ...whole, filter: "guest" });
    const found = { letters: 0, rows: 0 };
    for (const filter of ["guest-", "guest-1", "guest-12", "guest-123"]) {
      const letters = readsOf(() => {
        found.rows = treeRows({ ...whole, filter }).guestCount;
      });
      expect(letters).toBeLessThanOrEqual(4 * found.rows);
    }
    expect(found.rows).toBe(11);
  });

  it("look at nobody when a host is folded", () => {
    const treeRows = createTreeRows();
    treeRows(whole);
    expect(readsOf(() => treeRows({ ...whole, foldedIds: new Set(["h1"]) }))).toBe(0);
  });
});
