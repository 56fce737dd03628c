import type { UsbDevicePort, UsbInResult, UsbInterface } from "../protocols/usbredir/usb-device-port.ts";

/** A small vendor-class device: what is written to bulk endpoint 1 can be read from 0x81; 0x83 reports when told to. */
export class FakeUsbPort implements UsbDevicePort {
  readonly description = {
    speed: "full",
    classCode: 0xff,
    subclassCode: 1,
    protocolCode: 2,
    vendorId: 0x1209,
    productId: 0x0001,
    versionBcd: 0x0123,
  } as const;
  configuration = 1;
  alternate = 0;
  readonly #waiting = new Map<number, ((result: UsbInResult) => void)[]>();
  readonly #ready = new Map<number, UsbInResult[]>();
  readonly clearedHalts: number[] = [];
  resetCount = 0;

  get interfaces(): readonly UsbInterface[] {
    if (this.configuration === 0) return [];
    return [
      {
        number: 0,
        alternate: this.alternate,
        classCode: 0xff,
        subclassCode: 3,
        protocolCode: 4,
        endpoints: [
          { address: 0x01, type: "bulk", interval: 0, maxPacketBytes: 64 },
          { address: 0x81, type: "bulk", interval: 0, maxPacketBytes: 64 },
          { address: 0x83, type: "interrupt", interval: 10, maxPacketBytes: 8 },
        ],
      },
    ];
  }

  /** What the next read of the endpoint gets. */
  say(endpoint: number, result: UsbInResult): void {
    const first = this.#waiting.get(endpoint)?.shift();
    if (first !== undefined) first(result);
    else this.#ready.set(endpoint, [...(this.#ready.get(endpoint) ?? []), result]);
  }

  selectConfiguration(value: number): Promise<void> {
    if (value > 1) return Promise.reject(new Error("no such configuration"));
    this.configuration = value;
    return Promise.resolve();
  }

  selectAlternate(interfaceNumber: number, alternate: number): Promise<void> {
    if (interfaceNumber !== 0 || alternate > 1) return Promise.reject(new Error("no such alternate setting"));
    this.alternate = alternate;
    return Promise.resolve();
  }

  reset(): Promise<void> {
    this.resetCount += 1;
    return Promise.resolve();
  }

  clearHalt(endpointAddress: number): Promise<void> {
    this.clearedHalts.push(endpointAddress);
    return Promise.resolve();
  }

  controlIn(_setup: unknown, lengthBytes: number): Promise<UsbInResult> {
    return Promise.resolve({ status: "ok", bytes: Uint8Array.of(18, 1, 0, 2).subarray(0, lengthBytes) });
  }

  controlOut(_setup: unknown, bytes: Uint8Array): Promise<{ status: "ok"; writtenBytes: number }> {
    return Promise.resolve({ status: "ok", writtenBytes: bytes.length });
  }

  transferIn(endpoint: number): Promise<UsbInResult> {
    const ready = this.#ready.get(endpoint)?.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve) => {
      this.#waiting.set(endpoint, [...(this.#waiting.get(endpoint) ?? []), resolve]);
    });
  }

  transferOut(endpoint: number, bytes: Uint8Array<ArrayBuffer>): Promise<{ status: "ok"; writtenBytes: number }> {
    this.say(endpoint | 0x80, { status: "ok", bytes });
    return Promise.resolve({ status: "ok", writtenBytes: bytes.length });
  }
}
