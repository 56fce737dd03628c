import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { startFakeRfbServer, type FakeRfbOptions } from "./fake-rfb-server.ts";
import { closed, readBytes } from "./stream-reading.ts";
import { vncAuthenticationAnswer } from "./vnc-authentication.ts";

async function visit(options: FakeRfbOptions, test: (socket: Socket) => Promise<void>): Promise<void> {
  const server = await startFakeRfbServer(options);
  const socket = connect(server.port, "127.0.0.1");
  try {
    await test(socket);
  } finally {
    socket.destroy();
    await server.close();
  }
}

const VERSION = "RFB 003.008\n";

describe("fake VNC server", () => {
  it("logs in with its password and refuses another", async () => {
    for (const [given, expected] of [
      ["right", 0],
      ["wrong", 1],
    ] as const) {
      await visit({ password: "right" }, async (socket) => {
        await readBytes(socket, 12);
        socket.write(VERSION);
        expect([...(await readBytes(socket, 2))]).toEqual([1, 2]);
        socket.write(Uint8Array.of(2));
        socket.write(vncAuthenticationAnswer(await readBytes(socket, 16), given));
        expect(Buffer.from(await readBytes(socket, 4)).readUInt32BE()).toBe(expected);
      });
    }
  });

  it("closes after the byte it was told", async () => {
    await visit({ fault: { kind: "truncated", atByte: 13 } }, async (socket) => {
      socket.write(VERSION);
      const bytes: Uint8Array[] = [];
      socket.on("data", (chunk: Uint8Array) => bytes.push(chunk));
      await closed(socket);
      expect(Buffer.concat(bytes).length).toBe(13);
    });
  });

  it("answers as the server that really listens there", async () => {
    await visit({ fault: { kind: "says", bytes: "SSH-2.0-x\r\n" } }, async (socket) => {
      expect(Buffer.from(await readBytes(socket, 11)).toString()).toBe("SSH-2.0-x\r\n");
    });
  });
});
