import { mkdir, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { z } from "zod";
import { AppError } from "../../shared/errors/app-error.ts";

/** A settings or state file larger than this is not ours. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

export interface LoadedFile<T> {
  readonly value: T;
  /** Set when the file was broken and set aside. */
  readonly problem: AppError | undefined;
}

/**
 * A JSON file with a schema. Written atomically and only for the owner; writes follow one another. A broken file is renamed
 * to `<name>.broken-<time>` and reported, never overwritten.
 */
export class JsonFile<S extends z.ZodType> {
  readonly #path: string;
  readonly #schema: S;
  #writes: Promise<void> = Promise.resolve();

  constructor(options: { path: string; schema: S }) {
    this.#path = options.path;
    this.#schema = options.schema;
  }

  /** The file's content, or the schema's defaults when there is none or it is broken. */
  async load(): Promise<LoadedFile<z.output<S>>> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return { value: this.#defaults(), problem: undefined };
      throw this.#unreadable(code ?? "read error", error);
    }
    const reason = this.#problemOf(text);
    if (typeof reason !== "string") return { value: reason.value, problem: undefined };
    const aside = `${this.#path}.broken-${new Date().toISOString().replace(/[:.]/g, "-")}`;
    try {
      await rename(this.#path, aside);
    } catch (error) {
      // Going on with defaults would overwrite it with the first change.
      throw this.#unreadable(`${reason}, and it could not be set aside`, error);
    }
    return {
      value: this.#defaults(),
      problem: new AppError("SETTINGS_INVALID", "settings file is broken", { path: aside, reason }),
    };
  }

  /** Resolves when this value, or a later one, is on the disk. */
  async save(value: z.output<S>): Promise<void> {
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    const write = this.#writes.then(async () => {
      try {
        await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
        await writeFileAtomic(this.#path, text, { mode: 0o600 });
      } catch (error) {
        const reason = (error as NodeJS.ErrnoException).code ?? "write error";
        throw new AppError(
          "SETTINGS_WRITE_FAILED",
          "settings cannot be written",
          { path: this.#path, reason },
          { cause: error },
        );
      }
    });
    // The next write goes on after a failed one.
    this.#writes = write.catch(() => undefined);
    await write;
  }

  #unreadable(reason: string, cause: unknown): AppError {
    return new AppError("SETTINGS_UNREADABLE", "settings file cannot be read", { path: this.#path, reason }, { cause });
  }

  #problemOf(text: string): string | { value: z.output<S> } {
    if (Buffer.byteLength(text) > MAX_FILE_BYTES) return `it is larger than ${MAX_FILE_BYTES} bytes`;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      return `it is not JSON (${(error as Error).message.slice(0, 120)})`;
    }
    const parsed = this.#schema.safeParse(json);
    if (parsed.success) return { value: parsed.data };
    const [issue] = parsed.error.issues;
    return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not valid"}`;
  }

  #defaults(): z.output<S> {
    return this.#schema.parse({});
  }
}
