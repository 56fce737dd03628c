import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Logger } from "../providers/provider.ts";
import { createLogger, fileSink, type LogLevel } from "./log.ts";

let lines: string[];

beforeEach(() => {
  lines = [];
});

const logger = (level: LogLevel = "info"): Logger =>
  createLogger({ level, sink: (line) => lines.push(line), now: () => new Date(0) });

const SECRET = "hunter2-correct-horse";

describe("createLogger", () => {
  it("writes one line of JSON with time, level, message and facts", () => {
    logger().warn("turned away", { reason: "foreign Host", count: 2 });
    expect(lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"turned away","reason":"foreign Host","count":2}',
    ]);
  });

  it("writes nothing below its level", () => {
    const log = logger("warn");
    log.debug("a");
    log.info("b");
    log.error("c");
    expect(lines).toHaveLength(1);
  });

  const secretName = fc.constantFrom(
    "password",
    "vncPassword",
    "passphrase",
    "secret",
    "startToken",
    "ticket",
    "Cookie",
    "set-cookie",
    "credentials",
    "clipboardText",
    "authorization",
    "privateKey",
  );

  // Facts that stood in an object in a fact were written as they were.
  it("leaves out what is named like a secret, at any depth and level", () => {
    fc.assert(
      fc.property(
        secretName,
        fc.array(fc.constantFrom("a", "detail", "options"), { maxLength: 6 }),
        fc.constantFrom<LogLevel>("debug", "info"),
        fc.oneof(fc.constant(SECRET), fc.constant([SECRET]), fc.constant({ text: SECRET })),
        (name, path, level, value) => {
          lines = [];
          const fact = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), { [name]: value });
          const log = logger(level);
          log.error("x", fact as Record<string, unknown>);
          log.error("x", { error: new AppError("BUG", "x", { [name]: SECRET }, { cause: fact }) });
          expect(lines).toHaveLength(2);
          expect(lines.join("")).not.toContain(SECRET);
        },
      ),
    );
  });

  // Half of a password with "@" or "/" in it stayed, and all of one in an error's detail.
  it("takes the user part out of addresses, wherever they stand", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("vnc", "qemu+ssh", "http"),
        fc.stringMatching(/^[a-z]{0,5}:[a-z@/ :#?]{0,12}$/),
        (scheme, before) => {
          lines = [];
          const uri = `${scheme}://${before}${SECRET}@rack:5900/x`;
          const log = logger("debug");
          log.info("x", { uri, list: [uri], deep: { uri } });
          log.info("x", { error: new AppError("URI_INVALID", `wrong ${uri}`, { uri }) });
          log.info("x", { error: new TypeError(`in two lines:\n${uri}`) });
          log.info("x", { error: new AppError("BUG", "x", {}, { cause: new Error(uri) }) });
          expect(lines.join("")).not.toContain(SECRET);
          expect(lines.every((line) => line.includes("rack:5900"))).toBe(true);
        },
      ),
    );
  });

  it("names hosts of errors at debug only", () => {
    const facts = { error: new AppError("CONNECT_REFUSED", "refused", { address: "rack-a:22" }) };
    logger("info").error("x", facts);
    logger("debug").error("x", facts);
    expect(lines.map((line) => line.includes("rack-a"))).toEqual([false, true]);
  });

  it("writes no bytes, and survives circles and numbers beyond JSON", () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const error = new Error("x");
    error.cause = error;
    logger().error("x", { circle, error, big: 1n, pixels: Uint8Array.of(200, 201), none: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("200");
  });

  it("cuts a line that is too long", () => {
    logger().info("x", { text: "y".repeat(1_000_000) });
    expect(lines[0]?.length).toBeLessThan(10_000);
  });
});

describe("fileSink", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-log-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("appends for the owner only, in a folder that it makes", () => {
    const path = join(folder, "deep", "switchyard.log");
    fileSink(path)("one");
    fileSink(path)("two");
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["one\ntwo\n", 0o600]);
  });

  it("keeps two files of limited size at most", () => {
    const path = join(folder, "switchyard.log");
    const sink = fileSink(path);
    const line = "x".repeat(64 * 1024);
    for (let count = 0; count < 200; count += 1) sink(line);
    expect(readdirSync(folder).toSorted()).toEqual(["switchyard.log", "switchyard.log.1"]);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThan(5 * 1024 * 1024);
  });

  it("never stops the program when it cannot write", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => {
      fileSink(join(folder, "file", "switchyard.log"))("one");
      fileSink(folder)("two");
    }).not.toThrow();
  });
});
