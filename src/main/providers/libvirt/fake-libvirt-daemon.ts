import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  encodeRpcFrame,
  MESSAGE_STATUS,
  MESSAGE_TYPE,
  REMOTE_PROGRAM,
  RpcFrameReader,
  type RpcFrame,
} from "../../../protocols/libvirt/rpc-frame.ts";
import { uuidText } from "../../../protocols/libvirt/remote-messages.ts";
import { DOMAIN_STATE, ERROR_NUMBER, LIFECYCLE, PROCEDURE } from "../../../protocols/libvirt/remote-procedures.ts";
import { XdrReader, XdrWriter } from "../../../protocols/libvirt/xdr.ts";

/** For tests: a daemon on a Unix socket that speaks as much of libvirt's protocol as the provider asks for. */

export interface FakeDomain {
  readonly name: string;
  readonly uuid: string;
  state: number;
  xml: string;
}

const LIST_FLAG_BY_STATE: Readonly<Record<number, number>> = {
  [DOMAIN_STATE.running]: 16,
  [DOMAIN_STATE.paused]: 32,
  [DOMAIN_STATE.shutoff]: 64,
};

const MAX_STRING = { maxBytes: 4096 };
const OK = new Uint8Array(0);

function uuidBytes(uuid: string): Uint8Array {
  return Uint8Array.from(Buffer.from(uuid.replaceAll("-", ""), "hex"));
}

function writeDomain(writer: XdrWriter, domain: FakeDomain): XdrWriter {
  return writer
    .string(domain.name)
    .fixedOpaque(uuidBytes(domain.uuid))
    .int(domain.state === DOMAIN_STATE.shutoff ? -1 : 1);
}

class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export class FakeLibvirtDaemon {
  readonly socketPath: string;
  /** What CONNECT_OPEN was asked for, in order. */
  readonly openedNames: string[] = [];
  /** What a console says at once. */
  consoleGreeting = "login: ";
  /** virAuthType numbers of AUTH_LIST. */
  authTypes: number[] = [0];
  polkitRefusal: string | undefined;
  /** Somebody has every console; only with VIR_DOMAIN_CONSOLE_FORCE it is given away. */
  isConsoleBusy = false;
  /** Why no list of domains is given. */
  listRefusal: string | undefined;
  #xmlReadCount = 0;
  #handleXmlRead = (): void => undefined;
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #domainByUuid: Map<string, FakeDomain>;

  private constructor(folder: string, domains: readonly FakeDomain[]) {
    this.#folder = folder;
    this.socketPath = join(folder, "libvirt-sock");
    this.#domainByUuid = new Map(domains.map((domain) => [domain.uuid, domain]));
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(domains: readonly FakeDomain[]): Promise<FakeLibvirtDaemon> {
    const daemon = new FakeLibvirtDaemon(await mkdtemp(join(tmpdir(), "switchyard-libvirt-")), domains);
    await new Promise<void>((resolve) => daemon.#server.listen(daemon.socketPath, resolve));
    return daemon;
  }

  get uri(): string {
    return `qemu:///system?socket=${this.socketPath}`;
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  define(domain: FakeDomain): void {
    this.#domainByUuid.set(domain.uuid, domain);
    this.#tell(domain, LIFECYCLE.defined);
  }

  undefine(uuid: string): void {
    const domain = this.#domainByUuid.get(uuid);
    this.#domainByUuid.delete(uuid);
    if (domain !== undefined) this.#tell(domain, LIFECYCLE.undefined);
  }

  /** Resolves when so many domain XMLs were read: a list of that many domains was made then. */
  async whenXmlRead(count: number): Promise<void> {
    while (this.#xmlReadCount < count) await new Promise<void>((resolve) => (this.#handleXmlRead = resolve));
  }

  /** All connections break. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #tell(domain: FakeDomain, event: number): void {
    const payload = writeDomain(new XdrWriter().int(1), domain).int(event).int(0).finish();
    const header = { program: REMOTE_PROGRAM, version: 1, procedure: PROCEDURE.domainEventCallbackLifecycle };
    const frame = encodeRpcFrame({ ...header, type: MESSAGE_TYPE.message, serial: 0, status: 0 }, payload);
    for (const socket of this.#sockets) socket.write(frame);
  }

  #serve(socket: Socket): void {
    const frames = new RpcFrameReader();
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk) => {
      frames.push(chunk);
      for (let frame = frames.next(); frame !== undefined; frame = frames.next()) this.#handle(socket, frame);
    });
  }

  #handle(socket: Socket, { header, payload }: RpcFrame): void {
    if (header.program !== REMOTE_PROGRAM) return;
    const send = (type: number, status: number, bytes: Uint8Array): void => {
      socket.write(encodeRpcFrame({ ...header, type, status }, bytes));
    };
    if (header.type === MESSAGE_TYPE.stream) {
      // An echo; what ends is confirmed.
      if (header.status !== MESSAGE_STATUS.error) send(MESSAGE_TYPE.stream, header.status, payload);
      return;
    }
    try {
      send(MESSAGE_TYPE.reply, MESSAGE_STATUS.ok, this.#answer(header.procedure, new XdrReader(payload)));
      const greeting = Buffer.from(this.consoleGreeting);
      if (header.procedure === PROCEDURE.domainOpenConsole)
        send(MESSAGE_TYPE.stream, MESSAGE_STATUS.continue, greeting);
      if (header.procedure === PROCEDURE.domainScreenshot) {
        send(MESSAGE_TYPE.stream, MESSAGE_STATUS.continue, Buffer.from("P6\n1 1\n255\nabc"));
        send(MESSAGE_TYPE.stream, MESSAGE_STATUS.continue, OK);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const writer = new XdrWriter().int(error.code).int(10);
      writer.optional(error.message, (text) => writer.string(text));
      send(MESSAGE_TYPE.reply, MESSAGE_STATUS.error, writer.finish());
    }
  }

  #answer(procedure: number, reader: XdrReader): Uint8Array {
    const writer = new XdrWriter();
    switch (procedure) {
      case PROCEDURE.authList:
        writer.unsignedInt(this.authTypes.length);
        for (const type of this.authTypes) writer.int(type);
        return writer.finish();
      case PROCEDURE.authPolkit:
        if (this.polkitRefusal !== undefined) throw new Refusal(ERROR_NUMBER.authUnavailable, this.polkitRefusal);
        return writer.int(1).finish();
      case PROCEDURE.authSaslInit:
        return writer.string("GSSAPI").finish();
      case PROCEDURE.connectSupportsFeature:
        return writer.int(1).finish();
      case PROCEDURE.connectOpen:
        this.openedNames.push(reader.optional(() => reader.string(MAX_STRING)) ?? "");
        return OK;
      case PROCEDURE.connectDomainEventCallbackRegisterAny:
        return writer.int(1).finish();
      case PROCEDURE.connectRegisterCloseCallback:
        throw new Refusal(ERROR_NUMBER.noSupport, "not supported by the fake");
      case PROCEDURE.connectListAllDomains: {
        if (this.listRefusal !== undefined) throw new Refusal(ERROR_NUMBER.accessDenied, this.listRefusal);
        reader.int();
        const flags = reader.unsignedInt();
        const listed = [...this.#domainByUuid.values()].filter(
          (domain) => ((LIST_FLAG_BY_STATE[domain.state] ?? 128) & flags) !== 0,
        );
        writer.unsignedInt(listed.length);
        for (const domain of listed) writeDomain(writer, domain);
        return writer.unsignedInt(listed.length).finish();
      }
      case PROCEDURE.domainLookupByUuid:
        return writeDomain(writer, this.#find(reader)).finish();
      default:
        reader.string(MAX_STRING);
        return this.#answerFor(procedure, this.#find(reader), reader, writer);
    }
  }

  #answerFor(procedure: number, domain: FakeDomain, reader: XdrReader, writer: XdrWriter): Uint8Array {
    const become = (state: number, event: number): Uint8Array => {
      domain.state = state;
      this.#tell(domain, event);
      return OK;
    };
    switch (procedure) {
      case PROCEDURE.domainGetXmlDesc:
        this.#xmlReadCount += 1;
        this.#handleXmlRead();
        return writer.string(domain.xml).finish();
      case PROCEDURE.domainGetState:
        return writer.int(domain.state).int(0).finish();
      case PROCEDURE.domainSuspend:
        return become(DOMAIN_STATE.paused, LIFECYCLE.suspended);
      case PROCEDURE.domainResume:
        return become(DOMAIN_STATE.running, LIFECYCLE.resumed);
      case PROCEDURE.domainDestroy:
        return become(DOMAIN_STATE.shutoff, LIFECYCLE.stopped);
      case PROCEDURE.domainOpenConsole: {
        reader.int();
        reader.optional(() => reader.string(MAX_STRING));
        const isForced = reader.unsignedInt() === 1;
        if (this.isConsoleBusy && !isForced) {
          throw new Refusal(ERROR_NUMBER.operationFailed, "Active console session exists for this domain");
        }
        return OK;
      }
      case PROCEDURE.domainScreenshot:
        return writer.unsignedInt(0).finish();
      default:
        throw new Refusal(ERROR_NUMBER.operationInvalid, "the fake does not do that");
    }
  }

  #find(reader: XdrReader): FakeDomain {
    const uuid = uuidText(reader.fixedOpaque(16));
    const domain = this.#domainByUuid.get(uuid);
    if (domain === undefined) throw new Refusal(ERROR_NUMBER.noDomain, `no domain with uuid ${uuid}`);
    return domain;
  }
}
