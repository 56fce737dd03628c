import type { TreeRow } from "./tree-rows.ts";

/** What a key asks of the tree (WAI-ARIA Authoring Practices, "Tree View Pattern", keyboard interaction). */
export type TreeKeyAct =
  | { readonly kind: "focus"; readonly index: number }
  | { readonly kind: "fold"; readonly id: string }
  | { readonly kind: "unfold-all" }
  | { readonly kind: "open"; readonly row: TreeRow }
  | { readonly kind: "select"; readonly row: TreeRow }
  | { readonly kind: "remove"; readonly row: TreeRow }
  | { readonly kind: "type-ahead"; readonly letter: string };

export interface TreeKey {
  readonly key: string;
  readonly hasModifier: boolean;
  /** Rows that fit on the screen, for PageUp and PageDown. */
  readonly pageRows: number;
}

export const isExpandable = (row: TreeRow): row is Extract<TreeRow, { isExpanded: boolean }> =>
  row.kind === "host" || row.kind === "group";

function parentIndex(rows: readonly TreeRow[], index: number): number {
  const level = rows[index]?.level ?? 1;
  for (let at = index - 1; at >= 0; at--) {
    const row = rows[at];
    if (row !== undefined && row.level < level) return at;
  }
  return index;
}

export function treeKeyAct(
  rows: readonly TreeRow[],
  index: number,
  { key, hasModifier, pageRows }: TreeKey,
): TreeKeyAct | undefined {
  const row = rows[index];
  if (row === undefined || hasModifier) return undefined;
  const focus = (to: number): TreeKeyAct => ({
    kind: "focus",
    index: Math.max(0, Math.min(rows.length - 1, to)),
  });
  switch (key) {
    case "ArrowDown":
      return focus(index + 1);
    case "ArrowUp":
      return focus(index - 1);
    case "Home":
      return focus(0);
    case "End":
      return focus(rows.length - 1);
    case "PageDown":
      return focus(index + pageRows);
    case "PageUp":
      return focus(index - pageRows);
    case "ArrowRight":
      if (!isExpandable(row)) return undefined;
      if (!row.isExpanded) return { kind: "fold", id: row.id };
      return (rows[index + 1]?.level ?? 1) > row.level ? focus(index + 1) : undefined;
    case "ArrowLeft":
      if (isExpandable(row) && row.isExpanded) return { kind: "fold", id: row.id };
      return focus(parentIndex(rows, index));
    case "Enter":
      return { kind: "open", row };
    case " ":
      return { kind: "select", row };
    case "Delete":
      return { kind: "remove", row };
    case "*":
      return { kind: "unfold-all" };
    default:
      return key.length === 1 ? { kind: "type-ahead", letter: key } : undefined;
  }
}

export function labelOfRow(row: TreeRow): string {
  switch (row.kind) {
    case "host":
      return row.host.label;
    case "group":
      return row.name;
    case "guest":
      return row.guest.name;
    case "note":
      return "";
  }
}

/** Letters typed within this time are one word. */
const TYPE_AHEAD_PAUSE_MS = 700;

/** Finds rows by typed letters; the clock is the key events' own. */
export class TypeAhead {
  #word = "";
  #lastMs = -Infinity;

  /** Another key ends the word. */
  reset(): void {
    this.#lastMs = -Infinity;
  }

  /** The row to go to, or undefined when none begins with what was typed. */
  type(letter: string, nowMs: number, rows: readonly TreeRow[], fromIndex: number): number | undefined {
    this.#word = nowMs - this.#lastMs > TYPE_AHEAD_PAUSE_MS ? letter : this.#word + letter;
    this.#lastMs = nowMs;
    const word = this.#word.toLowerCase();
    // A word that grows may stay where it is; a first letter, or the same one again, goes on.
    const isRepeated = word === word.charAt(0).repeat(word.length);
    const sought = isRepeated ? word.slice(0, 1) : word;
    const start = fromIndex + (isRepeated ? 1 : 0);
    for (let step = 0; step < rows.length; step++) {
      const index = (start + step) % rows.length;
      const row = rows[index];
      if (row !== undefined && labelOfRow(row).toLowerCase().startsWith(sought)) return index;
    }
    return undefined;
  }
}
