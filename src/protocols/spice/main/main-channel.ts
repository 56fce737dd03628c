import { ProtocolError } from "../../bytes/protocol-error.ts";
import { MAIN_CLIENT_MESSAGE, MAIN_MESSAGE } from "../constants/message-types.ts";
import type { SpiceMessage } from "../wire/spice-channel.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import {
  type ListedChannel,
  type MainInit,
  type MigrationTarget,
  type MouseMode,
  mouseModeBits,
  parseChannelsList,
  parseMainInit,
  parseMigrationTarget,
  parseMouseMode,
  parseName,
  parseUuid,
} from "./main-messages.ts";

export type MainChannelEvent =
  /** The first message of a session. The engine has asked for the list of channels by itself, unless told not to. */
  | { readonly kind: "init"; readonly init: MainInit }
  /** Channels to open. Comes again when the server gets more; then it lists the new ones alone. */
  | { readonly kind: "channels"; readonly channels: readonly ListedChannel[] }
  | { readonly kind: "mouseMode"; readonly supported: readonly MouseMode[]; readonly current: MouseMode }
  /** The server's clock of sound and video, in milliseconds; wraps at 2^32. */
  | { readonly kind: "mediaTime"; readonly timeMs: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "uuid"; readonly uuid: string }
  /** For MigrationEngine, in the order of their coming. */
  | { readonly kind: "migrateBegin"; readonly target: MigrationTarget; readonly seamlessVersion: number | undefined }
  | { readonly kind: "migrateSwitchHost"; readonly target: MigrationTarget }
  | { readonly kind: "migrateCancel" }
  | { readonly kind: "migrateEnd" }
  | { readonly kind: "seamlessAnswer"; readonly isAccepted: boolean };

/** What the guest's agent is told by the main channel: VdAgent. */
export interface AgentPort {
  /** The agent is there, also anew. Tokens: pieces of data that may be sent; undefined where those of before hold. */
  handleConnected(tokens: number | undefined): void;
  handleDisconnected(): void;
  handleData(bytes: Uint8Array): void;
  handleTokens(count: number): void;
}

export interface MainChannelOptions {
  readonly sendMessage: (type: number, body: Uint8Array) => void;
  readonly handleEvent: (event: MainChannelEvent) => void;
  /** Undefined: agent data are dropped. */
  readonly agent?: AgentPort;
}

/**
 * The main channel: what the session is, which channels it has, whose mouse it is, the way to the guest's agent, and the
 * messages by which a guest moves to another host. Messages in, events out (spice.proto, "MainChannel").
 */
export class MainChannel {
  readonly #options: MainChannelOptions;
  #init: MainInit | undefined;
  #agentTokens: number | undefined;
  #isMovedHere = false;

  constructor(options: MainChannelOptions) {
    this.#options = options;
  }

  /** Of the last INIT. */
  get init(): MainInit | undefined {
    return this.#init;
  }

  /** Throws ProtocolError. */
  handleMessage({ type, body }: SpiceMessage): void {
    const reader = new SpiceReader(body);
    switch (type) {
      case MAIN_MESSAGE.init:
        this.#handleInit(parseMainInit(reader));
        return;
      case MAIN_MESSAGE.channelsList:
        this.#emit({ kind: "channels", channels: parseChannelsList(reader) });
        return;
      case MAIN_MESSAGE.mouseMode:
        this.#emit({ kind: "mouseMode", ...parseMouseMode(reader) });
        return;
      case MAIN_MESSAGE.multiMediaTime:
        this.#emit({ kind: "mediaTime", timeMs: reader.u32() });
        return;
      case MAIN_MESSAGE.name:
        this.#emit({ kind: "name", name: parseName(reader) });
        return;
      case MAIN_MESSAGE.uuid:
        this.#emit({ kind: "uuid", uuid: parseUuid(reader) });
        return;
      default:
        if (!this.#handleAgent(type, body, reader) && !this.#handleMigration(type, reader)) {
          throw new ProtocolError("malformed", "the protocol has no such message");
        }
    }
  }

  requestMouseMode(mode: MouseMode): void {
    this.#send(MAIN_CLIENT_MESSAGE.mouseModeRequest, new SpiceWriter().u16(mouseModeBits(mode)));
  }

  /** The session has moved to another host by switchTo "restart": the INIT that comes asks for no new channels. */
  expectInitAfterMove(): void {
    this.#isMovedHere = true;
  }

  /** Opens the way to the agent. Tokens: pieces of data that the server may send before more are granted. */
  startAgent(tokens: number): void {
    this.#send(MAIN_CLIENT_MESSAGE.agentStart, new SpiceWriter().u32(tokens));
  }

  /** One piece of VD_AGENT_MAX_DATA_SIZE bytes at most; costs a token. */
  sendAgentData(bytes: Uint8Array): void {
    this.#options.sendMessage(MAIN_CLIENT_MESSAGE.agentData, bytes);
  }

  grantAgentTokens(count: number): void {
    this.#send(MAIN_CLIENT_MESSAGE.agentToken, new SpiceWriter().u32(count));
  }

  /** Answers migrateBegin once the other host's channels are open or cannot be opened. */
  answerMigrateBegin(answer: "connected" | "connectedSeamless" | "failed"): void {
    const type = {
      connected: MAIN_CLIENT_MESSAGE.migrateConnected,
      connectedSeamless: MAIN_CLIENT_MESSAGE.migrateConnectedSeamless,
      failed: MAIN_CLIENT_MESSAGE.migrateConnectError,
    }[answer];
    this.#send(type, new SpiceWriter());
  }

  /** To the other host: asks whether it can take the session over without a break. The version is migrateBegin's. */
  requestSeamless(sourceVersion: number): void {
    this.#send(MAIN_CLIENT_MESSAGE.migrateDstDoSeamless, new SpiceWriter().u32(sourceVersion));
  }

  /** To the other host, after a migration that is not seamless: the guest is yours now. */
  sendMigrateEnd(): void {
    this.#send(MAIN_CLIENT_MESSAGE.migrateEnd, new SpiceWriter());
  }

  #handleInit(init: MainInit): void {
    this.#init = init;
    this.#agentTokens = init.agentTokens;
    this.#emit({ kind: "init", init });
    if (!this.#isMovedHere) this.#send(MAIN_CLIENT_MESSAGE.attachChannels, new SpiceWriter());
    this.#isMovedHere = false;
    if (init.isAgentConnected) this.#connectAgent();
    else this.#options.agent?.handleDisconnected();
  }

  #handleAgent(type: number, body: Uint8Array, reader: SpiceReader): boolean {
    const { agent } = this.#options;
    switch (type) {
      case MAIN_MESSAGE.agentConnected:
        this.#connectAgent();
        return true;
      case MAIN_MESSAGE.agentConnectedTokens:
        this.#agentTokens = reader.u32();
        this.#connectAgent();
        return true;
      case MAIN_MESSAGE.agentDisconnected:
        reader.skip(4);
        agent?.handleDisconnected();
        return true;
      case MAIN_MESSAGE.agentData:
        agent?.handleData(body);
        return true;
      case MAIN_MESSAGE.agentToken:
        agent?.handleTokens(reader.u32());
        return true;
      default:
        return false;
    }
  }

  /** Tokens are told once: with INIT for the first agent, or with its coming; without, those that are left hold. */
  #connectAgent(): void {
    const tokens = this.#agentTokens;
    this.#agentTokens = undefined;
    this.#options.agent?.handleConnected(tokens);
  }

  #handleMigration(type: number, reader: SpiceReader): boolean {
    switch (type) {
      case MAIN_MESSAGE.migrateBegin:
        this.#emit({ kind: "migrateBegin", target: parseMigrationTarget(reader), seamlessVersion: undefined });
        return true;
      case MAIN_MESSAGE.migrateBeginSeamless: {
        const target = parseMigrationTarget(reader);
        this.#emit({ kind: "migrateBegin", target, seamlessVersion: reader.u32() });
        return true;
      }
      case MAIN_MESSAGE.migrateSwitchHost:
        this.#emit({ kind: "migrateSwitchHost", target: parseMigrationTarget(reader) });
        return true;
      case MAIN_MESSAGE.migrateCancel:
        this.#emit({ kind: "migrateCancel" });
        return true;
      case MAIN_MESSAGE.migrateEnd:
        this.#emit({ kind: "migrateEnd" });
        return true;
      case MAIN_MESSAGE.migrateDstSeamlessAck:
      case MAIN_MESSAGE.migrateDstSeamlessNack:
        this.#emit({ kind: "seamlessAnswer", isAccepted: type === MAIN_MESSAGE.migrateDstSeamlessAck });
        return true;
      default:
        return false;
    }
  }

  #send(type: number, body: SpiceWriter): void {
    this.#options.sendMessage(type, body.finish());
  }

  #emit(event: MainChannelEvent): void {
    this.#options.handleEvent(event);
  }
}
