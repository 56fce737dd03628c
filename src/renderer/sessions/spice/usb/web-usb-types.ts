/** What is used of WebUSB (https://wicg.github.io/webusb/), which TypeScript's DOM library does not have. */
export interface WebUsb {
  requestDevice(options: { readonly filters: readonly object[] }): Promise<WebUsbDevice>;
  addEventListener(type: "disconnect", listener: (event: { readonly device: WebUsbDevice }) => void): void;
  removeEventListener(type: "disconnect", listener: (event: { readonly device: WebUsbDevice }) => void): void;
}

export interface WebUsbEndpoint {
  readonly endpointNumber: number;
  readonly direction: "in" | "out";
  readonly type: "bulk" | "interrupt" | "isochronous";
  readonly packetSize: number;
}

export interface WebUsbAlternate {
  readonly alternateSetting: number;
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
  readonly endpoints: readonly WebUsbEndpoint[];
}

export interface WebUsbConfiguration {
  readonly configurationValue: number;
  readonly interfaces: readonly { readonly interfaceNumber: number; readonly alternate: WebUsbAlternate }[];
}

export interface WebUsbSetup {
  readonly requestType: "standard" | "class" | "vendor";
  readonly recipient: "device" | "interface" | "endpoint" | "other";
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

type Status = "ok" | "stall" | "babble";

export interface WebUsbIn {
  readonly status: Status;
  readonly data?: DataView;
}

export interface WebUsbOut {
  readonly status: Status;
  readonly bytesWritten: number;
}

export interface WebUsbDevice {
  readonly usbVersionMajor: number;
  readonly deviceClass: number;
  readonly deviceSubclass: number;
  readonly deviceProtocol: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceVersionMajor: number;
  readonly deviceVersionMinor: number;
  readonly deviceVersionSubminor: number;
  readonly manufacturerName?: string | null;
  readonly productName?: string | null;
  readonly configuration: WebUsbConfiguration | null;
  readonly configurations: readonly WebUsbConfiguration[];
  open(): Promise<void>;
  close(): Promise<void>;
  reset(): Promise<void>;
  selectConfiguration(value: number): Promise<void>;
  claimInterface(interfaceNumber: number): Promise<void>;
  selectAlternateInterface(interfaceNumber: number, alternate: number): Promise<void>;
  clearHalt(direction: "in" | "out", endpointNumber: number): Promise<void>;
  controlTransferIn(setup: WebUsbSetup, length: number): Promise<WebUsbIn>;
  controlTransferOut(setup: WebUsbSetup, data?: Uint8Array<ArrayBuffer>): Promise<WebUsbOut>;
  transferIn(endpointNumber: number, length: number): Promise<WebUsbIn>;
  transferOut(endpointNumber: number, data: Uint8Array<ArrayBuffer>): Promise<WebUsbOut>;
}

/** Undefined: this browser, or this page's address, has no WebUSB. Electron's pages have it but the shell refuses its permission. */
export function browserUsb(): WebUsb | undefined {
  if (navigator.userAgent.includes("Electron/")) return undefined;
  return (navigator as unknown as { readonly usb?: WebUsb }).usb;
}
