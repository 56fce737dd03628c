import type { IncomingMessage } from "node:http";
import { isSameSecret, newSecret } from "./secret-text.ts";

/** Pages that traded the start token. More are refused: something is wrong, or somebody is guessing. */
const MAX_PAGE_COOKIES = 256;

/** HTTP's own port, which browsers leave out of Host and Origin. */
const HTTP_PORT = 80;

/** The Host headers that a gateway on this port answers to. */
export function hostsOf(port: number): ReadonlySet<string> {
  const names = ["127.0.0.1", "localhost"];
  return new Set(names.flatMap((name) => (port === HTTP_PORT ? [name, `${name}:${port}`] : [`${name}:${port}`])));
}

/** Why a request is turned away; goes to the log, never to the peer beyond a status. */
export type Refusal = { readonly status: 401 | 403; readonly reason: string };

/**
 * Decides who may talk to the gateway. A page that was opened with the start token (in the URL's fragment, which no browser
 * sends anywhere) trades it for a cookie; every other request needs the cookie. Host is checked against DNS rebinding, Origin against
 * foreign pages; a WebSocket must bring an Origin.
 */
export class RequestGuard {
  readonly #token: string;
  readonly #allowedHosts: () => ReadonlySet<string>;
  readonly #cookieName: () => string;
  readonly #cookies = new Set<string>();

  constructor(options: { token: string; allowedHosts: () => ReadonlySet<string>; cookieName: () => string }) {
    this.#token = options.token;
    this.#allowedHosts = options.allowedHosts;
    this.#cookieName = options.cookieName;
  }

  /** Host and Origin only: for the page's files, which hold no secret, and for the trade of the token. */
  checkPlace(request: IncomingMessage, options: { mustHaveOrigin: boolean }): Refusal | undefined {
    const host = request.headers.host ?? "";
    if (!this.#allowedHosts().has(host)) return { status: 403, reason: "foreign Host" };
    const { origin } = request.headers;
    if (origin === undefined) return options.mustHaveOrigin ? { status: 403, reason: "no Origin" } : undefined;
    return origin === `http://${host}` ? undefined : { status: 403, reason: "foreign Origin" };
  }

  /** Everything: for the API, streams and pictures. */
  checkSession(request: IncomingMessage, options: { mustHaveOrigin: boolean }): Refusal | undefined {
    const refusal = this.checkPlace(request, options);
    if (refusal !== undefined) return refusal;
    // A page of another port of this machine is same-site, so SameSite alone would let it load pictures.
    const site = request.headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin" && site !== "none")
      return { status: 403, reason: "not from our own page" };
    const cookie = cookieOf(request, this.#cookieName());
    if (cookie === undefined) return { status: 401, reason: "no session" };
    let isKnown = false;
    for (const known of this.#cookies) isKnown = isSameSecret(known, cookie) || isKnown;
    return isKnown ? undefined : { status: 401, reason: "unknown session" };
  }

  /** The Set-Cookie value for a page that brought the right token; undefined for a wrong one. */
  tradeToken(token: string): string | undefined {
    if (!isSameSecret(this.#token, token)) return undefined;
    if (this.#cookies.size >= MAX_PAGE_COOKIES) return undefined;
    const cookie = newSecret();
    this.#cookies.add(cookie);
    return `${this.#cookieName()}=${cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
