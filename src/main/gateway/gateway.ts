import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { AppError } from "../../shared/errors/app-error.ts";
import { GATEWAY_PATHS, MAX_API_MESSAGE_BYTES, STREAM_SUBPROTOCOL } from "../../shared/contracts/api.ts";
import { GuestId } from "../../shared/contracts/ids.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import type { Logger, Picture } from "../providers/provider.ts";
import { serveApi, type ApiSource } from "./api-connection.ts";
import { PageFiles, SECURITY_HEADERS } from "./page-files.ts";
import { hostsOf, RequestGuard, type Refusal } from "./request-guard.ts";
import { newSecret } from "./secret-text.ts";
import { bridgeStream, MAX_STREAM_MESSAGE_BYTES } from "./stream-bridge.ts";
import { type TicketOffice } from "./tickets.ts";

const LOOPBACK = "127.0.0.1";

/** The body of the token trade; nothing else has a body. */
const MAX_BODY_BYTES = 4096;

/** A client that sends its request slower than this is cut off. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Connections at once: an API and a stream for each open console, for a few pages. */
const MAX_CONNECTIONS = 4096;

export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder of the built page. */
  readonly pageFolder: string;
  readonly api: ApiSource;
  readonly tickets: TicketOffice;
  readonly picture: (guestId: GuestId, options: { signal: AbortSignal }) => Promise<Picture>;
  readonly log: Logger;
}

/** The loopback server of the page, the API and the console streams. */
export interface Gateway extends Disposable {
  readonly port: number;
  /** With the start token in its fragment: a secret. */
  readonly address: string;
}

/** Rejects with CONNECT_FAILED when the port is taken. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { api, tickets, log } = options;
  const files = await PageFiles.load(options.pageFolder);
  const token = newSecret();
  let port = 0;
  const guard = new RequestGuard({
    token,
    allowedHosts: () => hostsOf(port),
    // Cookies do not tell ports apart, so two Switchyards on one machine need two names.
    cookieName: () => `switchyard-${port}`,
  });

  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: HEADERS_TIMEOUT_MS },
    (request, response) => {
      drop(
        answer(request, response).catch((error: unknown) => {
          log.error("a request to the gateway failed", { error });
          refuse(response, 500);
        }),
      );
    },
  );
  server.maxConnections = MAX_CONNECTIONS;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = pathOf(request);
    if (path === GATEWAY_PATHS.session) {
      await tradeToken(request, response);
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      refuse(response, 405);
      return;
    }
    if (path.startsWith(GATEWAY_PATHS.picture)) {
      await sendPicture(path, request, response);
      return;
    }
    const refusal = guard.checkPlace(request, { mustHaveOrigin: false });
    if (refusal !== undefined) {
      log.warn("turned a request away", { reason: refusal.reason });
      refuse(response, refusal.status);
    } else if (!files.serve(path, request, response)) refuse(response, 404);
  };

  const tradeToken = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = guard.checkPlace(request, { mustHaveOrigin: true });
    if (refusal !== undefined || request.method !== "POST") {
      refuse(response, refusal?.status ?? 405);
      return;
    }
    const cookie = guard.tradeToken(await readBody(request));
    if (cookie === undefined) {
      log.warn("turned away a page with a wrong token");
      refuse(response, 401);
      return;
    }
    response.writeHead(204, { ...SECURITY_HEADERS, "Set-Cookie": cookie, "Cache-Control": "no-store" }).end();
  };

  const sendPicture = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = guard.checkSession(request, { mustHaveOrigin: false });
    if (refusal !== undefined) {
      refuse(response, refusal.status);
      return;
    }
    const guestId = GuestId.safeParse(decodePart(path.slice(GATEWAY_PATHS.picture.length)));
    if (!guestId.success) {
      refuse(response, 404);
      return;
    }
    const controller = new AbortController();
    response.once("close", () => {
      controller.abort();
    });
    try {
      const picture = await options.picture(guestId.data, { signal: controller.signal });
      response
        .writeHead(200, {
          ...SECURITY_HEADERS,
          "Content-Type": picture.mediaType,
          "Cache-Control": "private, no-cache",
        })
        .end(picture.bytes);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refuse(response, 404);
    }
  };

  const apiSockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_API_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  const streamSockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_STREAM_MESSAGE_BYTES,
    perMessageDeflate: false,
    // The ticket came as a subprotocol; only the protocol's own name is echoed.
    handleProtocols: () => STREAM_SUBPROTOCOL,
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const refusal = guard.checkSession(request, { mustHaveOrigin: true });
    const path = pathOf(request);
    if (refusal !== undefined) {
      log.warn("turned a WebSocket away", { reason: refusal.reason });
      refuseUpgrade(socket, refusal);
    } else if (path === GATEWAY_PATHS.api) {
      apiSockets.handleUpgrade(request, socket, head, (webSocket) => {
        serveApi(webSocket, api, log);
      });
    } else if (path === GATEWAY_PATHS.stream) openStream(request, socket, head);
    else refuseUpgrade(socket, { status: 403, reason: "no such place" });
  });

  const openStream = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const [protocol, ticket] = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((part) => part.trim());
    const target = protocol === STREAM_SUBPROTOCOL && ticket !== undefined ? tickets.redeem(ticket) : undefined;
    if (target === undefined) {
      log.warn("turned a stream away", { reason: "ticket unknown, used or expired" });
      refuseUpgrade(socket, { status: 403, reason: "ticket" });
      return;
    }
    // From here on the ticket is used, so a failed upgrade must end the console.
    let isBridged = false;
    socket.once("close", () => {
      if (isBridged) return;
      target.stream.destroy();
      target.handleEnd(undefined);
    });
    streamSockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      isBridged = true;
      bridgeStream(target.stream, webSocket, (error) => {
        target.handleEnd(error);
      });
    });
  };

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code === "EADDRINUSE" ? "the port is taken" : error.message;
      reject(
        new AppError(
          "CONNECT_FAILED",
          "cannot listen",
          { address: `${LOOPBACK}:${options.port}`, reason },
          { cause: error },
        ),
      );
    });
    server.listen(options.port, LOOPBACK, resolve);
  });
  server.on("error", (error) => {
    log.error("the gateway's server failed", { error });
  });
  port = (server.address() as AddressInfo).port;
  const owned = new DisposableStore();
  owned.defer(() => {
    for (const sockets of [apiSockets, streamSockets]) {
      for (const webSocket of sockets.clients) webSocket.terminate();
      sockets.close();
    }
    server.close();
    server.closeAllConnections();
  });
  return { port, address: `http://${LOOPBACK}:${port}/#${token}`, dispose: () => owned.dispose() };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { ...SECURITY_HEADERS, Connection: "close" }).end();
}

function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  // A peer that keeps its own side open would else hold the socket for ever.
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Empty when it is too long, which no token is. */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
