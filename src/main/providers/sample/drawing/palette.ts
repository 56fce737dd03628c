/** The colours of the sample screens; the same family as the product's own. */
export const PALETTE = {
  ground: 0x0e1013,
  panel: 0x15181d,
  raised: 0x1c2027,
  line: 0x2b313a,
  text: 0xe7e9ec,
  quiet: 0x98a1ad,
  faint: 0x646d79,
  signal: 0xf0b23c,
  running: 0x46c08a,
  failed: 0xef6a5b,
  focus: 0x7db4ff,
  paper: 0xf7f5ef,
  ink: 0x20242b,
} as const;
