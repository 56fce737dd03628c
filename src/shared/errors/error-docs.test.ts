import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_TEXTS, HOPS } from "./error-codes.ts";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");

/** What stands in a cell for "nothing". */
const NONE = "–";

interface DocumentedError {
  readonly hop: string;
  readonly text: string;
  readonly act: string | undefined;
}

function documentedErrors(): { byCode: Record<string, DocumentedError>; withoutCause: string[]; codes: string[] } {
  const byCode: Record<string, DocumentedError> = {};
  const withoutCause: string[] = [];
  const codes: string[] = [];
  let hop = "";
  for (const line of page.split("\n")) {
    hop = /^## (.+)$/.exec(line)?.[1] ?? hop;
    const [, code, text = "", cause = "", act = ""] =
      /^\| `([A-Z_]+)` \| ([^|]+) \| ([^|]*) \| ([^|]+) \|$/.exec(line) ?? [];
    if (code === undefined) continue;
    codes.push(code);
    byCode[code] = { hop, text, act: act === NONE ? undefined : act };
    if (cause.trim() === "") withoutCause.push(code);
  }
  return { byCode, withoutCause, codes };
}

describe("docs/errors.md", () => {
  it("lists exactly the codes that there are, with hop, text and act", () => {
    const inCode = Object.fromEntries(
      Object.entries(ERROR_TEXTS).map(([code, { hop, text, act }]) => [code, { hop, text, act }]),
    );
    expect(documentedErrors().byCode).toEqual(inCode);
  });

  it("lists each code once, with a cause", () => {
    const { codes, withoutCause } = documentedErrors();
    expect(codes).toHaveLength(new Set(codes).size);
    expect(withoutCause).toEqual([]);
  });

  it("has the hops in the order in which a console opens", () => {
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(HOPS);
  });
});
