import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** Both ends of one real WebSocket over loopback. */
export interface WebSocketPair {
  /** The page's end. */
  readonly page: WebSocket;
  /** The host process's end. */
  readonly host: WebSocket;
  /** Cuts what is still open, and resolves when both ends know. */
  close(): Promise<void>;
}

export async function openWebSocketPair(): Promise<WebSocketPair> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  await once(server, "listening");
  const page = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { perMessageDeflate: false });
  page.on("error", () => undefined);
  const [[host]] = (await Promise.all([once(server, "connection"), once(page, "open")])) as [[WebSocket], unknown];
  const closed = Promise.all([page, host].map((end) => new Promise((resolve) => end.once("close", resolve))));
  return {
    page,
    host,
    async close() {
      page.terminate();
      host.terminate();
      await closed;
      server.close();
    },
  };
}
