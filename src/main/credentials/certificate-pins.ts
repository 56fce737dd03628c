import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import type { AcceptedCertificate } from "../../shared/contracts/api.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { CertificatePins } from "../providers/provider.ts";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
/** A file of accepted certificates is a few lines. */
const MAX_PINS = 10_000;
const MAX_BROKEN_FILES = 1_000;

/** `certificates.json`: what the user accepted, for good. */
const PinsFile = z.object({
  version: z.literal(1),
  /** SHA-256 fingerprint, hex pairs with colons, by target ("rack-a:16514"). */
  fingerprintByTarget: z
    .record(z.string().max(512), z.string().regex(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/))
    .refine((pins) => Object.keys(pins).length <= MAX_PINS, "too many entries"),
});

/** The pins, and what was wrong with their file at start or at the last write. */
export interface StoredCertificatePins extends CertificatePins {
  readonly problems: readonly AppError[];
  /** All that are accepted now, sorted by target. */
  list(): AcceptedCertificate[];
}

/** The first of `<file>.broken-1`, `-2`, … that is free. */
function setAside(file: string): string {
  for (let n = 1; n < MAX_BROKEN_FILES; n += 1) {
    const path = `${file}.broken-${String(n)}`;
    if (existsSync(path)) continue;
    renameSync(file, path);
    return path;
  }
  throw new Error("too many broken files are kept already");
}

/** What the file holds; `canSave` is false when it is broken and would be overwritten. */
function load(file: string, problems: AppError[]): { lasting: Map<string, string>; canSave: boolean } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (!isMissing) {
      problems.push(
        new AppError("SETTINGS_INVALID", "accepted certificates are unreadable", { reason: "unreadable", path: file }),
      );
    }
    return { lasting: new Map(), canSave: isMissing };
  }
  try {
    const { fingerprintByTarget } = PinsFile.parse(JSON.parse(text));
    return { lasting: new Map(Object.entries(fingerprintByTarget)), canSave: true };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).slice(0, 300) : "not JSON";
    let path = file;
    try {
      path = setAside(file);
    } catch {
      // It stays where it is and is not written over.
    }
    problems.push(new AppError("SETTINGS_INVALID", "accepted certificates are broken", { reason, path }));
    return { lasting: new Map(), canSave: path !== file };
  }
}

/**
 * Accepted certificates, kept in `file` (owner only, written atomically). A broken file is set aside as
 * `<file>.broken-<n>` and reported in `problems`.
 */
export function createCertificatePins(options: { readonly file: string }): StoredCertificatePins {
  const { file } = options;
  const problems: AppError[] = [];
  const { lasting, canSave } = load(file, problems);
  const thisRun = new Map<string, string>();

  const save = (): void => {
    if (!canSave) return;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: OWNER_ONLY_FOLDER });
      const content = { version: 1, fingerprintByTarget: Object.fromEntries([...lasting].sort()) };
      writeFileAtomic.sync(file, `${JSON.stringify(content, undefined, 2)}\n`, { mode: OWNER_ONLY_FILE });
    } catch (error) {
      const reason = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : "unknown";
      problems.push(
        new AppError("SETTINGS_WRITE_FAILED", "accepted certificates are not saved", { path: file, reason }),
      );
    }
  };

  return {
    problems,
    get: (target) => thisRun.get(target) ?? lasting.get(target),
    pin(target, fingerprint, { isLasting }) {
      if (!isLasting) {
        thisRun.set(target, fingerprint);
        return;
      }
      thisRun.delete(target);
      lasting.set(target, fingerprint);
      save();
    },
    list: () =>
      [...new Map([...lasting, ...thisRun])]
        .map(([target, fingerprint]) => ({ target, fingerprint, isLasting: !thisRun.has(target) }))
        .sort((a, b) => a.target.localeCompare(b.target)),
    forget(target) {
      thisRun.delete(target);
      if (lasting.delete(target)) save();
    },
  };
}
