import { ProtocolError } from "../bytes/protocol-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { HttpError } from "./http-error.ts";
import { readRequest, type HttpRequest } from "./http-request.ts";
import { FolderError, type FolderFault, type SharedFolder } from "./shared-folder.ts";
import type { HttpResponse, WebdavServer } from "./webdav-server.ts";

/** What is read of a file, and sent, at a time. */
export const SEND_PIECE_BYTES = 256 * 1024;

const REASON: Readonly<Record<number, string>> = {
  100: "Continue",
  200: "OK",
  201: "Created",
  204: "No Content",
  206: "Partial Content",
  207: "Multi-Status",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  423: "Locked",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  507: "Insufficient Storage",
};

const STATUS_OF_FAULT: Readonly<Record<FolderFault, number>> = { missing: 404, refused: 403, full: 507, failed: 500 };

export interface HttpConnectionOptions {
  readonly source: ByteSource;
  readonly server: WebdavServer;
  readonly folder: SharedFolder;
  /** Resolves when there is room for more; rejects when the client has gone. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
}

/** Serves one client until it or we want no more; one request at a time, in order. Rejects only where `send` does. */
export async function serveConnection(options: HttpConnectionOptions): Promise<void> {
  for (;;) {
    let request: HttpRequest | undefined;
    try {
      request = await readRequest(options.source);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      await sendResponse(options, { status: 400 }, { isHead: false, isLast: true });
    }
    if (request === undefined || !(await serveRequest(options, request))) return;
  }
}

/** False: the connection cannot go on. */
async function serveRequest(options: HttpConnectionOptions, request: HttpRequest): Promise<boolean> {
  const { server, send } = options;
  const { headerByName, body } = request;
  const connection = headerByName.get("connection")?.toLowerCase() ?? "";
  const isLast = connection.includes("close") || (request.isVersion10 && !connection.includes("keep-alive"));
  const isAsking = headerByName.get("expect")?.toLowerCase() === "100-continue" && !request.isVersion10;
  // Whoever asks before sending a body would send it also where it is refused, were it not for this order.
  if (isAsking && !body.isAtEnd) await send(encodeHead({ status: 100 }));
  let response: HttpResponse;
  try {
    response = await server.answer(request);
  } catch (error) {
    response = { status: statusOf(error) };
  }
  try {
    // What was not read of the body stands between this request and the next.
    while ((await body.read()) !== undefined);
  } catch {
    await sendResponse(options, { status: 400 }, { isHead: false, isLast: true });
    return false;
  }
  const isWhole = await sendResponse(options, response, { isHead: request.method === "HEAD", isLast });
  return isWhole && !isLast;
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  if (error instanceof FolderError) return STATUS_OF_FAULT[error.fault];
  return error instanceof ProtocolError ? 400 : 500;
}

/** False: less was sent than promised, since a file has become shorter or cannot be read. */
async function sendResponse(
  { folder, send }: HttpConnectionOptions,
  response: HttpResponse,
  { isHead, isLast }: { readonly isHead: boolean; readonly isLast: boolean },
): Promise<boolean> {
  const { content } = response;
  const text = content?.kind === "text" ? new TextEncoder().encode(content.text) : undefined;
  const lengthBytes = content?.kind === "file" ? content.length : (text?.length ?? 0);
  const headers: [string, string][] = response.status === 204 ? [] : [["Content-Length", String(lengthBytes)]];
  if (isLast) headers.push(["Connection", "close"]);
  await send(encodeHead({ ...response, headers: [...(response.headers ?? []), ...headers] }));
  if (isHead) return true;
  if (text !== undefined) await send(text);
  if (content?.kind !== "file") return true;
  const end = content.start + content.length;
  for (let at = content.start; at < end;) {
    const wanted = Math.min(SEND_PIECE_BYTES, end - at);
    const piece = await folder.read(content.path, at, wanted).catch(() => undefined);
    if (piece?.length !== wanted) return false;
    await send(piece);
    at += wanted;
  }
  return true;
}

function encodeHead({ status, headers = [] }: HttpResponse): Uint8Array {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return new TextEncoder().encode(`HTTP/1.1 ${String(status)} ${REASON[status] ?? "Error"}\r\n${lines.join("")}\r\n`);
}
