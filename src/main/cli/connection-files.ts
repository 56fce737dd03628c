import { readFile, unlink } from "node:fs/promises";
import { ProtocolError } from "../../protocols/bytes/protocol-error.ts";
import {
  MAX_CONNECTION_FILE_CHARACTERS,
  parseConnectionFile,
  type ConnectionFile,
} from "../../protocols/connection-file/connection-file.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { connectionFileConfig } from "../providers/index.ts";
import type { HostConfig } from "../providers/provider.ts";

function invalid(path: string, reason: string, cause: unknown): AppError {
  const detail = { reason: `${path}: ${reason}` };
  return new AppError("CONNECTION_FILE_INVALID", "connection file is unusable", detail, { cause });
}

async function readOne(path: string): Promise<ConnectionFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
    const reason = code === "ENOENT" ? "it is not there" : `it cannot be read (${code})`;
    throw invalid(path, reason, error);
  }
  if (bytes.length > MAX_CONNECTION_FILE_CHARACTERS) throw invalid(path, "it is too long", undefined);
  try {
    return parseConnectionFile(bytes.toString("utf8"));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw invalid(path, error.message, error);
  }
}

/** The hosts that connection files of the command line lead to. */
export interface ReadConnectionFiles {
  readonly configs: readonly HostConfig[];
  /** Deletes those that ask for it: they hold a ticket for one time. */
  readonly discard: (say: (line: string) => void) => Promise<void>;
}

/** Throws CONNECTION_FILE_INVALID. */
export async function readConnectionFiles(paths: readonly string[]): Promise<ReadConnectionFiles> {
  const files = await Promise.all(paths.map(async (path) => ({ path, file: await readOne(path) })));
  return {
    configs: files.map(({ file }) => connectionFileConfig(file)),
    async discard(say) {
      for (const { path } of files.filter(({ file }) => file.shouldDeleteFile)) {
        try {
          await unlink(path);
        } catch (error) {
          say(`${path} asks to be deleted, but could not be (${(error as NodeJS.ErrnoException).code ?? "?"}).`);
        }
      }
    },
  };
}
