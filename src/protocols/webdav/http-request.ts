import { ProtocolError } from "../bytes/protocol-error.ts";
import type { ByteSource } from "./byte-source.ts";

/** Request line and each header line. Paths of MAX_PATH_DEPTH long names would need more; no file system has such. */
export const MAX_LINE_BYTES = 16 * 1024;
export const MAX_HEAD_BYTES = 64 * 1024;
export const MAX_HEADER_COUNT = 100;
/** What is read of one body at a time. */
const BODY_PIECE_BYTES = 256 * 1024;

/** RFC 9112 §3 "Request Line", §5 "Field Syntax". */
export interface HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly isVersion10: boolean;
  /** By name in small letters; lines of the same name are joined by ", ". */
  readonly headerByName: ReadonlyMap<string, string>;
  readonly body: HttpBody;
}

/** The next request; undefined at the end. Throws ProtocolError at what is not HTTP/1: the connection cannot go on. */
export async function readRequest(source: ByteSource): Promise<HttpRequest | undefined> {
  let line = await source.readLine(MAX_LINE_BYTES);
  // An empty line before a request is to be passed over (RFC 9112 §2.2).
  if (line === "") line = await source.readLine(MAX_LINE_BYTES);
  if (line === undefined) return undefined;
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.([01])$/.exec(line);
  const [, method, target, minor] = match ?? [];
  if (method === undefined || target === undefined) throw new ProtocolError("malformed", "not a request line");
  const headerByName = await readHeaders(source);
  if (headerByName === undefined) return undefined;
  return { method, target, isVersion10: minor === "0", headerByName, body: new HttpBody(source, headerByName) };
}

/** Throws ProtocolError. */
async function readHeaders(source: ByteSource): Promise<Map<string, string> | undefined> {
  const headerByName = new Map<string, string>();
  let totalBytes = 0;
  for (let count = 0; ; count += 1) {
    const line = await source.readLine(MAX_LINE_BYTES);
    if (line === undefined || line === "") return line === "" ? headerByName : undefined;
    totalBytes += line.length;
    if (totalBytes > MAX_HEAD_BYTES || count >= MAX_HEADER_COUNT) {
      throw new ProtocolError("limit", "a request with too many headers");
    }
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new ProtocolError("malformed", "not a header line");
    const key = name.toLowerCase();
    const before = headerByName.get(key);
    headerByName.set(key, before === undefined ? value : `${before}, ${value}`);
  }
}

/** A request's content (RFC 9112 §6 "Message Body"): by Content-Length, or chunked. */
export class HttpBody {
  readonly #source: ByteSource;
  readonly #isChunked: boolean;
  /** Of the whole body, or of this chunk. */
  #leftBytes = 0;
  #isFirstChunk = true;
  #isAtEnd = false;

  /** Throws ProtocolError. */
  constructor(source: ByteSource, headerByName: ReadonlyMap<string, string>) {
    this.#source = source;
    const coding = headerByName.get("transfer-encoding");
    const length = headerByName.get("content-length");
    if (coding !== undefined && (coding.toLowerCase() !== "chunked" || length !== undefined)) {
      throw new ProtocolError("malformed", "a body in a coding that is not known");
    }
    this.#isChunked = coding !== undefined;
    if (length !== undefined) {
      this.#leftBytes = /^\d{1,15}$/.test(length) ? Number(length) : NaN;
      if (Number.isNaN(this.#leftBytes)) throw new ProtocolError("malformed", "not a length");
    }
    this.#isAtEnd = !this.#isChunked && this.#leftBytes === 0;
  }

  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** The next piece; undefined at the end. Throws ProtocolError, also when the client left in the midst of it. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#isChunked && this.#leftBytes === 0 && !this.#isAtEnd) await this.#readChunkHead();
    if (this.#isAtEnd) return undefined;
    const piece = await this.#source.read(Math.min(this.#leftBytes, BODY_PIECE_BYTES));
    if (piece === undefined) throw new ProtocolError("malformed", "the body is cut short");
    this.#leftBytes -= piece.length;
    if (!this.#isChunked && this.#leftBytes === 0) this.#isAtEnd = true;
    return piece;
  }

  /** The whole of it; undefined where it is longer than `maxBytes`, of which no more is kept. Throws ProtocolError. */
  async readAll(maxBytes: number): Promise<Uint8Array | undefined> {
    const pieces: Uint8Array[] = [];
    let total = 0;
    for (let piece = await this.read(); piece !== undefined; piece = await this.read()) {
      total += piece.length;
      if (total > maxBytes) return undefined;
      pieces.push(piece);
    }
    const whole = new Uint8Array(total);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  /** RFC 9112 §7.1 "Chunked Transfer Coding". */
  async #readChunkHead(): Promise<void> {
    if (!this.#isFirstChunk && (await this.#source.readLine(MAX_LINE_BYTES)) !== "") {
      throw new ProtocolError("malformed", "a chunk is longer than it says");
    }
    this.#isFirstChunk = false;
    const head = await this.#source.readLine(MAX_LINE_BYTES);
    const [, size] = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/.exec(head ?? "") ?? [];
    if (size === undefined) throw new ProtocolError("malformed", "not a chunk's size");
    this.#leftBytes = parseInt(size, 16);
    if (this.#leftBytes > 0) return;
    this.#isAtEnd = true;
    if ((await readHeaders(this.#source)) === undefined) throw new ProtocolError("malformed", "the body is cut short");
  }
}
