import { constants, createPublicKey, publicEncrypt } from "node:crypto";
import { connect, type Socket } from "node:net";
import { CHANNEL_TYPE, type ChannelKind } from "../../../src/protocols/spice/constants/channel-kind.ts";

/**
 * The link of one channel, straight to a server, without anything of the product's own (spice-protocol, protocol.h): for the
 * recorder. Plain TCP with a ticket only.
 */
export interface LinkOptions {
  readonly port: number;
  readonly kind: ChannelKind;
  readonly channelId: number;
  /** 0 for the main channel. */
  readonly sessionId: number;
  readonly commonCapabilities: readonly number[];
  readonly channelCapabilities: readonly number[];
  readonly password?: string;
}

export interface Link {
  readonly socket: Socket;
  /** The server's reply with its header and the link's result, as they came. */
  readonly reply: Uint8Array<ArrayBuffer>;
}

const MAGIC = Buffer.from("REDQ");
const HEADER_BYTES = 16;
const MESSAGE_BYTES = 18;
const KEY_BYTES = 162;
const TICKET_MECHANISM = 1;

export async function openLink(options: LinkOptions): Promise<Link> {
  const socket = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.write(encodeLinkMessage(options));
  const header = await readExactly(socket, HEADER_BYTES);
  if (!header.subarray(0, 4).equals(MAGIC)) throw new Error("no SPICE server answers");
  const body = await readExactly(socket, header.readUInt32LE(12));
  const error = body.readUInt32LE(0);
  if (error !== 0) throw new Error(`the link of the ${options.kind} channel was refused: error ${error}`);
  const key = createPublicKey({ key: body.subarray(4, 4 + KEY_BYTES), format: "der", type: "spki" });
  const ticket = publicEncrypt(
    { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
    Buffer.from(`${options.password ?? ""}\0`),
  );
  const mechanism = Buffer.alloc(4);
  mechanism.writeUInt32LE(TICKET_MECHANISM);
  socket.write(Buffer.concat([mechanism, ticket]));
  const result = await readExactly(socket, 4);
  if (result.readUInt32LE(0) !== 0) throw new Error(`the ticket was refused: error ${result.readUInt32LE(0)}`);
  return { socket, reply: new Uint8Array(Buffer.concat([header, body, result])) };
}

function encodeLinkMessage(options: LinkOptions): Buffer {
  const words = [...options.commonCapabilities, ...options.channelCapabilities];
  const message = Buffer.alloc(HEADER_BYTES + MESSAGE_BYTES + words.length * 4);
  MAGIC.copy(message);
  message.writeUInt32LE(2, 4);
  message.writeUInt32LE(2, 8);
  message.writeUInt32LE(message.length - HEADER_BYTES, 12);
  message.writeUInt32LE(options.sessionId, 16);
  message.writeUInt8(CHANNEL_TYPE[options.kind], 20);
  message.writeUInt8(options.channelId, 21);
  message.writeUInt32LE(options.commonCapabilities.length, 22);
  message.writeUInt32LE(options.channelCapabilities.length, 26);
  message.writeUInt32LE(MESSAGE_BYTES, 30);
  for (const [index, word] of words.entries()) message.writeUInt32LE(word, HEADER_BYTES + MESSAGE_BYTES + index * 4);
  return message;
}

/** What came beyond it stays in the socket. */
async function readExactly(socket: Socket, count: number): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const handleData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (received.length < count) return;
      stop();
      if (received.length > count) socket.unshift(received.subarray(count));
      resolve(received.subarray(0, count));
    };
    const handleEnd = (): void => {
      stop();
      reject(new Error("the server hung up during the link"));
    };
    const stop = (): void => {
      socket.pause();
      socket.off("data", handleData).off("close", handleEnd);
    };
    socket.on("data", handleData).on("close", handleEnd).resume();
  });
}
