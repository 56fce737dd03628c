import type { ChannelRequest } from "../../../../shared/contracts/api.ts";
import { CHANNEL_TYPE } from "../../../../protocols/spice/constants/channel-kind.ts";
import { hasCapability } from "../../../../protocols/spice/constants/capabilities.ts";
import type { ListedChannel } from "../../../../protocols/spice/main/main-messages.ts";
import { ChannelSerials, type ChannelWait } from "../../../../protocols/spice/wire/channel-serials.ts";
import type { SpiceChannelEvent, SpiceMessage } from "../../../../protocols/spice/wire/spice-channel.ts";
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

const keyOf = ({ kind, channelId }: ListedChannel): string => `${kind}:${String(channelId)}`;

/** The open channels of one connection. */
export class ChannelSet implements Disposable {
  readonly #options: ChannelSetOptions;
  readonly #serials = new ChannelSerials();
  readonly #linkByKey = new Map<string, ChannelLink>();
  readonly #openingKeys = new Set<string>();
  #isDisposed = false;

  constructor(options: ChannelSetOptions) {
    this.#options = options;
  }

  has(channel: ListedChannel): boolean {
    return this.#linkByKey.has(keyOf(channel)) || this.#openingKeys.has(keyOf(channel));
  }

  get open(): ListedChannel[] {
    return [...this.#linkByKey.values()].map(({ channel }) => ({ kind: channel.kind, channelId: channel.channelId }));
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
      const pass = await this.#options.requestStream({
        type: CHANNEL_TYPE[channel.kind],
        id: channel.channelId,
        sessionId: session.sessionId,
        capabilities: [...session.capabilities],
      });
      if (!this.#isDisposed) this.add(channel, pass, createEngine);
    } finally {
      this.#openingKeys.delete(key);
    }
  }

  /** Takes up a channel whose stream is there. */
  add(channel: ListedChannel, pass: StreamPass, createEngine: (wire: ChannelWire) => ChannelEngine): void {
    const { openSocket, handleNotify, handleMigrate, handleFailure } = this.#options;
    const key = keyOf(channel);
    const link = new ChannelLink({
      ...channel,
      pass,
      openSocket,
      serials: this.#serials,
      handleMessage: (message) => engine.handleMessage(message),
      handleEvent: (event) => {
        if (event.kind === "opened") engine.handleOpened?.();
        else if (event.kind === "notify") handleNotify(event);
        else if (event.kind === "migrate") handleMigrate(channel);
        else if (event.kind === "failed") handleFailure(event.error);
      },
      handleEnd: () => {
        if (this.#linkByKey.get(key) === link) this.#linkByKey.delete(key);
        link.dispose();
        engine.handleEnd?.();
      },
    });
    const engine = createEngine({
      sendMessage: (type, body) => {
        link.channel.sendMessage(type, body);
      },
      hasServerCapability: (capability) => hasCapability(link.channel.serverCapabilities?.channel ?? [], capability),
      waitForChannels: (waits) => link.channel.waitForChannels(waits),
    });
    this.#linkByKey.set(key, link);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const link of this.#linkByKey.values()) link.dispose();
    this.#linkByKey.clear();
  }
}
