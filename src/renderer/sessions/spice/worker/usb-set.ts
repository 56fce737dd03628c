import { decompressLz4Block } from "../../../../protocols/spice/codecs/lz4.ts";
import { PortChannel } from "../../../../protocols/spice/port/port-channel.ts";
import type { FromWorker, ToWorker } from "../worker-messages.ts";
import type { ChannelEngine, ChannelWire } from "./channel-set.ts";

/** The guest's places for USB devices of this computer: their bytes go to the page, which has the devices. */
export class UsbSet {
  readonly #post: (message: FromWorker, transfer?: Transferable[]) => void;
  readonly #engineByChannelId = new Map<number, PortChannel>();

  constructor(post: (message: FromWorker, transfer?: Transferable[]) => void) {
    this.#post = post;
  }

  add(channelId: number, wire: ChannelWire): ChannelEngine {
    const engine = new PortChannel({
      kind: "usbredir",
      sendMessage: wire.sendMessage,
      decompressLz4: decompressLz4Block,
      handleEvent: (event) => {
        if (event.kind !== "data") return;
        // A copy: what was received is a view of the stream's own memory.
        const bytes = event.bytes.slice();
        this.#post({ kind: "usbData", channelId, bytes }, [bytes.buffer]);
      },
    });
    this.#engineByChannelId.set(channelId, engine);
    return {
      handleOpened: () => {
        this.#post({ kind: "usbOpened", channelId });
      },
      handleMessage: (message) => {
        engine.handleMessage(message);
      },
      handleEnd: () => {
        if (this.#engineByChannelId.get(channelId) !== engine) return;
        this.#engineByChannelId.delete(channelId);
        this.#post({ kind: "usbClosed", channelId });
      },
    };
  }

  write({ channelId, bytes }: Extract<ToWorker, { kind: "writeUsb" }>): void {
    this.#engineByChannelId.get(channelId)?.write(bytes);
  }
}
