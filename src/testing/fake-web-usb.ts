import type {
  WebUsb,
  WebUsbConfiguration,
  WebUsbDevice,
  WebUsbIn,
  WebUsbOut,
  WebUsbSetup,
} from "../renderer/sessions/spice/usb/web-usb-types.ts";

const CONFIGURATION: WebUsbConfiguration = {
  configurationValue: 1,
  interfaces: [
    {
      interfaceNumber: 0,
      alternate: {
        alternateSetting: 0,
        interfaceClass: 0xff,
        interfaceSubclass: 0,
        interfaceProtocol: 0,
        endpoints: [{ endpointNumber: 1, direction: "in", type: "interrupt", packetSize: 8 }],
      },
    },
  ],
};

/** A vendor-class device as the browser shows it; says what was done with it. */
export class FakeWebUsbDevice implements WebUsbDevice {
  readonly usbVersionMajor = 2;
  readonly deviceClass = 0xff;
  readonly deviceSubclass = 0;
  readonly deviceProtocol = 0;
  readonly vendorId = 0x1209;
  readonly productId = 1;
  readonly deviceVersionMajor = 1;
  readonly deviceVersionMinor = 0;
  readonly deviceVersionSubminor = 0;
  readonly productName = "Test echo";
  readonly configurations = [CONFIGURATION];
  configuration: WebUsbConfiguration | null = null;
  readonly calls: string[] = [];
  claimError: DOMException | undefined;

  open = (): Promise<void> => this.#note("open");
  close = (): Promise<void> => this.#note("close");
  reset = (): Promise<void> => this.#note("reset");
  selectConfiguration = (value: number): Promise<void> => {
    this.configuration = CONFIGURATION;
    return this.#note(`select ${value}`);
  };
  claimInterface = (interfaceNumber: number): Promise<void> =>
    this.claimError === undefined ? this.#note(`claim ${interfaceNumber}`) : Promise.reject(this.claimError);
  selectAlternateInterface = (): Promise<void> => this.#note("alternate");
  clearHalt = (): Promise<void> => this.#note("clearHalt");
  controlTransferIn = async ({ request, value }: WebUsbSetup): Promise<WebUsbIn> => {
    await this.#note(`controlIn ${request} ${value}`);
    return { status: "ok", data: new DataView(Uint8Array.of(7, 5, 0x81, 3, 8, 0, 4).buffer) };
  };
  controlTransferOut = (): Promise<WebUsbOut> => Promise.resolve({ status: "ok", bytesWritten: 0 });
  transferIn = (): Promise<WebUsbIn> => new Promise(() => undefined);
  transferOut = (): Promise<WebUsbOut> => Promise.resolve({ status: "ok", bytesWritten: 0 });

  #note(call: string): Promise<void> {
    this.calls.push(call);
    return Promise.resolve();
  }
}

/** The user always chooses this device. */
export function fakeWebUsb(device: WebUsbDevice): WebUsb {
  return {
    requestDevice: () => Promise.resolve(device),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
}
