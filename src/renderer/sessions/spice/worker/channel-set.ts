import type { ChannelRequest } from "../../../../shared/contracts/api.ts";
import { CHANNEL_TYPE } from "../../../../protocols/spice/constants/channel-kind.ts";
import { hasCapability } from "../../../../protocols/spice/constants/capabilities.ts";
import type { ListedChannel, MigrationTarget } from "../../../../protocols/spice/main/main-messages.ts";
import type { CandidateRequest } from "../../../../protocols/spice/main/session-mover.ts";
import { ChannelSerials, type ChannelWait } from "../../../../protocols/spice/wire/channel-serials.ts";
import type { SpiceChannel, SpiceChannelEvent, SpiceMessage } from "../../../../protocols/spice/wire/spice-channel.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import type { StreamPass } from "../../../host-client/host-api.ts";
import { ChannelLink, type OpenSocket } from "./channel-link.ts";

/** An engine's end of its channel. */
export interface ChannelWire {
  /** Before the link is done messages wait, after the channel's end they are dropped. */
  readonly sendMessage: (type: number, body?: Uint8Array) => void;
  /** Whether the server's link reply has this bit of the channel's own capabilities. */
  readonly hasServerCapability: (capability: number) => boolean;
  /** Settles once other channels of the connection are as far as a message of this one says they must be. */
  readonly waitForChannels: (waits: readonly ChannelWait[]) => void | Promise<void>;
  /** Of what was given to the stream, so much has not left the page yet. */
  readonly unsentBytes: () => number;
}

/** What is done with a channel. */
export interface ChannelEngine {
  /** The link is done; the first messages may go out. */
  readonly handleOpened?: () => void;
  readonly handleMessage: (message: SpiceMessage) => void | Promise<void>;
  /** The channel ended while the session goes on. */
  readonly handleEnd?: () => void;
}

export interface ChannelSetOptions {
  readonly openSocket: OpenSocket;
  readonly requestStream: (channel: ChannelRequest) => Promise<StreamPass>;
  readonly handleNotify: (event: Extract<SpiceChannelEvent, { kind: "notify" }>) => void;
  readonly handleMigrate: (channel: ListedChannel) => void;
  /** The server broke the protocol, or there is a bug of ours: the session's end. */
  readonly handleFailure: (error: Error) => void;
}

interface OpenChannel {
  readonly link: ChannelLink;
  /** As the link said them; the same are said to a host that the guest moves to. */
  readonly capabilities: readonly number[];
  readonly createEngine: () => ChannelEngine;
  engine: ChannelEngine;
}

const keyOf = ({ kind, channelId }: ListedChannel): string => `${kind}:${String(channelId)}`;

/** The open channels of one connection. */
export class ChannelSet implements Disposable {
  readonly #options: ChannelSetOptions;
  readonly #serials = new ChannelSerials();
  readonly #openByKey = new Map<string, OpenChannel>();
  readonly #openingKeys = new Set<string>();
  #isDisposed = false;
  /** Where the guest has moved to; undefined: it is where the console was opened. */
  target: MigrationTarget | undefined;

  constructor(options: ChannelSetOptions) {
    this.#options = options;
  }

  has(channel: ListedChannel): boolean {
    return this.#openByKey.has(keyOf(channel)) || this.#openingKeys.has(keyOf(channel));
  }

  get open(): ListedChannel[] {
    return [...this.#openByKey.values()].map(({ link: { channel } }) => ({
      kind: channel.kind,
      channelId: channel.channelId,
    }));
  }

  channelOf(channel: ListedChannel): SpiceChannel | undefined {
    return this.#openByKey.get(keyOf(channel))?.link.channel;
  }

  /** Opens a channel of a session that has begun. Rejects with an AppError where the host process cannot. */
  async openFurther(
    channel: ListedChannel,
    session: { readonly sessionId: number; readonly capabilities: readonly number[] },
    createEngine: (wire: ChannelWire) => ChannelEngine,
  ): Promise<void> {
    const key = keyOf(channel);
    this.#openingKeys.add(key);
    try {
      const pass = await this.requestStream(channel, session, this.target);
      if (!this.#isDisposed) this.add(channel, pass, session.capabilities, createEngine);
    } finally {
      this.#openingKeys.delete(key);
    }
  }

  requestStream(
    channel: ListedChannel,
    session: { readonly sessionId: number; readonly capabilities: readonly number[] },
    target: MigrationTarget | undefined,
  ): Promise<StreamPass> {
    return this.#options.requestStream({
      type: CHANNEL_TYPE[channel.kind],
      id: channel.channelId,
      sessionId: session.sessionId,
      capabilities: [...session.capabilities],
      ...(target === undefined ? {} : { target }),
    });
  }

  /** Opens a channel to the host that the guest is about to move to. */
  async openCandidate(request: CandidateRequest): Promise<ChannelLink> {
    const { channel, target, sessionId, handleMessage, handleEvent, handleEnd } = request;
    const capabilities = this.#openByKey.get(keyOf(channel))?.capabilities ?? [];
    const pass = await this.requestStream(channel, { sessionId, capabilities }, target);
    const { openSocket } = this.#options;
    return new ChannelLink({ ...channel, pass, openSocket, startsOnHold: true, handleMessage, handleEvent, handleEnd });
  }

  /** The channel has moved to this candidate's stream. */
  takeOver(channel: ListedChannel, candidate: ChannelLink): void {
    this.#openByKey.get(keyOf(channel))?.link.takeOver(candidate);
  }

  /** A new engine, for a host that begins anew. */
  renewEngine(channel: ListedChannel): void {
    const open = this.#openByKey.get(keyOf(channel));
    if (open === undefined) return;
    open.engine.handleEnd?.();
    open.engine = open.createEngine();
  }

  /** Closes all channels; the set goes on. */
  closeAll(): void {
    const all = [...this.#openByKey.values()];
    this.#openByKey.clear();
    for (const { link, engine } of all) {
      link.dispose();
      if (link.channel.kind !== "main") engine.handleEnd?.();
    }
  }

  /** Takes up a channel whose stream is there. */
  add(
    channel: ListedChannel,
    pass: StreamPass,
    capabilities: readonly number[],
    createEngine: (wire: ChannelWire) => ChannelEngine,
  ): void {
    const { openSocket, handleNotify, handleMigrate, handleFailure } = this.#options;
    const key = keyOf(channel);
    const link = new ChannelLink({
      ...channel,
      pass,
      openSocket,
      serials: this.#serials,
      handleMessage: (message) => open.engine.handleMessage(message),
      handleEvent: (event) => {
        if (event.kind === "opened") open.engine.handleOpened?.();
        else if (event.kind === "notify") handleNotify(event);
        else if (event.kind === "migrate") handleMigrate(channel);
        else if (event.kind === "failed") handleFailure(event.error);
      },
      handleEnd: () => {
        if (this.#openByKey.get(key) === open) this.#openByKey.delete(key);
        link.dispose();
        open.engine.handleEnd?.();
      },
    });
    const wire: ChannelWire = {
      sendMessage: (type, body) => {
        link.channel.sendMessage(type, body);
      },
      hasServerCapability: (capability) => hasCapability(link.channel.serverCapabilities?.channel ?? [], capability),
      waitForChannels: (waits) => link.channel.waitForChannels(waits),
      unsentBytes: () => link.unsentBytes,
    };
    const open: OpenChannel = {
      link,
      capabilities,
      createEngine: () => createEngine(wire),
      engine: createEngine(wire),
    };
    this.#openByKey.set(key, open);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const { link } of this.#openByKey.values()) link.dispose();
    this.#openByKey.clear();
  }
}
