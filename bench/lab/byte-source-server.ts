/**
 * A process with the far ends of the path: a TCP server that sends without end and one that sends back, and the same two as plain
 * WebSockets with an empty page beside them. Prints its ports as one JSON line.
 */
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

/** As much as the gateway's stream takes at once. */
const CHUNK = Buffer.alloc(64 * 1024, 0x5a);
const WS_HIGH_WATER_BYTES = 4 * 1024 * 1024;

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

function flood(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.resume();
  const send = (): void => {
    while (!socket.destroyed && socket.write(CHUNK));
  };
  socket.on("drain", send);
  send();
}

function echo(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => socket.write(chunk));
}

function floodPlain(socket: WebSocket): void {
  const send = (): void => {
    while (socket.readyState === socket.OPEN && socket.bufferedAmount < WS_HIGH_WATER_BYTES) {
      socket.send(CHUNK, { binary: true }, socket.bufferedAmount === 0 ? undefined : send);
    }
  };
  send();
}

const plain = createHttpServer((_, response) => {
  response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>bench</title>");
});
const sockets = new WebSocketServer({ server: plain, perMessageDeflate: false });
sockets.on("connection", (socket, request) => {
  socket.on("error", () => {
    socket.terminate();
  });
  if (request.url === "/flood") floodPlain(socket);
  else
    socket.on("message", (data) => {
      socket.send(data, { binary: true });
    });
});

process.stdout.write(
  `${JSON.stringify({
    flood: await listen(createServer({ noDelay: true }, flood)),
    echo: await listen(createServer({ noDelay: true }, echo)),
    plain: await listen(plain),
  })}\n`,
);
