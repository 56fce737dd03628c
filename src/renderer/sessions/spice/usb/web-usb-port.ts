import type {
  UsbDeviceDescription,
  UsbDevicePort,
  UsbInResult,
  UsbInterface,
  UsbOutResult,
  UsbSetup,
  UsbSpeed,
} from "../../../../protocols/usbredir/usb-device-port.ts";
import type { WebUsbDevice, WebUsbIn, WebUsbOut, WebUsbSetup } from "./web-usb-types.ts";

/** The longest configuration descriptor that USB knows: wTotalLength has 16 bits. */
const MAX_DESCRIPTOR_BYTES = 0xffff;
const ENDPOINT_DESCRIPTOR = 5;
/** Where a descriptor could not be read: 10 ms at full speed, and no device minds being asked that often. */
const FALLBACK_INTERVAL = 10;

const REQUEST_TYPES = ["standard", "class", "vendor"] as const;
const RECIPIENTS = ["device", "interface", "endpoint", "other"] as const;

/** A device of this computer, opened, with all its interfaces claimed: nothing else on this computer uses it. */
export class WebUsbPort implements UsbDevicePort {
  readonly #device: WebUsbDevice;
  readonly #intervalByAddress = new Map<number, number>();

  private constructor(device: WebUsbDevice) {
    this.#device = device;
  }

  /** Rejects with the browser's DOMException: SecurityError where it keeps the class to itself, NetworkError where a driver has it. */
  static async open(device: WebUsbDevice): Promise<WebUsbPort> {
    const port = new WebUsbPort(device);
    try {
      await device.open();
      const first = device.configurations[0];
      if (device.configuration === null && first !== undefined)
        await device.selectConfiguration(first.configurationValue);
      await port.#claim();
    } catch (error) {
      await port.close();
      throw error;
    }
    return port;
  }

  get description(): UsbDeviceDescription {
    const device = this.#device;
    return {
      speed: this.#speed,
      classCode: device.deviceClass,
      subclassCode: device.deviceSubclass,
      protocolCode: device.deviceProtocol,
      vendorId: device.vendorId,
      productId: device.productId,
      versionBcd: (device.deviceVersionMajor << 8) | (device.deviceVersionMinor << 4) | device.deviceVersionSubminor,
    };
  }

  get configuration(): number {
    return this.#device.configuration?.configurationValue ?? 0;
  }

  get interfaces(): readonly UsbInterface[] {
    return (this.#device.configuration?.interfaces ?? []).map(({ interfaceNumber, alternate }) => ({
      number: interfaceNumber,
      alternate: alternate.alternateSetting,
      classCode: alternate.interfaceClass,
      subclassCode: alternate.interfaceSubclass,
      protocolCode: alternate.interfaceProtocol,
      endpoints: alternate.endpoints.map(({ endpointNumber, direction, type, packetSize }) => {
        const address = endpointNumber | (direction === "in" ? 0x80 : 0);
        const known = this.#intervalByAddress.get(address) ?? FALLBACK_INTERVAL;
        const interval = type === "bulk" ? 0 : Math.max(1, known);
        return { address, type, interval, maxPacketBytes: packetSize };
      }),
    }));
  }

  /** Never rejects. */
  async close(): Promise<void> {
    // Unplugged, or never opened: it is as good as closed.
    await this.#device.close().catch(() => undefined);
  }

  async selectConfiguration(value: number): Promise<void> {
    if (value === this.configuration) return;
    await this.#device.selectConfiguration(value);
    await this.#claim();
  }

  selectAlternate(interfaceNumber: number, alternate: number): Promise<void> {
    return this.#device.selectAlternateInterface(interfaceNumber, alternate);
  }

  reset(): Promise<void> {
    return this.#device.reset();
  }

  clearHalt(endpointAddress: number): Promise<void> {
    return this.#device.clearHalt((endpointAddress & 0x80) === 0 ? "out" : "in", endpointAddress & 0x0f);
  }

  async controlIn(setup: UsbSetup, lengthBytes: number): Promise<UsbInResult> {
    const named = namedSetup(setup);
    if (named === undefined) return { status: "stall", bytes: new Uint8Array(0) };
    return inResult(await this.#device.controlTransferIn(named, lengthBytes));
  }

  async controlOut(setup: UsbSetup, bytes: Uint8Array<ArrayBuffer>): Promise<UsbOutResult> {
    const named = namedSetup(setup);
    if (named === undefined) return { status: "stall", writtenBytes: 0 };
    return outResult(await this.#device.controlTransferOut(named, bytes));
  }

  async transferIn(endpointAddress: number, lengthBytes: number): Promise<UsbInResult> {
    return inResult(await this.#device.transferIn(endpointAddress & 0x0f, lengthBytes));
  }

  async transferOut(endpointAddress: number, bytes: Uint8Array<ArrayBuffer>): Promise<UsbOutResult> {
    return outResult(await this.#device.transferOut(endpointAddress & 0x0f, bytes));
  }

  /** WebUSB does not tell it: it follows from what each speed allows for bulk endpoints (USB 2.0, 5.8.3; USB 3.2, 8.12.1). */
  get #speed(): UsbSpeed {
    const ends = (this.#device.configuration?.interfaces ?? []).flatMap(({ alternate }) => alternate.endpoints);
    const largest = Math.max(0, ...ends.filter(({ type }) => type === "bulk").map(({ packetSize }) => packetSize));
    if (largest >= 1024) return "super";
    return largest >= 512 ? "high" : "full";
  }

  async #claim(): Promise<void> {
    for (const { interfaceNumber } of this.#device.configuration?.interfaces ?? []) {
      await this.#device.claimInterface(interfaceNumber);
    }
    await this.#readIntervals();
  }

  /** WebUSB leaves bInterval out; the descriptor has it (USB 2.0, 9.6.6). */
  async #readIntervals(): Promise<void> {
    this.#intervalByAddress.clear();
    const index = this.#device.configurations.findIndex((one) => one.configurationValue === this.configuration);
    const setup: WebUsbSetup = {
      requestType: "standard",
      recipient: "device",
      request: 6,
      value: 0x0200 | Math.max(0, index),
      index: 0,
    };
    const result = await this.#device.controlTransferIn(setup, MAX_DESCRIPTOR_BYTES).catch(() => undefined);
    const data = result?.data;
    if (data === undefined) return;
    for (let at = 0; at + 2 <= data.byteLength;) {
      const lengthBytes = data.getUint8(at);
      if (lengthBytes < 2) return;
      const isEndpoint = data.getUint8(at + 1) === ENDPOINT_DESCRIPTOR && lengthBytes >= 7;
      if (isEndpoint && at + 7 <= data.byteLength) {
        this.#intervalByAddress.set(data.getUint8(at + 2), data.getUint8(at + 6));
      }
      at += lengthBytes;
    }
  }
}

/** Undefined: a reserved type, which WebUSB cannot send. */
function namedSetup({ requestType, request, value, index }: UsbSetup): WebUsbSetup | undefined {
  const type = REQUEST_TYPES[(requestType >> 5) & 3];
  const recipient = RECIPIENTS[requestType & 0x1f];
  return type === undefined || recipient === undefined
    ? undefined
    : { requestType: type, recipient, request, value, index };
}

function inResult({ status, data }: WebUsbIn): UsbInResult {
  const bytes = data === undefined ? new Uint8Array(0) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { status, bytes };
}

function outResult({ status, bytesWritten }: WebUsbOut): UsbOutResult {
  return { status, writtenBytes: bytesWritten };
}
