import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeHostKey, knownHostLine, knownKeyTypes, matchesPattern, parseKnownHosts } from "./ssh-known-hosts.ts";

function keyOf(type: string, content: string): Buffer {
  const field = (text: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  return Buffer.concat([field(type), field(content)]);
}

const ED = keyOf("ssh-ed25519", "one");
const OTHER_ED = keyOf("ssh-ed25519", "two");
const RSA = keyOf("ssh-rsa", "three");
const line = (hosts: string, key: Buffer): string =>
  `${hosts} ${key.toString("latin1", 4, 4 + key.readUInt32BE())} ${key.toString("base64")}`;

function judge(text: string, key: Buffer, host = "rack-a", port = 22): string {
  return judgeHostKey(parseKnownHosts(text), { host, port, key });
}

function hashed(name: string): string {
  const salt = Buffer.from("0123456789abcdefghij");
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

describe("known_hosts", () => {
  it("knows a host by name, by list and by wildcard", () => {
    for (const hosts of ["rack-a", "RACK-A", "x,rack-a,y", "rack-*", "?ack-a", "*"]) {
      expect([hosts, judge(line(hosts, ED), ED)]).toEqual([hosts, "known"]);
    }
    expect(judge(line("rack-b", ED), ED)).toBe("unknown");
    expect(judge(line("*,!rack-a", ED), ED)).toBe("unknown");
  });

  it("knows a host by its hashed name", () => {
    expect(judge(line(hashed("rack-a"), ED), ED)).toBe("known");
    expect(judge(line(hashed("[rack-a]:2222"), ED), ED, "rack-a", 2222)).toBe("known");
    expect(judge(line(hashed("rack-a"), ED), OTHER_ED)).toBe("changed");
    expect(judge(line(hashed("rack-b"), ED), ED)).toBe("unknown");
  });

  it("tells hosts at other ports apart, but lets a line without port vouch for its key", () => {
    expect(judge(line("[rack-a]:2222", ED), ED, "rack-a", 2222)).toBe("known");
    expect(judge(line("[rack-a]:2222", ED), ED)).toBe("unknown");
    expect(judge(line("rack-a", ED), ED, "rack-a", 2222)).toBe("known");
    expect(judge(line("rack-a", ED), OTHER_ED, "rack-a", 2222)).toBe("unknown");
  });

  it("calls any other key of a known host changed", () => {
    expect(judge(line("rack-a", ED), OTHER_ED)).toBe("changed");
    expect(judge(line("rack-a", ED), RSA)).toBe("changed");
    expect(judge(`${line("rack-a", ED)}\n${line("rack-a", RSA)}`, RSA)).toBe("known");
  });

  it("refuses a revoked key, also of a host that is known by it", () => {
    const revoked = `@revoked ${line("*", ED)}`;
    expect(judge(revoked, ED)).toBe("revoked");
    expect(judge(`${line("rack-a", ED)}\n${revoked}`, ED)).toBe("revoked");
    expect(judge(revoked, OTHER_ED)).toBe("unknown");
  });

  it("skips comments, authorities and lines that are broken", () => {
    const text = [
      "# rack-a x",
      "",
      "rack-a",
      "rack-a ssh-ed25519",
      "rack-a ssh-ed25519 !!!!",
      `@cert-authority ${line("*", ED)}`,
    ];
    expect(parseKnownHosts(`${text.join("\n")}\nrack-a ssh-rsa ${ED.toString("base64")}`)).toEqual([]);
  });

  it("lists the types that are known for a host", () => {
    const entries = parseKnownHosts([line("rack-a", ED), line("[rack-a]:2222", RSA), line("rack-b", RSA)].join("\r\n"));
    expect(knownKeyTypes(entries, "rack-a", 22)).toEqual(["ssh-ed25519"]);
    expect(knownKeyTypes(parseKnownHosts(`@revoked ${line("*", ED)}`), "rack-a", 22)).toEqual([]);
    expect(knownKeyTypes(entries, "rack-a", 2222)).toEqual(["ssh-ed25519", "ssh-rsa"]);
  });

  it("knows every host that it wrote down itself, and no other key for it", () => {
    const host = fc.stringMatching(/^[a-z0-9][a-z0-9.:-]{0,20}$/);
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), fc.string(), (name, port, before) => {
        const text = `${before.replaceAll(/[*?\n]/g, "")}\n${knownHostLine(name, port, ED)}`;
        expect([judge(text, ED, name, port), judge(text, RSA, name, port)]).toEqual(["known", "changed"]);
      }),
    );
  });

  it("survives any text", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom("*", "!", "|1|", "@revoked", "ssh-rsa", RSA.toString("base64"), "\t"),
    );
    fc.assert(
      fc.property(fc.array(fc.array(word).map((words) => words.join(" "))), (lines) => {
        expect(["known", "unknown", "changed", "revoked"]).toContain(judge(lines.join("\n"), ED));
      }),
    );
  });

  it("is not held up by a hostile pattern", () => {
    expect(matchesPattern(`${"*a".repeat(400)}b`, "a".repeat(1000))).toBe(false);
    const sign = fc.constantFrom("a", "b", "*", "?");
    const signs = fc.array(sign, { maxLength: 8 }).map((list) => list.join(""));
    const name = fc.array(fc.constantFrom("a", "b"), { maxLength: 8 }).map((list) => list.join(""));
    fc.assert(
      fc.property(signs, name, (pattern, text) => {
        const regular = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(matchesPattern(pattern, text)).toBe(regular.test(text));
      }),
      { numRuns: 500 },
    );
  });
});
