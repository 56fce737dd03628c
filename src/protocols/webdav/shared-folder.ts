/** Names from the shared folder down to a file or folder in it; empty: the shared folder itself. Checked by `parseFolderPath`. */
export type FolderPath = readonly string[];

export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder";
  /** 0 for folders. */
  readonly sizeBytes: number;
  /** Since 1970. */
  readonly modifiedMs: number;
}

export type FolderFault = "missing" | "refused" | "full" | "failed";

/** What the operations of a SharedFolder reject with; anything else counts as "failed". */
export class FolderError extends Error {
  readonly fault: FolderFault;

  constructor(fault: FolderFault, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "FolderError";
    this.fault = fault;
  }
}

/** A file that is being written. Nothing of it is seen before `commit`. */
export interface FileSink {
  write(bytes: Uint8Array): Promise<void>;
  commit(): Promise<void>;
  /** Leaves the file as it was. */
  abort(): Promise<void>;
}

/** A folder that its owner lets others use. Rejects with FolderError. */
export interface SharedFolder {
  /** What the owner allows; asked anew with each request. */
  readonly isWritable: boolean;
  /** Undefined: there is no such thing. */
  stat(path: FolderPath): Promise<FolderEntry | undefined>;
  list(path: FolderPath): Promise<readonly FolderEntry[]>;
  /** Fewer bytes than asked for: the file has become shorter. */
  read(path: FolderPath, startByte: number, lengthBytes: number): Promise<Uint8Array>;
  /** A new file, or new content of one; the folder around it exists. */
  write(path: FolderPath): Promise<FileSink>;
  createFolder(path: FolderPath): Promise<void>;
  /** A folder goes with all that is in it. */
  remove(path: FolderPath): Promise<void>;
}
