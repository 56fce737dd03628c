import type { Duplex } from "node:stream";
import { AppError } from "../../shared/errors/app-error.ts";
import { addressText } from "./address.ts";
import { StreamReader } from "./stream-reader.ts";
import { openTcp } from "./tcp.ts";
import { openTls, type CertificateTrust } from "./tls.ts";

/** The proxy connects to the target meanwhile. */
const PROXY_ANSWER_TIMEOUT_MS = 15_000;
/** Headers of an answer to CONNECT are a few lines. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** A proxy that opens byte streams by CONNECT (RFC 9110, section 9.3.6). */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** The way to the proxy itself; its certificate is checked by its own name. */
  readonly isTls: boolean;
  readonly userName?: string | undefined;
  readonly password?: string | undefined;
}

const DEFAULT_PORT: Readonly<Record<string, number>> = { "http:": 3128, "https:": 3129 };

/** `http://[user:password@]proxy:3128`, `https://…`, or `proxy:port` alone. Undefined: not a proxy of these kinds. */
export function parseHttpProxy(text: string): HttpProxy | undefined {
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    const defaultPort = DEFAULT_PORT[url.protocol];
    if (defaultPort === undefined || url.hostname === "") return undefined;
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: portOf(url, text) ?? defaultPort,
      isTls: url.protocol === "https:",
      ...(url.username !== "" && { userName: decodeURIComponent(url.username) }),
      ...(url.password !== "" && { password: decodeURIComponent(url.password) }),
    };
  } catch {
    return undefined;
  }
}

/** WHATWG URLs drop a scheme's own port, which is not the default of a proxy. */
function portOf(url: URL, text: string): number | undefined {
  if (url.port !== "") return Number(url.port);
  const authority = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)/i.exec(text)?.[1] ?? "";
  const digits = /:(\d+)$/.exec(authority)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Opens a byte stream to `target` through a proxy. The target's name is only the proxy's to understand: Proxmox puts a ticket there,
 * so it stands in no error. PROXY_REFUSED: the proxy does not want to; CONNECT_FAILED: it cannot now (5xx).
 */
export async function openThroughProxy(
  proxy: HttpProxy,
  target: { readonly host: string; readonly port: number },
  trust: CertificateTrust,
  options: { signal: AbortSignal },
): Promise<Duplex> {
  const stream = await (proxy.isTls ? openTls(proxy, trust, options) : openTcp(proxy, options));
  try {
    await connectThrough(stream, proxy, target, options);
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

async function connectThrough(
  stream: Duplex,
  proxy: HttpProxy,
  target: { readonly host: string; readonly port: number },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const address = addressText(proxy.host, proxy.port);
  const refused = (reason: string): AppError =>
    new AppError("PROXY_REFUSED", "the proxy refused", { proxy: address, reason });
  // A line break in it would be a header of somebody else's making.
  if (/[\s\0]/.test(target.host)) throw refused("the name of its target is not one");
  stream.on("error", () => undefined);
  stream.write(connectRequest(proxy, addressOfTarget(target)));
  const reader = new StreamReader(stream, {
    budgetMs: PROXY_ANSWER_TIMEOUT_MS,
    limitError: () =>
      new AppError("PROTOCOL_TIMEOUT", "no answer of the proxy", { address, act: "connecting by proxy" }),
  });
  let answer: Buffer = Buffer.alloc(0);
  for (;;) {
    const chunk = await reader.read({ signal, address });
    if (chunk === undefined) throw refused("it closed the connection");
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf("\r\n\r\n");
    if (end >= 0) {
      checkAnswer(answer.subarray(0, end).toString("latin1"), address, refused);
      const rest = answer.subarray(end + 4);
      if (rest.length > 0) stream.unshift(rest);
      return;
    }
    if (answer.length > MAX_ANSWER_BYTES) throw refused("its answer does not end");
  }
}

/** Proxmox's ticket has colons and is no IPv6 address; only such an address goes in brackets. */
function addressOfTarget({ host, port }: { host: string; port: number }): string {
  return /^[0-9a-f:.]+(%.*)?$/i.test(host) ? addressText(host, port) : `${host}:${port}`;
}

function connectRequest({ userName, password }: HttpProxy, target: string): string {
  const lines = [
    `CONNECT ${target} HTTP/1.1`,
    `Host: ${target}`,
    "Proxy-Connection: keep-alive",
    "User-Agent: Switchyard",
  ];
  if (userName !== undefined) {
    const login = Buffer.from(`${userName}:${password ?? ""}`).toString("base64");
    lines.push(`Proxy-Authorization: Basic ${login}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function checkAnswer(head: string, address: string, refused: (reason: string) => AppError): void {
  const [, status, phrase = ""] = /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?/.exec(head) ?? [];
  if (status === undefined) throw refused("it is not an HTTP proxy");
  const answer = `${status} ${phrase.slice(0, 200)}`.trim();
  // The proxy would, but its target does not answer: a guest that starts anew, for one.
  if (status.startsWith("5")) throw new AppError("CONNECT_FAILED", "target is away", { address, reason: answer });
  if (!status.startsWith("2")) throw refused(answer);
}
