import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { openBrowserWindow, type BrowserWindow, type BrowserWindowOptions } from "./browser-window.ts";

const ADDRESS = "http://127.0.0.1:8123/#start-token";

/** A browser that speaks the DevTools pipe: notes its arguments and calls, and does `tricks` first. */
const browserScript = (noteFile: string, tricks: string): string => `#!${process.execPath}
const fs = require("node:fs");
const note = { argv: process.argv.slice(2), calls: [] };
// Whole or not at all: the test may read while the browser still hears the last call.
const write = () => {
  fs.writeFileSync(${JSON.stringify(`${noteFile}.new`)}, JSON.stringify(note));
  fs.renameSync(${JSON.stringify(`${noteFile}.new`)}, ${JSON.stringify(noteFile)});
};
write();
const out = fs.createWriteStream("", { fd: 4 });
const say = (message) => out.write((typeof message === "string" ? message : JSON.stringify(message)) + "\\0");
${tricks}
let inbox = "";
fs.createReadStream("", { fd: 3 }).on("data", (text) => {
  inbox += text;
  const messages = inbox.split("\\0");
  inbox = messages.pop();
  for (const { id, method, params, sessionId } of messages.map((one) => JSON.parse(one))) {
    note.calls.push([method, params.url, sessionId]);
    write();
    say({ id, result: method === "Target.attachToTarget" ? { sessionId: "s1" } : {} });
    if (method === "Target.setDiscoverTargets")
      say({ method: "Target.targetCreated", params: { targetInfo: { targetId: "t1", type: "page", url: "http://127.0.0.1:8123/starting.html" } } });
    if (method === "Target.detachFromTarget" && process.argv.includes("--kiosk")) process.exit(0);
  }
});
`;

let folder: string;
let windows: BrowserWindow[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-browser-"));
  windows = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const open = async (tricks = "", options: Partial<BrowserWindowOptions> = {}): Promise<BrowserWindow> => {
  const binary = join(folder, "browser.cjs");
  writeFileSync(binary, browserScript(join(folder, "note.json"), tricks));
  chmodSync(binary, 0o755);
  const window = await openBrowserWindow({
    binary,
    address: ADDRESS,
    profileFolder: join(folder, "profile"),
    isKiosk: false,
    isRoot: false,
    ...options,
  });
  windows.push(window);
  return window;
};

const noted = (): { argv: string[]; calls: unknown[] } =>
  JSON.parse(readFileSync(join(folder, "note.json"), "utf8")) as { argv: string[]; calls: unknown[] };

describe("openBrowserWindow", () => {
  expectNoLeaks({
    settle: async () => {
      for (const window of windows) window.dispose();
      await Promise.all(windows.map(({ closed }) => closed));
    },
  });

  it("gives the token through the pipe, never on the command line", async () => {
    await open();
    const { argv, calls } = noted();
    expect(argv.join(" ")).not.toContain("start-token");
    expect(argv).toContain("--app=http://127.0.0.1:8123/starting.html");
    expect(calls).toContainEqual(["Page.navigate", ADDRESS, "s1"]);
  });

  it("tells that the user closed it", async () => {
    const window = await open("", { isKiosk: true });
    await window.closed;
    expect(noted().argv).toContain("--kiosk");
  });

  it("closes the browser when disposed", async () => {
    const window = await open();
    window.dispose();
    await window.closed;
  });

  // What was left of a message that is too long was read as a message, which ended the process.
  it("overlooks what is no message, and what is too long", async () => {
    await open(
      `say("broken"); say("null"); say("x".repeat(5 * 1024 * 1024)); say({ method: "Target.targetCreated" });`,
    );
    expect(noted().calls).toContainEqual(["Page.navigate", ADDRESS, "s1"]);
  });

  it.each([
    ["ends at once", "process.exit(7);", /exit code 7/],
    ["never answers", "setInterval(() => {}, 1000); return;", /did not start in time/],
  ])("says so when the browser %s", async (_, tricks, reason) => {
    await expect(open(tricks, { startTimeoutMs: 3_000 })).rejects.toMatchObject({
      code: "UNSUPPORTED",
      detail: { reason: expect.stringMatching(reason) as string },
    });
  });

  it("says so when there is no such browser", async () => {
    await expect(open("", { binary: join(folder, "nowhere") })).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });
});
