import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProcessList } from "./process-list.ts";

describe("the list of QEMU processes", () => {
  let folder: string;
  const add = async (pid: number, argv: readonly string[]): Promise<void> => {
    await mkdir(join(folder, String(pid)), { recursive: true });
    await writeFile(join(folder, String(pid), "cmdline"), argv.map((part) => `${part}\0`).join(""));
    // Recorded, with a name that tries to look like the end of the field.
    await writeFile(
      join(folder, String(pid), "stat"),
      `${pid} (qemu) R (x) S 1 2 3 0 -1 4194560 1 0 0 0 5 6 0 0 20 0 6 0 ${pid}77 1588 62380 18446744073709551615\n`,
    );
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "switchyard-test-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("has program, arguments, start and working folder, and leaves the rest out", async () => {
    await add(7, ["/usr/bin/qemu-system-x86_64", "-name", "a b", ""]);
    await symlink("/home/vm", join(folder, "7", "cwd"));
    await add(8, ["sh", "-c", "qemu-system-x86_64"]);
    await add(9, []);
    await mkdir(join(folder, "10"));
    await mkdir(join(folder, "self"));
    expect(await new ProcessList({ procFolder: folder }).list()).toEqual([
      {
        pid: 7,
        startTicks: "777",
        argv: ["/usr/bin/qemu-system-x86_64", "-name", "a b", ""],
        workingFolder: "/home/vm",
      },
    ]);
  });

  it("sees a process that becomes QEMU after a while", async () => {
    await add(7, ["sh", "start-vm"]);
    const list = new ProcessList({ procFolder: folder });
    expect(await list.list()).toEqual([]);
    await add(7, ["qemu-kvm"]);
    const lengths: number[] = [];
    for (let count = 0; count < 5; count += 1) lengths.push((await list.list()).length);
    expect(lengths.at(-1)).toBe(1);
  });
});
