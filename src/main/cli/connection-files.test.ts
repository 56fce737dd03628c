import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConnectionFiles } from "./connection-files.ts";

const FILE = "[virt-viewer]\ntype=spice\nhost=rack-a\nport=5900\ntitle=web\npassword=hunter2\n";

describe("connection files of the command line", () => {
  let folder: string;
  const fileOf = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "switchyard-vv-"));
  });
  afterEach(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
  });

  it("lead to hosts whose address tells nothing of their secrets", async () => {
    const { configs } = await readConnectionFiles([await fileOf("a.vv", FILE)]);
    expect(configs).toMatchObject([{ kind: "address-book", label: "web", password: "hunter2" }]);
    expect(configs[0]?.uri).toMatch(/^connection-file:[\w-]{22}$/);
  });

  it("are deleted when they ask for it, and only then", async () => {
    const kept = await fileOf("kept.vv", FILE);
    const spent = await fileOf("spent.vv", `${FILE}delete-this-file=1\n`);
    const { discard } = await readConnectionFiles([kept, spent]);
    expect([kept, spent].map((path) => existsSync(path))).toEqual([true, true]);
    await discard(() => undefined);
    expect([kept, spent].map((path) => existsSync(path))).toEqual([true, false]);
    const lines: string[] = [];
    await discard((line) => lines.push(line));
    expect(lines).toEqual([`${spent} asks to be deleted, but could not be (ENOENT).`]);
  });

  it.each([
    ["missing", undefined, "it is not there"],
    ["wrong", "[remmina]", "it has no section [virt-viewer]"],
    ["with a proxy of another kind", `${FILE}proxy=socks5://a:1\n`, "its proxy is not http://host:port"],
    ["too long", "x".repeat(300_000), "it is too long"],
  ])("that are %s are named", async (_, text, reason) => {
    const path = text === undefined ? join(folder, "none.vv") : await fileOf("x.vv", text);
    await expect(readConnectionFiles([path])).rejects.toMatchObject({
      code: "CONNECTION_FILE_INVALID",
      detail: { reason: expect.stringContaining(reason) as string },
    });
  });
});
