import { ProtocolError } from "../../bytes/protocol-error.ts";
import { capabilityWords, hasCapability } from "../constants/capabilities.ts";
import type { AgentPort } from "../main/main-channel.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import { AgentClipboard, type ClipboardContent, type ClipboardEvent } from "./agent-clipboard.ts";
import type { ClipboardFormat, ClipboardSelection } from "./agent-clipboard.ts";
import { AgentFiles, type FileEvent, type FileStart } from "./agent-files.ts";
import { AgentInbox } from "./agent-inbox.ts";
import { AgentOutbox } from "./agent-outbox.ts";
import { AGENT_CAPABILITY, AGENT_MESSAGE, CLIENT_CAPABILITIES, describeAgentMessage } from "./agent-protocol.ts";
import { encodeMonitors, type MonitorLayout } from "./monitors-config.ts";

/** Clipboard data in one direction; a picture of a 4K screen as PNG stays below. */
export const DEFAULT_MAX_CLIPBOARD_BYTES = 32 * 1024 * 1024;

/**
 * Pieces of agent data (2 KiB each) that the server may send ahead: half a megabyte, so that a large clipboard comes at
 * 50 MB/s over 10 ms. Half of them are granted anew as soon as half are used.
 */
export const AGENT_WINDOW_TOKENS = 256;

/** Words of capabilities; today's agents use one. */
const MAX_CAPABILITY_WORDS = 32;

export type VdAgentEvent =
  /** The agent has told what it can; from now on VdAgent's methods work. Again when it begins anew. */
  | { readonly kind: "agentReady"; readonly capabilities: readonly number[] }
  | { readonly kind: "agentGone" }
  /** The agent's answer to a message (AGENT_MESSAGE), where it gives one. */
  | { readonly kind: "agentReply"; readonly messageType: number; readonly isSuccess: boolean }
  | ClipboardEvent
  | FileEvent;

export interface VdAgentOptions {
  /** MainChannel's three ways to the agent. */
  readonly startAgent: (tokens: number) => void;
  readonly sendAgentData: (piece: Uint8Array) => void;
  readonly grantAgentTokens: (count: number) => void;
  readonly handleEvent: (event: VdAgentEvent) => void;
  /** In either direction; DEFAULT_MAX_CLIPBOARD_BYTES. */
  readonly maxClipboardBytes?: number;
}

/** What a guest's desktop should do without, for a slow line; and its colours. */
export interface DisplayWishes {
  readonly isWallpaperOff?: boolean;
  readonly isFontSmoothingOff?: boolean;
  readonly isAnimationOff?: boolean;
  /** Bits a pixel, 16 or 32. Undefined: as it is. */
  readonly colourDepth?: number;
}

/**
 * The client's side of the guest's agent: clipboards, the layout of monitors, files, volume (vd_agent.h). Agent data in
 * and out; the main channel carries them. The methods say false, and do nothing, where the agent is not there or cannot.
 */
export class VdAgent implements AgentPort {
  readonly #options: VdAgentOptions;
  readonly #maxClipboardBytes: number;
  readonly #outbox: AgentOutbox;
  readonly #clipboard: AgentClipboard;
  readonly #files: AgentFiles;
  #inbox: AgentInbox;
  #isConnected = false;
  #capabilities: readonly number[] | undefined;
  #tokensUsed = 0;

  constructor(options: VdAgentOptions) {
    this.#options = options;
    this.#maxClipboardBytes = options.maxClipboardBytes ?? DEFAULT_MAX_CLIPBOARD_BYTES;
    this.#inbox = new AgentInbox({ maxClipboardBytes: this.#maxClipboardBytes });
    this.#outbox = new AgentOutbox({ sendData: options.sendAgentData });
    const can = (capability: number): boolean => this.can(capability);
    const { handleEvent } = options;
    this.#clipboard = new AgentClipboard({
      can,
      send: (type, parts) => this.#outbox.push({ type, parts }),
      handleEvent,
      maxBytes: this.#maxClipboardBytes,
    });
    this.#files = new AgentFiles({
      can,
      send: (message) => this.#outbox.push(message),
      takeBack: (topic) => {
        this.#outbox.takeBack(topic);
      },
      handleEvent,
    });
  }

  /** Whether the agent is there and has told what it can. */
  get isReady(): boolean {
    return this.#capabilities !== undefined;
  }

  /** Whether the agent is there and has this AGENT_CAPABILITY. */
  can(capability: number): boolean {
    return this.#capabilities !== undefined && hasCapability(this.#capabilities, capability);
  }

  handleConnected(tokens: number | undefined): void {
    this.#forget();
    this.#isConnected = true;
    this.#options.startAgent(AGENT_WINDOW_TOKENS);
    if (tokens !== undefined) this.#outbox.setTokens(tokens);
    this.#announce({ isAsking: true });
  }

  handleDisconnected(): void {
    this.#forget();
  }

  handleTokens(count: number): void {
    this.#outbox.addTokens(count);
  }

  /** Throws ProtocolError. */
  handleData(bytes: Uint8Array): void {
    // What was on its way when the agent went.
    if (!this.#isConnected) return;
    this.#tokensUsed += 1;
    if (this.#tokensUsed >= AGENT_WINDOW_TOKENS / 2) {
      this.#options.grantAgentTokens(this.#tokensUsed);
      this.#tokensUsed = 0;
    }
    for (const message of this.#inbox.receive(bytes)) {
      if (message.kind === "tooLong") this.#clipboard.handleTooLong();
      else this.#handleMessage(message.type, message.body);
    }
  }

  /** Something was copied on this side, in these formats. */
  offerClipboard(selection: ClipboardSelection, formats: readonly ClipboardFormat[]): boolean {
    return this.#clipboard.offer(selection, formats);
  }

  releaseClipboard(selection: ClipboardSelection): void {
    this.#clipboard.release(selection);
  }

  /** Answers the event "clipboardRequested"; undefined where it cannot be had. */
  provideClipboard(selection: ClipboardSelection, content: ClipboardContent | undefined): boolean {
    return this.#clipboard.provide(selection, content);
  }

  /** Asks for what "clipboardOffered" told of; "clipboardReceived" answers. */
  requestClipboard(selection: ClipboardSelection, format: ClipboardFormat): boolean {
    return this.#clipboard.request(selection, format);
  }

  /** How the guest's monitors shall be: index is the display. A layout that still waits to be sent is replaced. */
  setMonitors(monitors: readonly MonitorLayout[]): boolean {
    if (!this.can(AGENT_CAPABILITY.monitorsConfig)) return false;
    const isSparse = this.can(AGENT_CAPABILITY.sparseMonitorsConfig);
    const body = encodeMonitors(monitors, { isSparse });
    return this.#outbox.push({ type: AGENT_MESSAGE.monitorsConfig, parts: [body], replaces: "monitors" });
  }

  setDisplayWishes(wishes: DisplayWishes): boolean {
    if (!this.can(AGENT_CAPABILITY.displayConfig)) return false;
    const flags =
      (wishes.isWallpaperOff === true ? 1 : 0) |
      (wishes.isFontSmoothingOff === true ? 2 : 0) |
      (wishes.isAnimationOff === true ? 4 : 0) |
      (wishes.colourDepth === undefined ? 0 : 8);
    const body = new SpiceWriter().u32(flags).u32(wishes.colourDepth ?? 0);
    return this.#outbox.push({ type: AGENT_MESSAGE.displayConfig, parts: [body.finish()], replaces: "display" });
  }

  /** The volume of this side's loudspeaker or microphone, 0..65535 a channel. */
  setVolume(options: { device: "playback" | "record"; isMuted: boolean; channels: readonly number[] }): boolean {
    if (!this.can(AGENT_CAPABILITY.audioVolumeSync)) return false;
    const body = new SpiceWriter().u8(options.device === "playback" ? 1 : 0).u8(options.isMuted ? 1 : 0);
    body.u8(options.channels.length);
    for (const volume of options.channels) body.u16(volume);
    const replaces = `volume ${options.device}`;
    return this.#outbox.push({ type: AGENT_MESSAGE.audioVolumeSync, parts: [body.finish()], replaces });
  }

  /** Gives a file to the guest; see FileEvent. */
  startFile(file: FileStart): boolean {
    return this.isReady && this.#files.start(file);
  }

  /** Answers "fileWantsData", which comes again once the guest has taken this chunk. */
  pushFileChunk(id: number, bytes: Uint8Array): boolean {
    return this.#files.pushChunk(id, bytes);
  }

  cancelFile(id: number): void {
    this.#files.cancel(id);
  }

  #handleMessage(type: number, body: Uint8Array): void {
    try {
      if (this.#clipboard.handleMessage(type, body)) return;
      const reader = new SpiceReader(body);
      if (type === AGENT_MESSAGE.announceCapabilities) this.#handleCapabilities(reader);
      else if (type === AGENT_MESSAGE.fileXferStatus) this.#files.handleStatus(reader);
      else if (type === AGENT_MESSAGE.reply) {
        // VD_AGENT_SUCCESS is 1.
        this.#options.handleEvent({ kind: "agentReply", messageType: reader.u32(), isSuccess: reader.u32() === 1 });
      }
      // Others go from client or server to the agent (monitors, mouse, graphics devices), or are of a newer agent.
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new ProtocolError(error.reason, `${describeAgentMessage(type)}: ${error.message}`);
    }
  }

  #handleCapabilities(reader: SpiceReader): void {
    const isAsking = reader.u32() !== 0;
    const count = Math.min(Math.floor(reader.remaining / 4), MAX_CAPABILITY_WORDS);
    this.#capabilities = Array.from({ length: count }, () => reader.u32());
    if (isAsking) this.#announce({ isAsking: false });
    if (this.can(AGENT_CAPABILITY.maxClipboard)) {
      const body = new SpiceWriter().i32(this.#maxClipboardBytes).finish();
      this.#outbox.push({ type: AGENT_MESSAGE.maxClipboard, parts: [body], replaces: "maxClipboard" });
    }
    this.#options.handleEvent({ kind: "agentReady", capabilities: this.#capabilities });
  }

  #announce(options: { isAsking: boolean }): void {
    const body = new SpiceWriter().u32(options.isAsking ? 1 : 0);
    for (const word of capabilityWords(CLIENT_CAPABILITIES)) body.u32(word);
    // A guest that asks again and again before it takes anything in gets one answer.
    const replaces = "capabilities";
    this.#outbox.push({ type: AGENT_MESSAGE.announceCapabilities, parts: [body.finish()], replaces });
  }

  #forget(): void {
    const wasConnected = this.#isConnected;
    this.#isConnected = false;
    this.#capabilities = undefined;
    this.#tokensUsed = 0;
    this.#outbox.clear();
    this.#inbox = new AgentInbox({ maxClipboardBytes: this.#maxClipboardBytes });
    this.#clipboard.reset();
    this.#files.reset();
    if (wasConnected) this.#options.handleEvent({ kind: "agentGone" });
  }
}
