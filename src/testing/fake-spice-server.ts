import { constants, generateKeyPairSync, privateDecrypt, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { SpiceReader } from "../protocols/spice/wire/spice-reader.ts";
import { SpiceWriter } from "../protocols/spice/wire/spice-writer.ts";
import { COMMON_CAPABILITY } from "../protocols/spice/constants/capabilities.ts";
import { LINK_ERROR } from "../protocols/spice/constants/link-error.ts";

const MAGIC = 0x51444552;

/** A server's link reply, with its header, as spice-server 0.15 lays it out. */
export function encodeLinkReply(reply: {
  readonly error?: number;
  readonly publicKey?: Uint8Array;
  readonly common?: readonly number[];
  readonly channel?: readonly number[];
}): Uint8Array<ArrayBuffer> {
  const { error = LINK_ERROR.ok, publicKey = new Uint8Array(162), common = [], channel = [] } = reply;
  const writer = new SpiceWriter()
    .u32(MAGIC)
    .u32(2)
    .u32(2)
    .u32(178 + 4 * (common.length + channel.length))
    .u32(error)
    .bytes(publicKey)
    .u32(common.length)
    .u32(channel.length)
    .u32(178);
  for (const word of [...common, ...channel]) writer.u32(word);
  return writer.finish();
}

/** What a client asked for in its link message. */
export interface FakeLink {
  readonly connectionId: number;
  readonly channelType: number;
  readonly channelId: number;
  readonly channelCapabilities: readonly number[];
  readonly isTls: boolean;
}

export interface FakeSpiceServerOptions {
  /** Absent: every ticket is good. */
  readonly password?: string;
  /** PLAIN over SASL instead of tickets, for this user name and `password`. */
  readonly saslUserName?: string;
  /** Key and certificate, PEM: all connections speak TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Refuses a link by its error number. */
  readonly refuse?: (link: FakeLink) => number | undefined;
  /** What a channel says when it is linked. */
  readonly greeting?: Uint8Array;
}

/** Both ends of a byte stream that is read by count, for a server that speaks in steps. */
class Steps {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  async read(count: number): Promise<Buffer> {
    for (;;) {
      if (count === 0) return Buffer.alloc(0);
      const bytes = this.#socket.read(count) as Buffer | null;
      if (bytes !== null) return bytes;
      await once(this.#socket, "readable");
      if (this.#socket.readableEnded || this.#socket.destroyed) throw new Error("the client has gone");
    }
  }

  async readU32(): Promise<number> {
    return (await this.read(4)).readUInt32LE();
  }
}

/** The link of a SPICE server: real sockets, real keys, and after the link an echo. */
export class FakeSpiceServer {
  readonly links: FakeLink[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #options: FakeSpiceServerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #keys: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  password: string | undefined;

  private constructor(server: Server, options: FakeSpiceServerOptions) {
    this.#server = server;
    this.#options = options;
    this.port = (server.address() as AddressInfo).port;
    this.password = options.password;
    server.on(options.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
      socket.on("error", () => socket.destroy());
      this.#serve(socket).catch(() => socket.destroy());
    });
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  static async listen(options: FakeSpiceServerOptions = {}): Promise<FakeSpiceServer> {
    const server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FakeSpiceServer(server, options);
  }

  /** Connections that are open now. */
  get openCount(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(socket: Socket): Promise<void> {
    const steps = new Steps(socket);
    const link = await this.#readLink(steps);
    this.links.push(link);
    const error = this.#options.refuse?.(link);
    if (error !== undefined) {
      socket.end(encodeLinkReply({ error }));
      return;
    }
    const isSasl = this.#options.saslUserName !== undefined;
    const auth = 1 << (isSasl ? COMMON_CAPABILITY.authSasl : COMMON_CAPABILITY.authSpice);
    const publicKey = this.#keys.publicKey.export({ type: "spki", format: "der" });
    socket.write(encodeLinkReply({ publicKey, common: [0b1001 | auth], channel: [7] }));
    await steps.readU32();
    const isGood = isSasl ? await this.#checkSasl(socket, steps) : await this.#checkTicket(steps);
    // A server ends a SASL exchange that it does not like without a word.
    if (!isGood) socket.end(isSasl ? new Uint8Array(0) : u32(LINK_ERROR.permissionDenied));
    else {
      socket.write(Buffer.concat([u32(LINK_ERROR.ok), this.#options.greeting ?? new Uint8Array(0)]));
      socket.pipe(socket);
    }
  }

  async #readLink(steps: Steps): Promise<FakeLink> {
    const header = await steps.read(16);
    const reader = new SpiceReader(await steps.read(header.readUInt32LE(12)));
    const [connectionId, channelType, channelId] = [reader.u32(), reader.u8(), reader.u8()];
    const [commonCount, channelCount, offset] = [reader.u32(), reader.u32(), reader.u32()];
    const words = reader.at(offset + 4 * commonCount);
    const channelCapabilities = Array.from({ length: channelCount }, () => words.u32());
    return { connectionId, channelType, channelId, channelCapabilities, isTls: this.#options.tls !== undefined };
  }

  async #checkTicket(steps: Steps): Promise<boolean> {
    const ticket = privateDecrypt(
      { key: this.#keys.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
      await steps.read(128),
    );
    return this.password === undefined || ticket.equals(Buffer.from(`${this.password}\0`));
  }

  async #checkSasl(socket: Socket, steps: Steps): Promise<boolean> {
    const list = Buffer.from(",PLAIN,");
    socket.write(Buffer.concat([u32(list.length), list]));
    await steps.read(await steps.readU32());
    const login = await steps.read(await steps.readU32());
    if (!login.equals(Buffer.from(`\0${this.#options.saslUserName ?? ""}\0${this.password ?? ""}\0`))) return false;
    // No data, complete, accepted.
    socket.write(Buffer.concat([u32(0), Buffer.of(1), u32(LINK_ERROR.ok)]));
    return true;
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
