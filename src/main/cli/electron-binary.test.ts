import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findElectron } from "./electron-binary.ts";

/** What the package's install.js does when its download works: it leaves the binary and says where. */
const FETCHES = `
const { mkdirSync, writeFileSync } = require("node:fs");
mkdirSync("dist", { recursive: true });
writeFileSync("dist/electron", "");
writeFileSync("path.txt", "electron");
`;
const FAILS = "process.exit(1)";
const DAY_MS = 24 * 60 * 60 * 1000;

let folder: string;
let announced: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-electron-"));
  announced = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const packageFolder = (): string => join(folder, "electron");
const failureFile = (): string => join(folder, "cache", "failed");
const install = async (script: string): Promise<void> => {
  await mkdir(packageFolder(), { recursive: true });
  await writeFile(join(packageFolder(), "install.js"), script);
};
const find = (): ReturnType<typeof findElectron> =>
  findElectron({
    packageFolder: packageFolder(),
    failureFile: failureFile(),
    announce: (line) => announced.push(line),
  });

describe("findElectron", () => {
  it("says that the package is not there", () => {
    expect([find(), announced]).toEqual([{ missing: "Electron is not installed" }, []]);
  });

  it("takes the binary that is there, without a word", async () => {
    await install(FAILS);
    await mkdir(join(packageFolder(), "dist"));
    await writeFile(join(packageFolder(), "dist", "electron"), "");
    await writeFile(join(packageFolder(), "path.txt"), "electron\n");
    expect([find(), announced]).toEqual([{ binary: join(packageFolder(), "dist", "electron") }, []]);
  });

  it("fetches it once, and says so before", async () => {
    await install(FETCHES);
    expect(find()).toEqual({ binary: join(packageFolder(), "dist", "electron") });
    expect(find()).toEqual({ binary: join(packageFolder(), "dist", "electron") });
    expect(announced).toEqual([expect.stringContaining("fetches Electron's binary")]);
  });

  it("does not try again on the day of a failed fetch, and does on the next", async () => {
    await install(FAILS);
    expect(find()).toEqual({ missing: "Electron's binary is not here and could not be fetched" });
    expect(find()).toEqual({ missing: "Electron's binary is not here and could not be fetched today" });
    expect(announced).toHaveLength(1);
    const yesterday = new Date(Date.now() - DAY_MS - 1000);
    await utimes(failureFile(), yesterday, yesterday);
    await install(FETCHES);
    expect(find()).toEqual({ binary: join(packageFolder(), "dist", "electron") });
  });

  it("does not take a path for a binary that is not there", async () => {
    await install(FAILS);
    await writeFile(join(packageFolder(), "path.txt"), "electron");
    expect(find()).toHaveProperty("missing");
  });
});
