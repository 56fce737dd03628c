import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Layout } from "./layout.ts";
import { Settings } from "./settings.ts";

const page = readFileSync(new URL("../../../docs/settings.md", import.meta.url), "utf8");

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly default?: unknown;
}

/** Each field with its default as JSON; "" where it has none. A list of objects is followed by the fields of one. */
function fieldsOf(schema: JsonSchema, path = ""): [string, string][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]): [string, string][] => {
    const here = path === "" ? name : `${path}.${name}`;
    if (field.properties !== undefined) return fieldsOf(field, here);
    const own: [string, string] = [here, field.default === undefined ? "" : JSON.stringify(field.default)];
    return field.items?.properties === undefined ? [own] : [own, ...fieldsOf(field.items, `${here}[]`)];
  });
}

function documentedFields(heading: string): [string, string][] {
  const part = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...part.matchAll(/^\| `([^`]+)` \| (?:`([^`]+)` )?\| \S.* \|$/gm)].map(
    ([, name = "", byDefault = ""]): [string, string] => [name, byDefault],
  );
}

describe("docs/settings.md", () => {
  it.each([
    { file: "settings.json", schema: Settings },
    { file: "state.json", schema: Layout },
  ])("lists every field of $file with its default", ({ file, schema }) => {
    const expected = fieldsOf(z.toJSONSchema(schema, { io: "input" }) as JsonSchema);
    expect(expected.length).toBeGreaterThan(10);
    expect(documentedFields(file)).toEqual(expected);
  });
});
