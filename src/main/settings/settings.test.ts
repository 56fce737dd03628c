import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, Settings } from "../../shared/contracts/settings.ts";
import { EMPTY_LAYOUT } from "../../shared/contracts/layout.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { defaultConfigFolder } from "./folders.ts";
import { lockFolder } from "./folder-lock.ts";
import { JsonFile } from "./json-file.ts";
import { SettingsStore } from "./settings-store.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-settings-"));
  path = join(folder, "settings.json");
});

afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

const file = (): JsonFile<typeof Settings> => new JsonFile({ path, schema: Settings });
const onDisk = async (): Promise<unknown> => JSON.parse(await readFile(path, "utf8")) as unknown;

describe("JsonFile", () => {
  it("gives the defaults when there is no file, and makes none", async () => {
    expect(await file().load()).toEqual({ value: DEFAULT_SETTINGS, problem: undefined });
    expect(await readdir(folder)).toEqual([]);
  });

  it("fills what a file leaves out", async () => {
    await writeFile(path, '{"version":1,"theme":"dark","console":{"quality":3}}');
    const { value, problem } = await file().load();
    expect([problem, value.theme, value.console]).toEqual([
      undefined,
      "dark",
      { ...DEFAULT_SETTINGS.console, quality: 3 },
    ]);
  });

  it.each([
    ["cut off", '{"version":1,"theme":'],
    ["empty", ""],
    ["not an object", "[]"],
    ["of a later version", '{"version":2}'],
    ["with a wrong value", '{"theme":"pink"}'],
    ["binary", "\u0000\u0001"],
  ])("sets a file aside that is %s, unchanged, and says so", async (_, text) => {
    await writeFile(path, text);
    const { value, problem } = await file().load();
    const [aside, ...others] = await readdir(folder);
    expect([value, others, problem?.code, problem?.detail.path]).toEqual([
      DEFAULT_SETTINGS,
      [],
      "SETTINGS_INVALID",
      join(folder, aside ?? ""),
    ]);
    expect(aside).toMatch(/^settings\.json\.broken-/);
    expect(await readFile(join(folder, aside ?? ""), "utf8")).toBe(text);
  });

  it("names the field that is wrong", async () => {
    await writeFile(path, '{"console":{"quality":99}}');
    const { problem } = await file().load();
    expect(problem?.detail.reason).toMatch(/^console\.quality: /);
  });

  it("goes no further with a file that it cannot read, and leaves it as it is", async () => {
    await mkdir(path);
    await expect(file().load()).rejects.toMatchObject({
      code: "SETTINGS_UNREADABLE",
      detail: { path, reason: "EISDIR" },
    });
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it("writes for the owner only, and leaves nothing else behind", async () => {
    await file().save({ ...DEFAULT_SETTINGS, theme: "light" });
    expect([await readdir(folder), (await stat(path)).mode & 0o777, await onDisk()]).toEqual([
      ["settings.json"],
      0o600,
      { ...DEFAULT_SETTINGS, theme: "light" },
    ]);
  });

  it("makes its folder", async () => {
    path = join(folder, "deep", "er", "settings.json");
    await file().save(DEFAULT_SETTINGS);
    expect(await onDisk()).toEqual(DEFAULT_SETTINGS);
  });

  it("keeps the order of writes that were asked for at once", async () => {
    const one = file();
    await Promise.all(
      Array.from({ length: 20 }, (_, count) =>
        one.save({ ...DEFAULT_SETTINGS, terminal: { ...DEFAULT_SETTINGS.terminal, scrollbackLines: count } }),
      ),
    );
    expect(await onDisk()).toMatchObject({ terminal: { scrollbackLines: 19 } });
  });

  it("tells a failed write, and makes the next one", async () => {
    const one = file();
    await mkdir(path);
    const failed = one.save(DEFAULT_SETTINGS);
    await expect(failed).rejects.toMatchObject({ code: "SETTINGS_WRITE_FAILED", detail: { path } });
    await rm(path, { recursive: true });
    await one.save(DEFAULT_SETTINGS);
    expect(await onDisk()).toEqual(DEFAULT_SETTINGS);
  });
});

describe("SettingsStore", () => {
  it("takes a change at once, tells it, and has it after a restart", async () => {
    const store = await SettingsStore.load(folder);
    const told: string[] = [];
    store.onChange(({ theme }) => told.push(theme));
    const written = store.change({ theme: "dark" });
    expect([store.settings.theme, told]).toEqual(["dark", ["dark"]]);
    await written;
    await store.saveLayout({ ...EMPTY_LAYOUT, isFirstRunDone: true });
    const again = await SettingsStore.load(folder);
    expect([again.settings, again.layout.isFirstRunDone, again.problems]).toEqual([
      { ...DEFAULT_SETTINGS, theme: "dark" },
      true,
      [],
    ]);
  });

  it("goes on with one file when the other is broken", async () => {
    const store = await SettingsStore.load(folder);
    await store.change({ theme: "dark" });
    await writeFile(join(folder, "state.json"), "broken");
    const again = await SettingsStore.load(folder);
    expect([again.settings.theme, again.problems.map(({ code }) => code)]).toEqual(["dark", ["SETTINGS_INVALID"]]);
  });
});

describe("lockFolder", () => {
  expectNoLeaks();
  const lockPath = (): string => join(folder, "switchyard.pid");

  it("lets one hold a folder, and the next when it has let go", async () => {
    const first = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        code: "SETTINGS_IN_USE",
        detail: { path: folder, pid: process.pid, file: lockPath() },
      }),
    );
    first.dispose();
    expect(await readdir(folder)).toEqual([]);
    lockFolder(folder).dispose();
  });

  it("respects another process that lives, and takes over when it is gone", async () => {
    const other = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
    await once(other, "spawn");
    await writeFile(lockPath(), JSON.stringify({ pid: other.pid }));
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({
        code: "SETTINGS_IN_USE",
        detail: expect.objectContaining({ pid: other.pid }) as object,
      }),
    );
    other.kill("SIGKILL");
    await once(other, "exit");
    const lock = lockFolder(folder);
    expect(JSON.parse(await readFile(lockPath(), "utf8"))).toMatchObject({ pid: process.pid });
    expect(await readdir(folder)).toEqual(["switchyard.pid"]);
    lock.dispose();
  });

  // After a reboot the number belongs to something else, and nobody could start any more.
  it.runIf(process.platform === "linux")("takes over from a process whose number another one has now", async () => {
    await writeFile(lockPath(), JSON.stringify({ pid: process.ppid, startedAt: "another boot 1" }));
    lockFolder(folder).dispose();
  });

  it.each(["", "broken", '{"pid":-1}', '{"pid":0}', "{}"])(
    "takes over from a lock that says nothing: %j",
    async (text) => {
      await writeFile(lockPath(), text);
      lockFolder(folder).dispose();
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it("lets a program start that can write nothing there", async () => {
    await writeFile(path, "a file");
    lockFolder(path).dispose();
    expect(await readFile(path, "utf8")).toBe("a file");
  });
});

describe("defaultConfigFolder", () => {
  it.each([
    ["linux", { XDG_CONFIG_HOME: "/conf" }, "/conf/switchyard"],
    ["linux", { XDG_CONFIG_HOME: "relative" }, ".config/switchyard"],
    ["linux", {}, ".config/switchyard"],
    ["darwin", {}, "Library/Application Support/Switchyard"],
    ["win32", { APPDATA: "/appdata" }, "/appdata/Switchyard"],
  ] as const)("on %s with %j ends in %s", (platform, env, end) => {
    expect(defaultConfigFolder(platform, env).endsWith(end)).toBe(true);
  });
});
