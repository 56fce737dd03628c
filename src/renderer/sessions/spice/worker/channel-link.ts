import type { ChannelKind } from "../../../../protocols/spice/constants/channel-kind.ts";
import type { ChannelSerials } from "../../../../protocols/spice/wire/channel-serials.ts";
import {
  SpiceChannel,
  type SpiceChannelEvent,
  type SpiceMessage,
} from "../../../../protocols/spice/wire/spice-channel.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import type { StreamPass } from "../../../host-client/host-api.ts";

export type OpenSocket = (pass: StreamPass) => WebSocket;

export interface ChannelLinkOptions {
  readonly kind: ChannelKind;
  readonly channelId: number;
  readonly pass: StreamPass;
  readonly openSocket: OpenSocket;
  /** Undefined for a channel to a host that the guest has not moved to yet. */
  readonly serials?: ChannelSerials;
  readonly startsOnHold?: boolean;
  readonly handleMessage: (message: SpiceMessage) => void | Promise<void>;
  readonly handleEvent: (event: SpiceChannelEvent) => void;
  /** The stream ended from the far side. */
  readonly handleEnd: () => void;
}

/** One channel over its WebSocket. The host process has done link and login. */
export class ChannelLink implements Disposable {
  readonly channel: SpiceChannel;
  #socket: WebSocket;
  #handleEnd: () => void;
  #isDisposed = false;

  constructor(options: ChannelLinkOptions) {
    const { kind, channelId, serials, startsOnHold = false, handleMessage, handleEvent } = options;
    const socket = options.openSocket(options.pass);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#handleEnd = options.handleEnd;
    this.channel = new SpiceChannel({
      kind,
      channelId,
      ...(serials === undefined ? {} : { serials }),
      startsOnHold,
      send: (bytes) => {
        if (socket.readyState === socket.OPEN) socket.send(bytes);
      },
      handleMessage,
      handleEvent,
    });
    // A channel lives as long as its socket: its listeners go with it.
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      // What the host before still says is of no use after a move.
      const isCurrent = this.#socket === socket;
      if (isCurrent && event.data instanceof ArrayBuffer) this.channel.receive(new Uint8Array(event.data));
    });
    socket.addEventListener("close", () => {
      if (!this.#isDisposed && this.#socket === socket) this.#handleEnd();
    });
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** This channel has moved to the other one's stream: that one's end is this one's now. */
  takeOver(other: ChannelLink): void {
    const before = this.#socket;
    this.#socket = other.#socket;
    other.#handleEnd = () => {
      this.#handleEnd();
    };
    before.close();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.channel.dispose();
    this.#socket.close();
  }
}
