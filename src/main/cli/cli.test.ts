import { describe, expect, it } from "vitest";
import { parseArguments } from "./arguments.ts";
import { formatFailures, formatListing } from "./list.ts";
import { chooseWindow, type Surroundings } from "./window-choice.ts";

const START = {
  connectUris: [],
  connectionFiles: [],
  openUris: [],
  configFolder: undefined,
  isDemo: false,
  isWeb: false,
  port: 0,
  openNames: [],
  isKiosk: false,
};

describe("parseArguments", () => {
  it("takes every option of start, with and without the word", () => {
    const words = "--web --port 8080 --demo --connect a: --connect b: --open one --open two --kiosk --config /c".split(
      " ",
    );
    const options = {
      connectUris: ["a:", "b:"],
      connectionFiles: [],
      openUris: [],
      configFolder: "/c",
      isDemo: true,
      isWeb: true,
      port: 8080,
      openNames: ["one", "two"],
      isKiosk: true,
    };
    expect(parseArguments(words)).toEqual({ command: "start", options });
    expect(parseArguments(["start", ...words])).toEqual({ command: "start", options });
    expect(parseArguments([])).toEqual({ command: "start", options: START });
  });

  it("takes consoles to open at once: addresses and connection files, also behind --connect", () => {
    const words = "spice://a:5900 /tmp/b.vv --connect c.VV --connect qemu:///system vnc://d".split(" ");
    expect(parseArguments(words)).toEqual({
      command: "start",
      options: {
        ...START,
        connectUris: ["qemu:///system", "spice://a:5900", "vnc://d"],
        connectionFiles: ["c.VV", "/tmp/b.vv"],
        openUris: ["spice://a:5900", "vnc://d"],
      },
    });
    expect(parseArguments(["list", "--connect", "b.vv"])).toMatchObject({ options: { connectionFiles: ["b.vv"] } });
  });

  it("takes every option of list", () => {
    expect(parseArguments(["list", "--json", "--demo", "--connect", "a:", "--config", "/c"])).toEqual({
      command: "list",
      options: { connectUris: ["a:"], connectionFiles: [], configFolder: "/c", isDemo: true, isJson: true },
    });
  });

  it.each(["--help", "-h", "--version"])("answers %s", (word) => {
    expect([parseArguments([word]).command, parseArguments(["list", word]).command]).toEqual(
      Array(2).fill(word === "--version" ? "version" : "help"),
    );
  });

  it.each([
    ["--colour"],
    ["-x"],
    ["--port"],
    ["--port", "65536"],
    ["--port", "-1"],
    ["--port", "x"],
    ["--port="],
    ["--web=yes"],
    ["--open", ""],
    ["--connect", ""],
    ["--config", ""],
    ["guest"],
    ["qemu:///system"],
    ["file:///b.vv"],
    ["list", "--web"],
    ["list", "guest"],
  ])("refuses %s %s in one line", (...words) => {
    const invocation = parseArguments(words);
    expect(invocation).toMatchObject({ command: "wrong", reason: expect.stringMatching(/^[^\n]+$/) as string });
  });
});

describe("chooseWindow", () => {
  const surroundings = (part: Partial<Surroundings>): Surroundings => ({
    platform: "linux",
    env: { DISPLAY: ":0" },
    electron: () => ({ missing: "Electron is not installed" }),
    browser: () => undefined,
    ...part,
  });
  const electron = (): { binary: string } => ({ binary: "/electron" });
  const browser = (): string => "/chromium";

  it.each([
    ["Electron where it is", {}, { electron, browser }, "electron"],
    ["else a browser", {}, { browser }, "browser"],
    ["else it serves", {}, {}, "served"],
    ["it serves without a display", {}, { env: {}, electron, browser }, "served"],
    ["Wayland is a display", {}, { env: { WAYLAND_DISPLAY: "w" }, browser }, "browser"],
    ["other systems always have one", {}, { platform: "darwin", env: {}, browser }, "browser"],
    ["--web serves", { isWeb: true }, { electron, browser }, "served"],
  ] as const)("%s", (_, options, part, kind) => {
    expect(chooseWindow({ isWeb: false, ...options }, surroundings(part)).kind).toBe(kind);
  });
});

describe("the listing", () => {
  const host = (name: string): Parameters<typeof formatListing>[0]["hosts"][number] => ({
    label: "rack",
    uri: "test:",
    kind: "test",
    guests: [{ id: "rack/1" as never, name, state: "running", consoles: [] }],
  });

  it("is a table", () => {
    expect(formatListing({ hosts: [host("one")] })).toBe("HOST  GUEST  STATE    CONSOLES\nrack  one    running  -\n");
    expect(formatListing({ hosts: [] })).toMatch(/^No host was found/);
  });

  // A guest's name is its host's to choose.
  it("lets no escape sequence through to the terminal", () => {
    const name = "\u001b[2Jevil\n\u202Erow";
    const text =
      formatListing({ hosts: [host(name)] }) + formatFailures({ hosts: [{ ...host("x"), label: name, error: "no" }] });
    expect(text).not.toMatch(/\u001b|\u202E|evil\n/);
  });
});
