import { HttpError } from "./http-error.ts";
import type { FolderEntry, FolderPath } from "./shared-folder.ts";

/** Folders in folders. */
export const MAX_PATH_DEPTH = 64;
/** As common file systems have it, in UTF-16 units. */
export const MAX_NAME_LENGTH = 255;

/**
 * The path of a request target or a Destination, which may be a whole address (RFC 9112 §3.2, RFC 4918 §10.3).
 * INVARIANT: no name in a path is "", "." or "..", or has a separator or a control character, so none leads out of the folder.
 * Throws HttpError.
 */
export function parseFolderPath(target: string): FolderPath {
  const local = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? target;
  const encoded = local.replace(/[?#].*$/s, "");
  if (encoded !== "" && !encoded.startsWith("/")) throw new HttpError(400, "the target is no path");
  const names = encoded
    .split("/")
    .filter((part) => part !== "")
    .map((part) => checkedName(decoded(part)));
  if (names.length > MAX_PATH_DEPTH) throw new HttpError(414, "too many folders in folders");
  return names;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, "the path is not in UTF-8");
  }
}

function checkedName(name: string): string {
  const isUnsafe = name === "." || name === ".." || /[/\\\u0000-\u001f\u007f]/.test(name);
  if (isUnsafe) throw new HttpError(400, "the path has a name that is not allowed");
  if (name.length > MAX_NAME_LENGTH) throw new HttpError(414, "the path has a name that is too long");
  return name;
}

/** As it stands in an answer; folders end with a slash (RFC 4918 §5.2). */
export function hrefOf(path: FolderPath, kind: FolderEntry["kind"]): string {
  const local = path.map((name) => `/${encodeURIComponent(name.toWellFormed())}`).join("");
  return kind === "folder" ? `${local}/` : local;
}

export function keyOf(path: FolderPath): string {
  return path.join("/");
}

export function isWithin(path: FolderPath, folder: FolderPath): boolean {
  return folder.every((name, index) => path[index] === name);
}
