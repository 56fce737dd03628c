import { ProtocolError } from "../../bytes/protocol-error.ts";

/** What a picture or the surface counts for in a sum: nothing, all, as much as the other one is opaque, or as it is not. */
export type Share = typeof NOTHING | typeof ALL | typeof OTHER_ALPHA | typeof OTHER_REST;
export const NOTHING = 0;
export const ALL = 1;
export const OTHER_ALPHA = 2;
export const OTHER_REST = 3;

/** A Porter-Duff operator of X's Render: `source * sourceShare + dest * destShare`. */
export interface PorterDuff {
  readonly kind: "porterDuff";
  readonly sourceShare: Share;
  readonly destShare: Share;
}

/** Render's operators that suppose that coverages do not overlap, or overlap as far as they can; saturate is one of the former. */
export interface Coverage {
  readonly kind: "coverage";
  readonly sourceShare: CoverageShare;
  readonly destShare: CoverageShare;
}

/** With `a` the own alpha and `b` the other's: what the own colour is multiplied by. */
export type CoverageShare = "nothing" | "all" | "disjointOut" | "disjointIn" | "conjointOut" | "conjointIn";

export type RenderOperator = PorterDuff | Coverage;

const PORTER_DUFF: readonly (readonly [Share, Share])[] = [
  [NOTHING, NOTHING], // clear
  [ALL, NOTHING], // source
  [NOTHING, ALL], // dest
  [ALL, OTHER_REST], // over
  [OTHER_REST, ALL], // over reverse
  [OTHER_ALPHA, NOTHING], // in
  [NOTHING, OTHER_ALPHA], // in reverse
  [OTHER_REST, NOTHING], // out
  [NOTHING, OTHER_REST], // out reverse
  [OTHER_ALPHA, OTHER_REST], // atop
  [OTHER_REST, OTHER_ALPHA], // atop reverse
  [OTHER_REST, OTHER_REST], // xor
  [ALL, ALL], // add
];

const SATURATE = 13;
const DISJOINT = 0x10;
const CONJOINT = 0x20;

/**
 * The operator of a number in a Composite's flags, which is X Render's: 0 to 13 and, from 0x10 and 0x20 on, the first twelve in their disjoint
 * and conjoint forms. Throws ProtocolError "malformed" for others: the blend modes (0x30 and up) have no user among guests' drivers.
 */
export function renderOperatorOf(code: number): RenderOperator {
  const simple = PORTER_DUFF[code];
  if (simple !== undefined) return { kind: "porterDuff", sourceShare: simple[0], destShare: simple[1] };
  if (code === SATURATE) return { kind: "coverage", sourceShare: "disjointOut", destShare: "all" };
  const isConjoint = code >= CONJOINT;
  const index = code - (isConjoint ? CONJOINT : DISJOINT);
  const shares = index >= 0 && index < 12 ? PORTER_DUFF[index] : undefined;
  if (shares === undefined) throw new ProtocolError("malformed", `composite operator ${String(code)} is not known`);
  // Clear, source and dest divide by nothing.
  if (index < 3) return { kind: "porterDuff", sourceShare: shares[0], destShare: shares[1] };
  return {
    kind: "coverage",
    sourceShare: coverageShare(shares[0], isConjoint),
    destShare: coverageShare(shares[1], isConjoint),
  };
}

function coverageShare(share: Share, isConjoint: boolean): CoverageShare {
  switch (share) {
    case NOTHING:
      return "nothing";
    case ALL:
      return "all";
    case OTHER_ALPHA:
      return isConjoint ? "conjointIn" : "disjointIn";
    case OTHER_REST:
      return isConjoint ? "conjointOut" : "disjointOut";
  }
}
