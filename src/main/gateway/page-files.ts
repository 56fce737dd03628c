import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative } from "node:path";
import { pipeline } from "node:stream";

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".ico": "image/x-icon",
  ".map": "application/json",
};

/**
 * xterm.js and React's style attributes need inline styles; scripts come only from our own files. `ws:` is limited by
 * connect-src to this very origin ('self' covers ws of the same host and port in Chromium). WebAssembly, which can do no more than
 * the scripts that hold it, decodes SPICE's pictures (docs/decisions/0013); it is not eval.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), serial=(), payment=(), microphone=(self), usb=(self)",
};

/** The page's files, by URL path. The list is made once, so that no path from outside ever reaches the file system. */
export class PageFiles {
  readonly #fileByPath = new Map<string, { file: string; bytes: number }>();

  static async load(folder: string): Promise<PageFiles> {
    const files = new PageFiles();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(folder, file).replaceAll("\\", "/")}`;
      files.#fileByPath.set(path, { file, bytes: (await stat(file)).size });
    }
    const index = files.#fileByPath.get("/index.html");
    if (index !== undefined) files.#fileByPath.set("/", index);
    return files;
  }

  /** False when there is no such file. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    const entry = this.#fileByPath.get(path);
    if (entry === undefined) return false;
    const isHashed = path.startsWith("/assets/");
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      "Content-Type": MEDIA_TYPES[extname(entry.file)] ?? "application/octet-stream",
      "Content-Length": entry.bytes,
      // Vite puts a hash of the content into the names under assets/.
      "Cache-Control": isHashed ? "private, max-age=31536000, immutable" : "no-store",
    });
    if (request.method === "HEAD") response.end();
    else
      // Closes the file as well when the page goes in the middle.
      pipeline(createReadStream(entry.file), response, () => undefined);
    return true;
  }
}
