import { describe, expect, it } from "vitest";
import { expectNoLeaks } from "../../../../testing/expect-no-leaks.ts";
import { FakeDuplex } from "../../../../testing/fake-duplex.ts";
import { LineEditor } from "./line-editor.ts";
import { TextShell } from "./text-shell.ts";

const START_MS = Date.UTC(2026, 10, 23, 12, 0, 0);

async function run(input: string, done: (output: string) => boolean): Promise<string> {
  const stream = new FakeDuplex();
  const shell = new TextShell(stream, { hostName: "test", now: () => START_MS });
  stream.takeSent();
  stream.receive(Buffer.from(input));
  while (!done(stream.sentText)) await new Promise((resolve) => setImmediate(resolve));
  shell.dispose();
  return stream.sentText;
}

describe("text shell", () => {
  expectNoLeaks();

  it("echoes what is typed and runs it at Return", async () => {
    const output = await run("echo two  words\r", (text) => text.endsWith("$ "));
    expect(output).toContain("echo two  words\r\ntwo words\r\n");
  });

  it("names a command that it does not know", async () => {
    expect(await run("nonsense\r", (text) => text.endsWith("$ "))).toContain("nonsense: not known");
  });

  it("shows the moving table until q and then comes back", async () => {
    const output = await run("top\rq", (text) => text.endsWith("$ "));
    expect(output).toContain("\u001b[?1049h");
    expect(output).toContain("8 processes");
    expect(output.indexOf("\u001b[?1049l")).toBeGreaterThan(output.indexOf("\u001b[?1049h"));
  });
});

describe("line editor", () => {
  const feed = (keys: string) => {
    const editor = new LineEditor();
    return Array.from(keys, (key) => editor.accept(key));
  };

  it("takes a character back with its picture", () => {
    expect(feed("ab\u007f\r").at(-1)).toEqual({ echo: "\r\n", line: "a" });
  });

  it("brings the last line back on arrow up", () => {
    expect(feed("one\r\u001b[A").at(-1)).toEqual({ echo: "one" });
  });

  it("ends one line at CR LF", () => {
    expect(feed("x\r\n").flatMap(({ line }) => line ?? [])).toEqual(["x"]);
  });
});
