import {
  FolderError,
  type FileSink,
  type FolderEntry,
  type FolderPath,
  type SharedFolder,
} from "../protocols/webdav/shared-folder.ts";

const MODIFIED_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A shared folder in memory: `contentByPath` has files by "a/b.txt"; undefined is a folder. */
export class MemoryFolder implements SharedFolder {
  readonly contentByPath: Map<string, Uint8Array | undefined>;
  isWritable: boolean;

  constructor(
    options: { readonly files?: Readonly<Record<string, string | undefined>>; readonly isWritable?: boolean } = {},
  ) {
    this.isWritable = options.isWritable ?? false;
    const files = Object.entries(options.files ?? {});
    const encode = (text: string | undefined): Uint8Array | undefined =>
      text === undefined ? undefined : new TextEncoder().encode(text);
    this.contentByPath = new Map([["", undefined], ...files.map(([path, text]) => [path, encode(text)] as const)]);
  }

  /** As `files` was given. */
  get files(): Record<string, string | undefined> {
    return Object.fromEntries(
      [...this.contentByPath].slice(1).map(([path, bytes]) => [path, bytes && new TextDecoder().decode(bytes)]),
    );
  }

  stat(path: FolderPath): Promise<FolderEntry | undefined> {
    return Promise.resolve(this.#entry(path.join("/")));
  }

  list(path: FolderPath): Promise<FolderEntry[]> {
    const around = path.join("/");
    const inside = [...this.contentByPath.keys()].filter((one) => one !== "" && parentOf(one) === around);
    return Promise.resolve(inside.flatMap((one) => this.#entry(one) ?? []));
  }

  read(path: FolderPath, startByte: number, lengthBytes: number): Promise<Uint8Array> {
    const bytes = this.contentByPath.get(path.join("/"));
    if (bytes === undefined) return Promise.reject(new FolderError("missing", "no such file"));
    return Promise.resolve(bytes.slice(startByte, startByte + lengthBytes));
  }

  write(path: FolderPath): Promise<FileSink> {
    let bytes: number[] = [];
    return Promise.resolve({
      write: (piece) => {
        bytes = [...bytes, ...piece];
        return Promise.resolve();
      },
      commit: () => {
        this.contentByPath.set(path.join("/"), Uint8Array.from(bytes));
        return Promise.resolve();
      },
      abort: () => Promise.resolve(),
    });
  }

  createFolder(path: FolderPath): Promise<void> {
    this.contentByPath.set(path.join("/"), undefined);
    return Promise.resolve();
  }

  remove(path: FolderPath): Promise<void> {
    const gone = path.join("/");
    for (const one of [...this.contentByPath.keys()]) {
      if (one === gone || one.startsWith(`${gone}/`)) this.contentByPath.delete(one);
    }
    return Promise.resolve();
  }

  #entry(path: string): FolderEntry | undefined {
    if (!this.contentByPath.has(path)) return undefined;
    const bytes = this.contentByPath.get(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const kind = bytes === undefined ? "folder" : "file";
    return { name, kind, sizeBytes: bytes?.length ?? 0, modifiedMs: MODIFIED_MS };
  }
}

function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}
