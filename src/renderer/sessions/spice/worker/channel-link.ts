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
  readonly serials: ChannelSerials;
  readonly handleMessage: (message: SpiceMessage) => void | Promise<void>;
  readonly handleEvent: (event: SpiceChannelEvent) => void;
  /** The stream ended from the far side. */
  readonly handleEnd: () => void;
}

/** One channel over its WebSocket. The host process has done link and login. */
export class ChannelLink implements Disposable {
  readonly channel: SpiceChannel;
  readonly #socket: WebSocket;
  #isDisposed = false;

  constructor(options: ChannelLinkOptions) {
    const { kind, channelId, serials, handleMessage, handleEvent, handleEnd } = options;
    const socket = options.openSocket(options.pass);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.channel = new SpiceChannel({
      kind,
      channelId,
      serials,
      send: (bytes) => {
        if (socket.readyState === socket.OPEN) socket.send(bytes);
      },
      handleMessage,
      handleEvent,
    });
    // A channel lives as long as its socket: its listeners go with it.
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (event.data instanceof ArrayBuffer) this.channel.receive(new Uint8Array(event.data));
    });
    socket.addEventListener("close", () => {
      if (!this.#isDisposed) handleEnd();
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.channel.dispose();
    this.#socket.close();
  }
}
