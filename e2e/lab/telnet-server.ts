import { createServer, type AddressInfo, type Socket } from "node:net";

/** Telnet (RFC 854), option negotiation in bytes: IAC and what may follow it. */
const IAC = 255;
const DO = 253;
const WILL = 251;
const SUBNEGOTIATION = 250;
const SUBNEGOTIATION_END = 240;
/** RFC 857 and RFC 1073. */
const ECHO = 1;
const NAWS = 31;

/** A telnet server that echoes lines, and notes the window's size that it is told. */
export interface TelnetServer {
  readonly port: number;
  /** "COLUMNSxROWS" of every NAWS subnegotiation. */
  readonly sizes: readonly string[];
  stop(): Promise<void>;
}

export async function startTelnetServer(): Promise<TelnetServer> {
  const sizes: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
    socket.write(Buffer.from([IAC, WILL, ECHO, IAC, DO, NAWS]));
    socket.write("telnet lab\r\n> ");
    let inbox: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      inbox = Buffer.concat([inbox, chunk]);
      inbox = handleBytes(socket, inbox, sizes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sizes,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Gives back what is not whole yet. */
function handleBytes(socket: Socket, bytes: Buffer, sizes: string[]): Buffer {
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte !== IAC) {
      const character = String.fromCharCode(byte);
      // A carriage return is followed by a line feed or NUL (RFC 854, page 11).
      if (character === "\r") socket.write("\r\nyou typed it\r\n> ");
      else if (character !== "\n" && byte !== 0) socket.write(character);
      at += 1;
      continue;
    }
    if (bytes[at + 1] === SUBNEGOTIATION) {
      const end = bytes.indexOf(Buffer.from([IAC, SUBNEGOTIATION_END]), at);
      if (end < 0) return bytes.subarray(at);
      if (bytes[at + 2] === NAWS) sizes.push(`${bytes.readUInt16BE(at + 3)}x${bytes.readUInt16BE(at + 5)}`);
      at = end + 2;
    } else {
      if (at + 2 >= bytes.length) return bytes.subarray(at);
      at += 3;
    }
  }
  return bytes.subarray(at);
}
