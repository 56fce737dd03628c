import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCertificatePins } from "./certificate-pins.ts";

const FINGERPRINT = `${"0F:".repeat(31)}A1`;
let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-pins-"));
  file = join(folder, "config", "certificates.json");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("accepted certificates", () => {
  it("come back after a restart, readable by the owner only", () => {
    createCertificatePins({ file }).pin("rack-a:5900", FINGERPRINT, { isLasting: true });
    expect(createCertificatePins({ file }).get("rack-a:5900")).toBe(FINGERPRINT);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("are kept for this run only when the user says so", () => {
    const pins = createCertificatePins({ file });
    pins.pin("rack-a:5900", FINGERPRINT, { isLasting: false });
    expect(pins.get("rack-a:5900")).toBe(FINGERPRINT);
    expect(createCertificatePins({ file }).get("rack-a:5900")).toBeUndefined();
  });

  it("are listed by target, with what is for this run only", () => {
    const pins = createCertificatePins({ file });
    pins.pin("rack-b:5900", FINGERPRINT, { isLasting: true });
    pins.pin("rack-a:16514", FINGERPRINT, { isLasting: false });
    expect(pins.list()).toEqual([
      { target: "rack-a:16514", fingerprint: FINGERPRINT, isLasting: false },
      { target: "rack-b:5900", fingerprint: FINGERPRINT, isLasting: true },
    ]);
  });

  it("are forgotten for good", () => {
    const pins = createCertificatePins({ file });
    pins.pin("rack-a:5900", FINGERPRINT, { isLasting: true });
    pins.forget("rack-a:5900");
    expect(pins.get("rack-a:5900")).toBeUndefined();
    expect(createCertificatePins({ file }).get("rack-a:5900")).toBeUndefined();
  });

  it("are not disturbed by names that objects have by themselves", () => {
    const pins = createCertificatePins({ file });
    pins.pin("__proto__", FINGERPRINT, { isLasting: true });
    expect(pins.get("constructor")).toBeUndefined();
    expect(pins.get("__proto__")).toBe(FINGERPRINT);
  });

  it("set a broken file aside under a free name and report it", () => {
    createCertificatePins({ file }).pin("rack-a:5900", FINGERPRINT, { isLasting: true });
    for (const n of [1, 2]) {
      writeFileSync(file, `broken ${String(n)}`);
      const { problems } = createCertificatePins({ file });
      expect(problems).toMatchObject([{ code: "SETTINGS_INVALID", detail: { path: `${file}.broken-${String(n)}` } }]);
    }
    expect(readFileSync(`${file}.broken-1`, "utf8")).toBe("broken 1");
    expect(readdirSync(join(folder, "config")).sort()).toEqual([
      "certificates.json.broken-1",
      "certificates.json.broken-2",
    ]);
  });

  it("survive any content of the file", () => {
    createCertificatePins({ file }).pin("rack-a:5900", FINGERPRINT, { isLasting: true });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        writeFileSync(file, text);
        expect(createCertificatePins({ file }).get("rack-a:5900")).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});
