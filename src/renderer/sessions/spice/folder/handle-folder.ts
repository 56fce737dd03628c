import {
  FolderError,
  type FileSink,
  type FolderEntry,
  type FolderFault,
  type FolderPath,
  type SharedFolder,
} from "../../../../protocols/webdav/shared-folder.ts";

/** DOMException names of the File System Access API. A TypeError is a name that the system does not take. */
const FAULT_BY_NAME: Readonly<Record<string, FolderFault>> = {
  NotFoundError: "missing",
  TypeMismatchError: "missing",
  NotAllowedError: "refused",
  NoModificationAllowedError: "refused",
  SecurityError: "refused",
  TypeError: "refused",
  QuotaExceededError: "full",
};

/** A folder of this computer that the user has chosen (File System Access). */
export class HandleFolder implements SharedFolder {
  readonly #root: FileSystemDirectoryHandle;
  isWritable = false;

  constructor(handle: FileSystemDirectoryHandle) {
    this.#root = handle;
  }

  get name(): string {
    return this.#root.name;
  }

  async stat(path: FolderPath): Promise<FolderEntry | undefined> {
    const name = path.at(-1);
    if (name === undefined) return entryOfFolder(this.#root.name);
    try {
      const around = await this.#folder(path.slice(0, -1));
      return await entryIn(around, name);
    } catch (error) {
      const fault = folderError(error);
      if (fault.fault === "missing") return undefined;
      throw fault;
    }
  }

  async list(path: FolderPath): Promise<FolderEntry[]> {
    return named(async () => {
      const folder = await this.#folder(path);
      const entries: FolderEntry[] = [];
      for await (const handle of folder.values()) {
        // A file that goes, or that may not be read, while the list is made is not in it.
        const entry = await entryOf(handle).catch(() => undefined);
        if (entry !== undefined) entries.push(entry);
      }
      return entries;
    });
  }

  read(path: FolderPath, startByte: number, lengthBytes: number): Promise<Uint8Array> {
    return named(async () => {
      const [around, name] = await this.#place(path);
      const file = await (await around.getFileHandle(name)).getFile();
      return new Uint8Array(await file.slice(startByte, startByte + lengthBytes).arrayBuffer());
    });
  }

  write(path: FolderPath): Promise<FileSink> {
    return named(async () => {
      const [around, name] = await this.#place(path);
      const stream = await (await around.getFileHandle(name, { create: true })).createWritable();
      return {
        // A copy: the stream takes what it is given as its own, and not from memory that is shared.
        write: (bytes) => named(() => stream.write(bytes.slice())),
        commit: () => named(() => stream.close()),
        abort: () => named(() => stream.abort()),
      };
    });
  }

  createFolder(path: FolderPath): Promise<void> {
    return named(async () => {
      const [around, name] = await this.#place(path);
      await around.getDirectoryHandle(name, { create: true });
    });
  }

  remove(path: FolderPath): Promise<void> {
    return named(async () => {
      const [around, name] = await this.#place(path);
      await around.removeEntry(name, { recursive: true });
    });
  }

  async #place(path: FolderPath): Promise<[FileSystemDirectoryHandle, string]> {
    const name = path.at(-1);
    if (name === undefined) throw new FolderError("refused", "the shared folder itself");
    return [await this.#folder(path.slice(0, -1)), name];
  }

  async #folder(path: FolderPath): Promise<FileSystemDirectoryHandle> {
    let folder = this.#root;
    for (const name of path) folder = await folder.getDirectoryHandle(name);
    return folder;
  }
}

async function entryIn(around: FileSystemDirectoryHandle, name: string): Promise<FolderEntry> {
  try {
    return await entryOf(await around.getFileHandle(name));
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "TypeMismatchError") throw error;
    return entryOfFolder((await around.getDirectoryHandle(name)).name);
  }
}

async function entryOf(handle: FileSystemDirectoryHandle | FileSystemFileHandle): Promise<FolderEntry> {
  if (handle.kind === "directory") return entryOfFolder(handle.name);
  const { size, lastModified } = await handle.getFile();
  return { name: handle.name, kind: "file", sizeBytes: size, modifiedMs: lastModified };
}

/** Browsers do not tell when a folder was changed. */
function entryOfFolder(name: string): FolderEntry {
  return { name, kind: "folder", sizeBytes: 0, modifiedMs: 0 };
}

async function named<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw folderError(error);
  }
}

function folderError(error: unknown): FolderError {
  if (error instanceof FolderError) return error;
  const name = error instanceof Error ? error.name : "";
  return new FolderError(FAULT_BY_NAME[name] ?? "failed", name, { cause: error });
}
