export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * RFC 9110 §14.2 "Range", one range of bytes. Undefined: the whole is to be sent, as for several ranges or another unit;
 * "unsatisfiable": it begins after the end.
 */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(" ", "") ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "unsatisfiable" : { start: sizeBytes - length, length };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= sizeBytes) return "unsatisfiable";
  const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return { start, length: end - start };
}
