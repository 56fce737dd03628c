import { UsbHost, type UsbHostEvent } from "../../../../protocols/usbredir/usb-host.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { drop } from "../../../../shared/lifecycle/drop.ts";
import type { UsbFacts } from "../../session.ts";
import type { ToWorker, UsbMessage } from "../worker-messages.ts";
import { WebUsbPort } from "./web-usb-port.ts";
import type { WebUsb, WebUsbDevice } from "./web-usb-types.ts";

export interface PageUsbOptions {
  /** Undefined: the browser has none. */
  readonly usb: WebUsb | undefined;
  readonly post: (message: ToWorker) => void;
  readonly handleChange: () => void;
  readonly handleRemark: (text: string) => void;
}

interface Slot {
  readonly host: UsbHost;
  held: { readonly device: WebUsbDevice; readonly port: WebUsbPort; readonly name: string } | undefined;
  /** The user is asked, or the device is being opened. */
  isBusy: boolean;
}

/**
 * The USB devices of this computer that a guest has. The transfers run on the page: only there can the user be asked for a
 * device, and a device is bound to where it was given.
 */
export class PageUsb implements Disposable {
  readonly #options: PageUsbOptions;
  readonly #slotByChannelId = new Map<number, Slot>();
  readonly #handleUnplugged = ({ device }: { readonly device: WebUsbDevice }): void => {
    for (const slot of this.#slotByChannelId.values()) {
      if (slot.held?.device === device) this.#takeBack(slot);
    }
  };

  constructor(options: PageUsbOptions) {
    this.#options = options;
    options.usb?.addEventListener("disconnect", this.#handleUnplugged);
  }

  /** Undefined: the guest has no place for a device of this computer. */
  get facts(): UsbFacts | undefined {
    if (this.#slotByChannelId.size === 0) return undefined;
    return {
      slots: [...this.#slotByChannelId].map(([slotId, { host, held }]) => ({
        slotId,
        deviceName: held?.name,
        isReady: host.isReady,
      })),
      isSupported: this.#options.usb !== undefined,
    };
  }

  handle(message: UsbMessage): void {
    const slot = this.#slotByChannelId.get(message.channelId);
    switch (message.kind) {
      case "usbOpened":
        this.#remove(message.channelId);
        this.#add(message.channelId);
        return;
      case "usbClosed":
        this.#remove(message.channelId);
        this.#options.handleChange();
        return;
      case "usbData":
        if (slot === undefined) return;
        try {
          slot.host.receive(message.bytes);
        } catch {
          // The stream cannot be read any further; the console itself goes on.
          this.#remove(message.channelId);
          this.#options.handleChange();
          this.#options.handleRemark(
            "The guest's host broke the rules of USB redirection; it is off for this console.",
          );
        }
    }
  }

  /** Asks the user for a device and gives it to the guest. Must run in an act of the user. */
  async redirect(slotId: number): Promise<void> {
    const slot = this.#slotByChannelId.get(slotId);
    const { usb } = this.#options;
    if (usb === undefined || slot === undefined || slot.isBusy || slot.held !== undefined) return;
    slot.isBusy = true;
    try {
      const device = await usb.requestDevice({ filters: [] });
      const name = device.productName ?? hexName(device);
      const port = await WebUsbPort.open(device);
      if (this.#slotByChannelId.get(slotId) === slot && slot.host.connect(port)) slot.held = { device, port, name };
      else {
        await port.close();
        this.#options.handleRemark("The guest is not ready for a USB device.");
      }
    } catch (error) {
      const problem = problemOf(error);
      if (problem !== undefined) this.#options.handleRemark(problem);
    } finally {
      slot.isBusy = false;
      this.#options.handleChange();
    }
  }

  /** Takes the device away from the guest. */
  giveBack(slotId: number): void {
    const slot = this.#slotByChannelId.get(slotId);
    if (slot !== undefined) this.#takeBack(slot);
  }

  dispose(): void {
    this.#options.usb?.removeEventListener("disconnect", this.#handleUnplugged);
    for (const slotId of [...this.#slotByChannelId.keys()]) this.#remove(slotId);
  }

  #add(channelId: number): void {
    const host = new UsbHost({
      send: (bytes) => this.#options.post({ kind: "writeUsb", channelId, bytes }),
      handleEvent: (event) => {
        if (this.#slotByChannelId.get(channelId) === slot) this.#handleEvent(slot, event);
      },
    });
    const slot: Slot = { host, held: undefined, isBusy: false };
    this.#slotByChannelId.set(channelId, slot);
    host.start();
    this.#options.handleChange();
  }

  #remove(channelId: number): void {
    const slot = this.#slotByChannelId.get(channelId);
    this.#slotByChannelId.delete(channelId);
    if (slot?.held !== undefined) drop(slot.held.port.close());
  }

  #handleEvent(slot: Slot, { kind }: UsbHostEvent): void {
    if (kind === "rejected") this.#options.handleRemark(`The guest does not take ${slot.held?.name ?? "the device"}.`);
    if (kind === "lost") this.#options.handleRemark(`${slot.held?.name ?? "The device"} does not answer any more.`);
    if (kind === "rejected" || kind === "lost") this.#takeBack(slot);
    else this.#options.handleChange();
  }

  #takeBack(slot: Slot): void {
    const { held } = slot;
    slot.held = undefined;
    slot.host.disconnect();
    if (held !== undefined) drop(held.port.close());
    this.#options.handleChange();
  }
}

function hexName({ vendorId, productId }: WebUsbDevice): string {
  const hex = (value: number): string => value.toString(16).padStart(4, "0");
  return `USB device ${hex(vendorId)}:${hex(productId)}`;
}

/** Undefined: the user chose none. */
function problemOf(error: unknown): string | undefined {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotFoundError") return undefined;
  if (name === "SecurityError") {
    return "The browser keeps devices of this class to itself (storage, keyboards, mice, sound, cameras, smart cards).";
  }
  return "The USB device could not be opened: this computer's own driver holds it, or the user may not use it.";
}
