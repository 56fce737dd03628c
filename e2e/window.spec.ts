import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { startProcess, until, type LabProcess } from "./lab/child-process.ts";
import { makeConfigFolder } from "./lab/switchyard.ts";
import { startXDisplay, type XDisplay } from "./lab/x-display.ts";

/** A token has 43 characters (256 bits in base64url); nothing else on our command lines is as long without a slash. */
const TOKEN = /#[\w-]{40,}/;

/** Command lines of all processes whose command line names the folder. */
function commandLinesWith(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
        return line.includes(folder) ? [line] : [];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

test.describe("npm start with a display and without Electron's binary", () => {
  let display: XDisplay;
  let program: LabProcess;
  let configFolder: string;

  test.beforeEach(async () => {
    display = await startXDisplay();
    configFolder = makeConfigFolder();
  });

  test.afterEach(async () => {
    await program.stop();
    await display.stop();
    rmSync(configFolder, { recursive: true, force: true, maxRetries: 5 });
  });

  const start = (...args: string[]): void => {
    program = startProcess(
      process.execPath,
      ["bin/switchyard.mjs", "start", "--demo", "--config", configFolder, ...args],
      {
        env: { DISPLAY: display.display, WAYLAND_DISPLAY: "", ELECTRON_SKIP_BINARY_DOWNLOAD: "1" },
      },
    );
  };

  const windowNames = (): string => {
    const env = { ...process.env, DISPLAY: display.display };
    const { stdout } = spawnSync("xdotool", ["search", "--onlyvisible", "--name", "Switchyard"], {
      env,
      encoding: "utf8",
    });
    return stdout
      .trim()
      .split("\n")
      .filter((id) => id !== "")
      .map((id) => spawnSync("xdotool", ["getwindowname", id], { env, encoding: "utf8" }).stdout.trim())
      .join("\n");
  };

  test("opens an app window of Chromium on the guests, shows its token to nobody, and leaves nothing behind", async () => {
    start("--open", "yard");
    await until("the window shows the guest", () => windowNames().includes("yard · Switchyard"), 60_000);
    expect(program.output()).toMatch(/^Switchyard opens in an app window of \S*chromium\S*: .+\.$/m);

    const lines = commandLinesWith(configFolder);
    expect(lines.some((line) => line.includes("--app=http://127.0.0.1:"))).toBe(true);
    expect(lines.filter((line) => TOKEN.test(line))).toEqual([]);
    expect(program.output()).not.toMatch(TOKEN);

    await program.stop("SIGTERM");
    await until("no process is left", () => commandLinesWith(configFolder).length === 0);
  });

  test("ends when its window is gone", async () => {
    start("--open", "yard");
    await until("the window shows the guest", () => windowNames().includes("yard · Switchyard"), 60_000);
    const env = { ...process.env, DISPLAY: display.display };
    const search = ["search", "--onlyvisible", "--name", "yard · Switchyard"];
    const [id = ""] = spawnSync("xdotool", search, { env, encoding: "utf8" }).stdout.split("\n");
    // Its connection to the X server ends, as it does for a browser that was closed or has crashed.
    expect(spawnSync("xdotool", ["windowkill", id], { env }).status).toBe(0);
    await until("the program has ended", () => program.hasEnded());
    await until("no process is left", () => commandLinesWith(configFolder).length === 0);
  });
});
