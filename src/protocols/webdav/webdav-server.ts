import { parseByteRange } from "./byte-range.ts";
import {
  encodeCondition,
  encodeLock,
  encodeMultistatus,
  encodePropertyAnswer,
  entityTagOf,
  httpDateOf,
  parsePropertyNames,
  type ListedResource,
} from "./dav-xml.ts";
import { hrefOf, isWithin, parseFolderPath } from "./folder-path.ts";
import { copyTree } from "./folder-copy.ts";
import { HttpError } from "./http-error.ts";
import type { HttpRequest } from "./http-request.ts";
import { LOCK_SECONDS, LockTable } from "./lock-table.ts";
import type { FolderEntry, FolderPath, SharedFolder } from "./shared-folder.ts";

/** What a PROPPATCH or a LOCK may say. */
export const MAX_XML_BYTES = 256 * 1024;
/** Files and folders in one folder; each costs about 600 bytes in the answer. */
export const MAX_LISTED_ENTRIES = 20_000;

const READING_METHODS = ["OPTIONS", "HEAD", "GET", "PROPFIND"];
const WRITING_METHODS = ["PUT", "MKCOL", "DELETE", "MOVE", "COPY", "LOCK", "UNLOCK", "PROPPATCH"];
const XML: [string, string] = ["Content-Type", 'application/xml; charset="utf-8"'];

export interface HttpResponse {
  readonly status: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly content?:
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "file"; readonly path: FolderPath; readonly start: number; readonly length: number };
}

/** Answers requests for one shared folder (RFC 4918 "WebDAV", class 1, and 2 where writing is allowed). */
export class WebdavServer {
  readonly #folder: SharedFolder;
  readonly #now: () => number;
  readonly #locks = new LockTable();

  constructor(options: { readonly folder: SharedFolder; readonly now: () => number }) {
    this.#folder = options.folder;
    this.#now = options.now;
  }

  /** Rejects with HttpError, FolderError, or ProtocolError of the body. */
  async answer(request: HttpRequest): Promise<HttpResponse> {
    const { method } = request;
    const isWriting = WRITING_METHODS.includes(method);
    if (!isWriting && !READING_METHODS.includes(method)) throw new HttpError(501, "no such method");
    if (isWriting && !this.#folder.isWritable) throw new HttpError(403, "the folder is shared for reading only");
    if (method === "OPTIONS") return this.#options();
    const path = parseFolderPath(request.target);
    switch (method) {
      case "GET":
      case "HEAD":
        return this.#get(path, request);
      case "PROPFIND":
        return this.#list(path, request);
      case "PUT":
        return this.#put(path, request);
      case "MKCOL":
        return this.#createFolder(path, request);
      case "DELETE":
        return this.#remove(path, request);
      case "MOVE":
      case "COPY":
        return this.#transfer(path, request);
      case "LOCK":
        return this.#lock(path, request);
      case "UNLOCK":
        return this.#unlock(path, request);
      default:
        return this.#setProperties(path, request);
    }
  }

  #options(): HttpResponse {
    const { isWritable } = this.#folder;
    const methods = isWritable ? [...READING_METHODS, ...WRITING_METHODS] : READING_METHODS;
    const headers: [string, string][] = [
      ["DAV", isWritable ? "1, 2" : "1"],
      // Windows asks for it.
      ["MS-Author-Via", "DAV"],
      ["Allow", methods.join(", ")],
      ["Accept-Ranges", "bytes"],
    ];
    return { status: 200, headers };
  }

  async #get(path: FolderPath, { headerByName }: HttpRequest): Promise<HttpResponse> {
    const entry = await this.#existing(path);
    if (entry.kind === "folder") throw new HttpError(405, "a folder has no content");
    const tag = entityTagOf(entry);
    const isCurrent = [undefined, tag].includes(headerByName.get("if-range"));
    const range = isCurrent ? parseByteRange(headerByName.get("range"), entry.sizeBytes) : undefined;
    const size = String(entry.sizeBytes);
    if (range === "unsatisfiable") return { status: 416, headers: [["Content-Range", `bytes */${size}`]] };
    const headers: [string, string][] = [
      ["Content-Type", "application/octet-stream"],
      ["ETag", tag],
      ["Last-Modified", httpDateOf(entry)],
      ["Accept-Ranges", "bytes"],
    ];
    const { start, length } = range ?? { start: 0, length: entry.sizeBytes };
    const end = String(start + length - 1);
    if (range !== undefined) headers.push(["Content-Range", `bytes ${String(start)}-${end}/${size}`]);
    return { status: range === undefined ? 200 : 206, headers, content: { kind: "file", path, start, length } };
  }

  async #list(path: FolderPath, request: HttpRequest): Promise<HttpResponse> {
    const depth = request.headerByName.get("depth") ?? "infinity";
    if ((await request.body.readAll(MAX_XML_BYTES)) === undefined) throw new HttpError(413, "too long");
    if (depth !== "0" && depth !== "1") {
      const text = encodeCondition("propfind-finite-depth");
      return { status: 403, headers: [XML], content: { kind: "text", text } };
    }
    const entry = await this.#existing(path);
    const resources: ListedResource[] = [{ path, entry }];
    if (depth === "1" && entry.kind === "folder") {
      const entries = await this.#folder.list(path);
      if (entries.length > MAX_LISTED_ENTRIES) throw new HttpError(507, "too many files in one folder");
      for (const one of entries) resources.push({ path: [...path, one.name], entry: one });
    }
    const text = encodeMultistatus(resources, { isLockable: this.#folder.isWritable });
    return { status: 207, headers: [XML], content: { kind: "text", text } };
  }

  async #put(path: FolderPath, request: HttpRequest): Promise<HttpResponse> {
    const before = await this.#placeFor(path, request);
    if (before?.kind === "folder") throw new HttpError(405, "there is a folder of this name");
    if (request.headerByName.has("content-range")) throw new HttpError(400, "a file is written as a whole");
    this.#checkConditions(request, before);
    const sink = await this.#folder.write(path);
    try {
      for (let piece = await request.body.read(); piece !== undefined; piece = await request.body.read()) {
        await sink.write(piece);
      }
      // The owner may have changed their mind meanwhile.
      if (!this.#folder.isWritable) throw new HttpError(403, "the folder is shared for reading only");
    } catch (error) {
      await sink.abort().catch(() => undefined);
      throw error;
    }
    await sink.commit();
    return { status: before === undefined ? 201 : 204 };
  }

  async #createFolder(path: FolderPath, request: HttpRequest): Promise<HttpResponse> {
    if (!request.body.isAtEnd) throw new HttpError(415, "a new folder is empty");
    if ((await this.#placeFor(path, request)) !== undefined) throw new HttpError(405, "there is one of this name");
    await this.#folder.createFolder(path);
    return { status: 201 };
  }

  async #remove(path: FolderPath, request: HttpRequest): Promise<HttpResponse> {
    this.#checkMovable(path, request);
    await this.#existing(path);
    await this.#folder.remove(path);
    this.#locks.forget(path);
    return { status: 204 };
  }

  /** RFC 4918 §9.8 "COPY Method", §9.9 "MOVE Method". */
  async #transfer(path: FolderPath, request: HttpRequest): Promise<HttpResponse> {
    const { method, headerByName } = request;
    const target = parseFolderPath(headerByName.get("destination") ?? "");
    if (method === "MOVE") this.#checkMovable(path, request);
    const entry = await this.#existing(path);
    if (isWithin(target, path) || isWithin(path, target)) throw new HttpError(403, "one is within the other");
    const before = await this.#placeFor(target, request);
    if (before !== undefined && headerByName.get("overwrite")?.toUpperCase() === "F") {
      throw new HttpError(412, "there is one of this name");
    }
    // A file takes another's place at once, when all of it is there.
    const isReplaced = before?.kind === "file" && entry.kind === "file";
    if (before !== undefined && !isReplaced) await this.#folder.remove(target);
    const isShallow = method === "COPY" && headerByName.get("depth") === "0";
    await copyTree(this.#folder, { path, entry, target, isShallow });
    if (method === "MOVE") {
      await this.#folder.remove(path);
      this.#locks.forget(path);
    }
    return { status: before === undefined ? 201 : 204 };
  }

  async #lock(path: FolderPath, request: HttpRequest): Promise<HttpResponse> {
    if ((await request.body.readAll(MAX_XML_BYTES)) === undefined) throw new HttpError(413, "too long");
    const before = await this.#placeFor(path, request);
    const token = this.#locks.lock(path, tokensOf(request), this.#now());
    // A lock of what is not there makes an empty file (RFC 4918 §7.3).
    if (before === undefined) await (await this.#folder.write(path)).commit();
    const text = encodeLock({ token, seconds: LOCK_SECONDS, href: hrefOf(path, before?.kind ?? "file") });
    const headers: [string, string][] = [XML, ["Lock-Token", `<${token}>`]];
    return { status: before === undefined ? 201 : 200, headers, content: { kind: "text", text } };
  }

  #unlock(path: FolderPath, request: HttpRequest): HttpResponse {
    const token = /^<(.*)>$/.exec(request.headerByName.get("lock-token") ?? "")?.[1] ?? "";
    if (!this.#locks.unlock(path, token)) throw new HttpError(409, "no such lock");
    return { status: 204 };
  }

  async #setProperties(path: FolderPath, request: HttpRequest): Promise<HttpResponse> {
    const body = await request.body.readAll(MAX_XML_BYTES);
    if (body === undefined) throw new HttpError(413, "too long");
    const { kind } = await this.#existing(path);
    const names = parsePropertyNames(new TextDecoder().decode(body));
    if (names.length === 0) throw new HttpError(400, "no properties");
    const text = encodePropertyAnswer(path, kind, names);
    return { status: 207, headers: [XML], content: { kind: "text", text } };
  }

  async #existing(path: FolderPath): Promise<FolderEntry> {
    const entry = await this.#folder.stat(path);
    if (entry === undefined) throw new HttpError(404, "no such file");
    return entry;
  }

  /** What is at a place that is about to be written. Throws HttpError where nothing can be written there. */
  async #placeFor(path: FolderPath, request: HttpRequest): Promise<FolderEntry | undefined> {
    this.#locks.check(path, tokensOf(request), this.#now());
    if (path.length === 0) return this.#existing(path);
    const around = await this.#folder.stat(path.slice(0, -1));
    if (around?.kind !== "folder") throw new HttpError(409, "no such folder");
    return this.#folder.stat(path);
  }

  #checkMovable(path: FolderPath, request: HttpRequest): void {
    if (path.length === 0) throw new HttpError(403, "the shared folder itself stays");
    this.#locks.check(path, tokensOf(request), this.#now());
  }

  /** RFC 9110 §13.1 "Preconditions", as far as they guard a write. */
  #checkConditions({ headerByName }: HttpRequest, before: FolderEntry | undefined): void {
    const tag = before === undefined ? undefined : entityTagOf(before);
    const has = (header: string): boolean =>
      tag !== undefined && header.split(",").some((one) => ["*", tag].includes(one.trim()));
    const match = headerByName.get("if-match");
    const noMatch = headerByName.get("if-none-match");
    if ((match !== undefined && !has(match)) || (noMatch !== undefined && has(noMatch))) {
      throw new HttpError(412, "the file is not as the client thinks");
    }
  }
}

/** Where a client says which locks it holds. */
function tokensOf({ headerByName }: HttpRequest): string {
  return headerByName.get("if") ?? "";
}
