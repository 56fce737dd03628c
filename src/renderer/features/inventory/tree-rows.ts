import type { HostId } from "../../../shared/contracts/ids.ts";
import type { GuestSnapshot, HostSnapshot } from "../../../shared/contracts/inventory.ts";

/**
 * The tree as a flat list of rows, as a virtual list needs it. A change of one guest or a typed letter costs work for
 * its host only; the rows of other hosts stay the same objects, so their components do not render again.
 */
interface RowBase {
  /** Stable, and the key under which a host or group is folded. */
  readonly id: string;
  readonly level: 1 | 2 | 3;
  /** Place among its brothers, from 1, and their number, for screen readers. */
  readonly position: number;
  readonly setSize: number;
}
export interface HostRow extends RowBase {
  readonly kind: "host";
  readonly host: HostSnapshot;
  readonly isExpanded: boolean;
  readonly guestCount: number;
}
export interface GroupRow extends RowBase {
  readonly kind: "group";
  readonly hostId: HostId;
  readonly name: string;
  readonly isExpanded: boolean;
  readonly guestCount: number;
}
export interface GuestRow extends RowBase {
  readonly kind: "guest";
  readonly guest: GuestSnapshot;
}
/** Stands under its host: why it failed, or that it has no guests. */
export interface NoteRow extends RowBase {
  readonly kind: "note";
  readonly host: HostSnapshot;
  readonly note: "failed" | "empty";
}
export type TreeRow = HostRow | GroupRow | GuestRow | NoteRow;

export interface TreeInput {
  readonly hostById: ReadonlyMap<HostId, HostSnapshot>;
  readonly guestById: ReadonlyMap<string, GuestSnapshot>;
  readonly foldedIds: ReadonlySet<string>;
  /** Words that must all occur in the guest's name, title or group; a host whose label has them shows all its guests. */
  readonly filter: string;
}

export interface Tree {
  readonly rows: readonly TreeRow[];
  /** Guests that the filter lets through, folded ones too. */
  readonly guestCount: number;
}

export const groupTreeId = (hostId: HostId, group: string): string => `${hostId}#${group}`;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function compareGuests(one: GuestSnapshot, other: GuestSnapshot): number {
  return collator.compare(one.name, other.name);
}

const searchTextByGuest = new WeakMap<GuestSnapshot, string>();

/** What the filter looks into; made once a guest. */
export function searchTextOf(guest: GuestSnapshot): string {
  let text = searchTextByGuest.get(guest);
  if (text === undefined) {
    text = `${guest.name}\n${guest.title ?? ""}\n${guest.group ?? ""}`.toLowerCase();
    searchTextByGuest.set(guest, text);
  }
  return text;
}

function hasAll(text: string, words: readonly string[]): boolean {
  for (const word of words) if (!text.includes(word)) return false;
  return true;
}

function isSameList(one: readonly GuestSnapshot[], other: readonly GuestSnapshot[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}

/**
 * The guests in order, from the order before: only those that are new or have a new name are sorted and put in. Sorting
 * 10,000 names anew takes longer than a frame, and a guest changes its state far more often than its name.
 */
function sortGuests(
  guests: readonly GuestSnapshot[],
  sortedBefore: readonly GuestSnapshot[],
): readonly GuestSnapshot[] {
  if (sortedBefore.length === 0) return guests.toSorted(compareGuests);
  const restById = new Map(guests.map((guest) => [guest.id, guest] as const));
  const kept: GuestSnapshot[] = [];
  for (const old of sortedBefore) {
    const guest = restById.get(old.id);
    if (guest?.name !== old.name) continue;
    kept.push(guest);
    restById.delete(old.id);
  }
  if (restById.size === 0) return kept;
  const added = [...restById.values()].sort(compareGuests);
  const merged: GuestSnapshot[] = [];
  let next = 0;
  for (const guest of kept) {
    for (let other = added[next]; other !== undefined && compareGuests(other, guest) < 0; other = added[++next]) {
      merged.push(other);
    }
    merged.push(guest);
  }
  return merged.concat(added.slice(next));
}

/** What is kept of one host from one call to the next. */
interface HostMemo {
  guests: readonly GuestSnapshot[];
  sorted: readonly GuestSnapshot[];
  query: string;
  label: string;
  filtered: readonly GuestSnapshot[];
  host: HostSnapshot;
  foldKey: string;
  position: number;
  setSize: number;
  rows: readonly TreeRow[];
}

const NO_GUESTS: readonly GuestSnapshot[] = [];

/** Guests without a group, and the others by group in the groups' order. */
function splitByGroup(guests: readonly GuestSnapshot[]): {
  loose: readonly GuestSnapshot[];
  groups: readonly (readonly [string, readonly GuestSnapshot[]])[];
} {
  const loose: GuestSnapshot[] = [];
  const byName = new Map<string, GuestSnapshot[]>();
  for (const guest of guests) {
    if (guest.group === undefined || guest.group === "") {
      loose.push(guest);
      continue;
    }
    const members = byName.get(guest.group);
    if (members === undefined) byName.set(guest.group, [guest]);
    else members.push(guest);
  }
  return { loose, groups: [...byName].sort(([one], [other]) => collator.compare(one, other)) };
}

function rowsOfHost(
  host: HostSnapshot,
  guests: readonly GuestSnapshot[],
  place: { readonly position: number; readonly setSize: number },
  isFolded: (id: string) => boolean,
): readonly TreeRow[] {
  const isExpanded = !isFolded(host.id);
  const rows: TreeRow[] = [
    { kind: "host", id: host.id, level: 1, ...place, host, isExpanded, guestCount: guests.length },
  ];
  if (!isExpanded) return rows;
  const { loose, groups } = splitByGroup(guests);
  const note =
    host.state.phase === "failed" ? "failed" : host.state.phase === "live" && guests.length === 0 ? "empty" : undefined;
  const setSize = groups.length + loose.length + (note === undefined ? 0 : 1);
  let position = 1;
  if (note !== undefined) {
    rows.push({ kind: "note", id: `${host.id}#`, level: 2, position: position++, setSize, host, note });
  }
  for (const guest of loose) rows.push({ kind: "guest", id: guest.id, level: 2, position: position++, setSize, guest });
  for (const [name, members] of groups) {
    const id = groupTreeId(host.id, name);
    const isGroupExpanded = !isFolded(id);
    rows.push({
      kind: "group",
      id,
      level: 2,
      position: position++,
      setSize,
      hostId: host.id,
      name,
      isExpanded: isGroupExpanded,
      guestCount: members.length,
    });
    if (!isGroupExpanded) continue;
    members.forEach((guest, index) => {
      rows.push({ kind: "guest", id: guest.id, level: 3, position: index + 1, setSize: members.length, guest });
    });
  }
  return rows;
}

/** Makes a function from state to rows that remembers what it made for each host. */
export function createTreeRows(): (input: TreeInput) => Tree {
  let memoByHost = new Map<HostId, HostMemo>();
  let groupedFrom: ReadonlyMap<string, GuestSnapshot> | undefined;
  let guestsByHost = new Map<HostId, readonly GuestSnapshot[]>();

  const groupByHost = (guestById: ReadonlyMap<string, GuestSnapshot>): void => {
    if (guestById === groupedFrom) return;
    groupedFrom = guestById;
    const next = new Map<HostId, GuestSnapshot[]>();
    for (const guest of guestById.values()) {
      const list = next.get(guest.hostId);
      if (list === undefined) next.set(guest.hostId, [guest]);
      else list.push(guest);
    }
    const kept = new Map<HostId, readonly GuestSnapshot[]>();
    for (const [hostId, list] of next) {
      const before = guestsByHost.get(hostId);
      kept.set(hostId, before !== undefined && isSameList(before, list) ? before : list);
    }
    guestsByHost = kept;
  };

  const filterHost = (
    host: HostSnapshot,
    sorted: readonly GuestSnapshot[],
    query: string,
    words: readonly string[],
    before: HostMemo | undefined,
  ): readonly GuestSnapshot[] => {
    if (query === "" || hasAll(host.label.toLowerCase(), words)) return sorted;
    if (before?.sorted === sorted && before.label === host.label) {
      if (before.query === query) return before.filtered;
      // A longer word can only take away: look through what was left.
      const isNarrower = before.query !== "" && query.startsWith(before.query);
      if (isNarrower) return before.filtered.filter((guest) => hasAll(searchTextOf(guest), words));
    }
    return sorted.filter((guest) => hasAll(searchTextOf(guest), words));
  };

  return ({ hostById, guestById, foldedIds, filter }) => {
    groupByHost(guestById);
    const query = filter.trim().toLowerCase();
    const words = query.split(/\s+/).filter((word) => word !== "");
    // While filtering everything found is shown, folded or not.
    const isFolded = (id: string): boolean => query === "" && foldedIds.has(id);

    const shown: { host: HostSnapshot; memo: HostMemo | undefined; sorted: readonly GuestSnapshot[] }[] = [];
    const filteredByHost = new Map<HostId, readonly GuestSnapshot[]>();
    for (const host of hostById.values()) {
      const guests = guestsByHost.get(host.id) ?? NO_GUESTS;
      const memo = memoByHost.get(host.id);
      const sorted = memo?.guests === guests ? memo.sorted : sortGuests(guests, memo?.sorted ?? NO_GUESTS);
      const filtered = filterHost(host, sorted, query, words, memo);
      if (query !== "" && filtered.length === 0 && !hasAll(host.label.toLowerCase(), words)) continue;
      filteredByHost.set(host.id, filtered);
      shown.push({ host, memo, sorted });
    }

    const nextMemo = new Map<HostId, HostMemo>();
    const rows: TreeRow[] = [];
    let guestCount = 0;
    shown.forEach(({ host, memo, sorted }, index) => {
      const filtered = filteredByHost.get(host.id) ?? NO_GUESTS;
      const place = { position: index + 1, setSize: shown.length };
      const foldKey = query === "" ? foldKeyOf(host.id, foldedIds) : "";
      const isUnchanged =
        memo?.filtered === filtered &&
        memo.host === host &&
        memo.foldKey === foldKey &&
        memo.position === place.position &&
        memo.setSize === place.setSize;
      // With another number of guests every row has another place.
      const reusable = memo?.filtered.length === filtered.length ? memo.rows : undefined;
      const hostRows = isUnchanged ? memo.rows : reuseRows(reusable, rowsOfHost(host, filtered, place, isFolded));
      const guests = guestsByHost.get(host.id) ?? NO_GUESTS;
      nextMemo.set(host.id, {
        guests,
        sorted,
        query,
        label: host.label,
        filtered,
        host,
        foldKey,
        ...place,
        rows: hostRows,
      });
      for (const row of hostRows) rows.push(row);
      guestCount += filtered.length;
    });
    // Hosts that the filter hides keep what is costly: their order.
    for (const [hostId, memo] of memoByHost) {
      if (!nextMemo.has(hostId) && hostById.has(hostId))
        nextMemo.set(hostId, { ...memo, query: "", filtered: memo.sorted, foldKey: "?" });
    }
    memoByHost = nextMemo;
    return { rows, guestCount };
  };
}

/** The folded ids that concern a host; equal text means equal folding. */
function foldKeyOf(hostId: HostId, foldedIds: ReadonlySet<string>): string {
  if (foldedIds.size === 0) return "";
  if (foldedIds.has(hostId)) return hostId;
  const prefix = groupTreeId(hostId, "");
  return [...foldedIds].filter((id) => id.startsWith(prefix)).join("\n");
}

/** Keeps the old object for each guest's row that says the same, so that its component does not render again. */
function reuseRows(before: readonly TreeRow[] | undefined, rows: readonly TreeRow[]): readonly TreeRow[] {
  if (before === undefined) return rows;
  const oldByGuest = new Map<GuestSnapshot, GuestRow>();
  for (const row of before) if (row.kind === "guest") oldByGuest.set(row.guest, row);
  return rows.map((row) => {
    if (row.kind !== "guest") return row;
    const old = oldByGuest.get(row.guest);
    const isSame = old?.level === row.level && old.position === row.position && old.setSize === row.setSize;
    return isSame ? old : row;
  });
}
