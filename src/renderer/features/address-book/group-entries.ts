import type { AddressBookEntry } from "../../../shared/contracts/settings.ts";

export interface EntryGroup {
  /** Empty for entries without a group; they come first. */
  readonly name: string;
  readonly entries: readonly AddressBookEntry[];
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Entries that match, by group and name, as many as may be shown. */
export function groupEntries(
  entries: readonly AddressBookEntry[],
  filter: string,
  maxShown: number,
): { readonly groups: readonly EntryGroup[]; readonly shownCount: number; readonly foundCount: number } {
  const sought = filter.trim().toLowerCase();
  const found = entries
    .filter((entry) => `${entry.name}\n${entry.uri}\n${entry.group ?? ""}`.toLowerCase().includes(sought))
    .sort(
      (one, other) => collator.compare(one.group ?? "", other.group ?? "") || collator.compare(one.name, other.name),
    );
  const shown = found.slice(0, maxShown);
  const byGroup = Map.groupBy(shown, (entry) => entry.group ?? "");
  return {
    groups: [...byGroup].map(([name, members]) => ({ name, entries: members })),
    shownCount: shown.length,
    foundCount: found.length,
  };
}
