import { MAX_PATH_DEPTH } from "./folder-path.ts";
import { HttpError } from "./http-error.ts";
import type { FolderEntry, FolderPath, SharedFolder } from "./shared-folder.ts";

/** What is read of a file at a time. */
export const COPY_PIECE_BYTES = 1024 * 1024;

export interface TreeCopy {
  readonly path: FolderPath;
  readonly entry: FolderEntry;
  /** Nothing is there, and it is not within `path`. */
  readonly target: FolderPath;
  /** A folder without what is in it. */
  readonly isShallow: boolean;
}

/** Copies a file, or a folder with all that is in it. Rejects with HttpError or FolderError, and leaves what was copied so far. */
export async function copyTree(folder: SharedFolder, { path, entry, target, isShallow }: TreeCopy): Promise<void> {
  if (target.length > MAX_PATH_DEPTH) throw new HttpError(507, "too many folders in folders");
  if (entry.kind === "file") {
    await copyFile(folder, path, target);
    return;
  }
  await folder.createFolder(target);
  if (isShallow) return;
  for (const one of await folder.list(path)) {
    await copyTree(folder, { path: [...path, one.name], entry: one, target: [...target, one.name], isShallow });
  }
}

async function copyFile(folder: SharedFolder, path: FolderPath, target: FolderPath): Promise<void> {
  const sink = await folder.write(target);
  try {
    let at = 0;
    for (;;) {
      const piece = await folder.read(path, at, COPY_PIECE_BYTES);
      if (piece.length > 0) await sink.write(piece);
      at += piece.length;
      if (piece.length < COPY_PIECE_BYTES) break;
    }
  } catch (error) {
    await sink.abort().catch(() => undefined);
    throw error;
  }
  await sink.commit();
}
