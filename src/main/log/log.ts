import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Logger } from "../providers/provider.ts";

/** The log file is moved to `<name>.1` above this; so two files of this size are kept at most. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;

/** A single line is cut above this. */
const MAX_LINE_CHARACTERS = 8192;

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];

const SECRET_KEY = /pass|pwd|secret|token|ticket|cookie|credential|clipboard|authorization|private.?key/i;

/** Where a line goes. Must not throw. */
export type LogSink = (line: string) => void;

/** Lines of JSON: time, level, message, facts. Facts with the name of a secret are left out, addresses lose their user part. */
export function createLogger(options: { level: LogLevel; sink: LogSink; now?: () => Date }): Logger {
  const lowest = LEVELS.indexOf(options.level);
  const isDebug = options.level === "debug";
  const now = options.now ?? (() => new Date());
  const write =
    (level: LogLevel) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}): void => {
      if (LEVELS.indexOf(level) < lowest) return;
      const safe = Object.fromEntries(
        Object.entries(facts).map(([key, value]) => [key, safeFact(key, value, isDebug)]),
      );
      const line = JSON.stringify({ time: now().toISOString(), level, message, ...safe });
      options.sink(line.length > MAX_LINE_CHARACTERS ? `${line.slice(0, MAX_LINE_CHARACTERS)}…` : line);
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** How deep a fact may be nested; what is deeper is left out. */
const MAX_FACT_DEPTH = 4;

function safeFact(key: string, value: unknown, isDebug: boolean, depth = 0): unknown {
  if (SECRET_KEY.test(key)) return "(left out)";
  if (typeof value === "string") return withoutUserInfo(value);
  if (typeof value === "bigint" || typeof value === "function" || typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  // Also ends a cause that is its own cause.
  if (depth >= MAX_FACT_DEPTH) return "(too deep)";
  const safe = (innerKey: string, inner: unknown): unknown => safeFact(innerKey, inner, isDebug, depth + 1);
  if (value instanceof AppError) {
    const cause = value.cause === undefined ? undefined : safe("cause", value.cause);
    // Details name hosts, which belong to debug only.
    const detail = isDebug ? { detail: safe("detail", value.detail) } : {};
    return { code: value.code, message: withoutUserInfo(value.message), ...detail, cause };
  }
  if (value instanceof Error) {
    // A message of several lines stands at the head of the stack as well.
    const stack = value.stack?.split("\n").filter((line) => line.startsWith("    at "));
    return { name: value.name, message: withoutUserInfo(value.message), stack: stack?.slice(0, 7) };
  }
  // Bytes are pixels or keys.
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `(${value.byteLength} bytes)`;
  if (Array.isArray(value)) return value.map((inner) => safe("", inner));
  return Object.fromEntries(Object.entries(value).map(([innerKey, inner]) => [innerKey, safe(innerKey, inner)]));
}

/**
 * Up to the last "@": a password may hold "@", "/" and blanks, and too much left out is better than half a password.
 * Cut first, since the search's time grows with the square of the length.
 */
function withoutUserInfo(text: string): string {
  return text.slice(0, MAX_LINE_CHARACTERS).replace(/:\/\/[^]*@/, "://…@");
}

/** Appends to a file, and starts a new one when it is full. A log that cannot be written never stops the program. */
export function fileSink(path: string): LogSink {
  let bytes = 0;
  let isUsable = true;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    isUsable = false;
  }
  return (line) => {
    if (!isUsable) return;
    try {
      if (bytes > MAX_LOG_BYTES) {
        renameSync(path, `${path}.1`);
        bytes = 0;
      }
      appendFileSync(path, `${line}\n`, { mode: 0o600 });
      bytes += Buffer.byteLength(line) + 1;
    } catch {
      isUsable = false;
    }
  };
}
