import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { X509Certificate } from "node:crypto";
import { TEST_CERT } from "../../testing/test-certificates.ts";
import { isExpectedSubject, parseHostSubject, parsePrintedSubject } from "./certificate-subject.ts";

/** As Node prints the subject of Proxmox's own certificates and of one with every character that is escaped. */
const PROXMOX = "OU=PVE Cluster Node\nO=Proxmox Virtual Environment\nCN=rack-a.example.org";

describe("a SPICE host subject", () => {
  it("is the certificate's own, entry by entry", () => {
    expect(isExpectedSubject(PROXMOX, "OU=PVE Cluster Node,O=Proxmox Virtual Environment,CN=rack-a.example.org")).toBe(
      true,
    );
    expect(isExpectedSubject(new X509Certificate(TEST_CERT).subject, "CN=localhost")).toBe(true);
  });

  it.each([
    ["spaces before names, long names, case and spaces in values", "commonName=RACK  a, O=lab ", true],
    ["another order", "O=Lab,CN=rack a", false],
    ["one entry less", "CN=rack a", false],
    ["one entry more", "CN=rack a,O=Lab,OU=x", false],
    ["another value", "CN=rack b,O=Lab", false],
    ["another name", "OU=rack a,O=Lab", false],
    ["nothing", "", false],
    ["no assignment", "CN", false],
    ["an empty value", "CN=,O=Lab", false],
    ["a wrong escape", "CN=rack\\ a,O=Lab", false],
  ])("with %s", (_, subject, isExpected) => {
    expect(isExpectedSubject("CN=rack a\nO=Lab", subject)).toBe(isExpected);
  });

  it("may have commas and backslashes, escaped", () => {
    expect(isExpectedSubject("O=Lab\\, Inc. \\\\ Co=\nCN=r\\C3\\A4ck", "O=Lab\\, Inc. \\\\ Co=,CN=räck,")).toBe(true);
  });

  it("reads back what was escaped, whatever it is, and never throws", () => {
    const key = fc.constantFrom("CN", "O", "OU");
    const value = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(fc.record({ key, value }), { minLength: 1, maxLength: 5 }), (entries) => {
        const text = entries.map((entry) => `${entry.key}=${entry.value.replace(/[\\,]/g, "\\$&")}`).join(",");
        expect(parseHostSubject(text)).toEqual(entries);
      }),
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), (printed, subject) => {
        parsePrintedSubject(printed);
        isExpectedSubject(printed, subject);
      }),
    );
  });
});
