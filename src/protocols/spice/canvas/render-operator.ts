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

function porterDuff(sourceShare: Share, destShare: Share): PorterDuff {
  return { kind: "porterDuff", sourceShare, destShare };
}

/** The two that painters have shorter ways for. */
export const SOURCE = porterDuff(ALL, NOTHING);
export const OVER = porterDuff(ALL, OTHER_REST);

const PORTER_DUFF: readonly PorterDuff[] = [
  porterDuff(NOTHING, NOTHING), // clear
  SOURCE,
  porterDuff(NOTHING, ALL), // dest
  OVER,
  porterDuff(OTHER_REST, ALL), // over reverse
  porterDuff(OTHER_ALPHA, NOTHING), // in
  porterDuff(NOTHING, OTHER_ALPHA), // in reverse
  porterDuff(OTHER_REST, NOTHING), // out
  porterDuff(NOTHING, OTHER_REST), // out reverse
  porterDuff(OTHER_ALPHA, OTHER_REST), // atop
  porterDuff(OTHER_REST, OTHER_ALPHA), // atop reverse
  porterDuff(OTHER_REST, OTHER_REST), // xor
  porterDuff(ALL, ALL), // add
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
  if (simple !== undefined) return simple;
  if (code === SATURATE) return { kind: "coverage", sourceShare: "disjointOut", destShare: "all" };
  const isConjoint = code >= CONJOINT;
  const index = code - (isConjoint ? CONJOINT : DISJOINT);
  const plain = index >= 0 && index < 12 ? PORTER_DUFF[index] : undefined;
  if (plain === undefined) throw new ProtocolError("malformed", `composite operator ${String(code)} is not known`);
  // Clear, source and dest divide by nothing.
  if (index < 3) return plain;
  return {
    kind: "coverage",
    sourceShare: coverageShare(plain.sourceShare, isConjoint),
    destShare: coverageShare(plain.destShare, isConjoint),
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
