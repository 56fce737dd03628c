import { type Duplex, duplexPair } from "node:stream";
import { describe, expect, it } from "vitest";
import { TelnetStream } from "./telnet-stream.ts";

const [SB, DO, WILL, SE, IAC, NAWS, BINARY] = [250, 253, 251, 240, 255, 31, 0] as const;

function connected(): { stream: TelnetStream; server: Duplex } {
  const [socket, server] = duplexPair();
  return { stream: new TelnetStream(socket, { address: "switch:23" }), server };
}

async function read(stream: Duplex, bytes: number): Promise<number[]> {
  const got: number[] = [];
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    got.push(...(chunk as Uint8Array));
    if (got.length >= bytes) break;
  }
  return got;
}

describe("a telnet stream", () => {
  it("gives terminal bytes and answers the negotiation", async () => {
    const { stream, server } = connected();
    server.write(Uint8Array.of(IAC, DO, BINARY, 65, IAC, IAC, 66));
    expect(await read(stream, 3)).toEqual([65, 255, 66]);
    expect(await read(server, 3)).toEqual([IAC, WILL, BINARY]);
    stream.write(Uint8Array.of(13, 255));
    expect(await read(server, 3)).toEqual([13, IAC, IAC]);
  });

  it("tells its size when the server wants it", async () => {
    const { stream, server } = connected();
    stream.resize(100, 40);
    server.write(Uint8Array.of(IAC, DO, NAWS));
    stream.resume();
    expect(await read(server, 12)).toEqual([IAC, WILL, NAWS, IAC, SB, NAWS, 0, 100, 0, 40, IAC, SE]);
  });

  it("stops reading from the server while nobody reads from it", async () => {
    const { stream, server } = connected();
    let accepted = 0;
    const chunk = new Uint8Array(16 * 1024).fill(65);
    const pump = (): void => {
      while (accepted < 64 * 1024 * 1024 && server.write(chunk)) accepted += chunk.length;
    };
    server.on("drain", pump);
    pump();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(accepted).toBeLessThan(1024 * 1024);
    stream.destroy();
  });

  it("ends when the server breaks telnet, and closes the connection", async () => {
    const { stream, server } = connected();
    const error = new Promise((resolve) => stream.once("error", resolve));
    server.write(Uint8Array.of(IAC, SB));
    server.write(new Uint8Array(5000));
    stream.resume();
    expect(await error).toMatchObject({ code: "PROTOCOL_ERROR", detail: { address: "switch:23", protocol: "telnet" } });
  });
});
