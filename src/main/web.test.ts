import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { main } from "./web.ts";

const PROJECT = resolve(import.meta.dirname, "../..");

let folder: string;
let out: string;
let err: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-web-"));
  const discovery = { libvirt: false, qemu: false, mdns: false };
  await writeFile(join(folder, "settings.json"), JSON.stringify({ version: 1, discovery }));
  out = "";
  err = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const run = (...words: string[]): Promise<number> => main(words, PROJECT);

describe("the command line", () => {
  it("says its version and its options", async () => {
    expect([await run("--version"), out]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
    expect([await run("--help"), out]).toEqual([0, expect.stringContaining("--connect")]);
    expect(err).toBe("");
  });

  it.each([
    ["an unknown option", ["--bogus"], /--bogus.*\(see --help\)/],
    ["a port that is none", ["--port", "many"], /many/],
    ["an address that nobody knows", ["list", "--config", "FOLDER", "--connect", "gopher://x"], /gopher/],
    ["a connection file that is not there", ["list", "--config", "FOLDER", "--connect", "/nowhere/a.vv"], /a\.vv/],
  ])("answers %s with one line and code 2", async (_, words, line) => {
    const code = await run(...words.map((word) => (word === "FOLDER" ? folder : word)));
    expect([code, out, err.trimEnd().split("\n").length]).toEqual([2, "", 1]);
    expect(err).toMatch(line);
  });

  it("lists what it finds, also as JSON, with code 0", async () => {
    expect(await run("list", "--config", folder, "--demo", "--json")).toBe(0);
    const listing = JSON.parse(out) as { hosts: { guests: unknown[] }[] };
    expect(listing.hosts[0]!.guests.length).toBeGreaterThan(2);
    out = "";
    expect(await run("list", "--config", folder, "--demo")).toBe(0);
    expect([out.split("\n")[0], err]).toEqual([expect.stringMatching(/^HOST +GUEST +STATE +CONSOLES$/), ""]);
  });

  it("says of each host that failed why, with code 1", async () => {
    expect(await run("list", "--config", folder, "--connect", `qmp+unix://${folder}/none`)).toBe(1);
    expect(err).toContain(`qmp+unix://${folder}/none`);
  });
});
