import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { markMatches, rank, type Rankable } from "./rank.ts";

const entry = (name: string, details = "", bonus = 0): Rankable => ({ name, details, bonus });
const namesFor = (query: string, ...entries: Rankable[]): string[] => rank(entries, query).map(({ name }) => name);

describe("rank", () => {
  it("puts the start of a name before the start of a word, that before the inside, that before letters", () => {
    expect(namesFor("web", entry("w-e-b"), entry("cobweb"), entry("old web"), entry("web-01"), entry("mail"))).toEqual([
      "web-01",
      "old web",
      "cobweb",
      "w-e-b",
    ]);
  });

  it("finds names by some of their letters, those at the start of words first", () => {
    expect(namesFor("dbp", entry("dumbo-pi"), entry("db-primary"), entry("pdb"))).toEqual(["db-primary", "dumbo-pi"]);
  });

  it("wants every word, in name or details, in any order", () => {
    const entries = [entry("web-01", "rack-a vnc"), entry("web-01", "rack-b vnc"), entry("mail", "rack-a serial")];
    expect(rank(entries, "rack-a web")).toEqual([entries[0]]);
  });

  it("puts a name before details", () => {
    expect(namesFor("rack", entry("mail", "rack-a"), entry("rack", "x"))).toEqual(["rack", "mail"]);
  });

  it("orders by bonus when nothing is typed, else as given", () => {
    expect(namesFor("  ", entry("a"), entry("b"), entry("c", "", 5))).toEqual(["c", "a", "b"]);
  });

  it("prefers the shorter of two names that begin alike", () => {
    expect(namesFor("web", entry("web-frontend"), entry("web"))).toEqual(["web", "web-frontend"]);
  });

  it("finds every name by any part of it and by any of its letters in order", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), fc.nat(), fc.nat(), (name, a, b) => {
        const from = Math.min(a, b) % name.length;
        const part = name.slice(from, from + 1 + (Math.max(a, b) % name.length));
        const letters = Array.from(name)
          .filter((_, index) => (a >> index) % 2 === 0)
          .join("");
        expect(namesFor(part, entry(name))).toEqual([name]);
        expect(namesFor(letters, entry(name))).toEqual([name]);
      }),
    );
  });
});

describe("markMatches", () => {
  const marked = (name: string, query: string): string =>
    markMatches(name, query)
      .map(({ text, isMatch }) => (isMatch ? `[${text}]` : text))
      .join("");

  it("marks what was typed", () => {
    expect(marked("Web-01", "web")).toBe("[Web]-01");
    expect(marked("db-primary", "dbp")).toBe("[db]-[p]rimary");
    expect(marked("web-01", "")).toBe("web-01");
    expect(marked("web-01", "vnc")).toBe("web-01");
  });

  it("loses no letter of the name", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, query) => {
        expect(
          markMatches(name, query)
            .map(({ text }) => text)
            .join(""),
        ).toBe(name);
      }),
    );
  });
});
