export type UsbSpeed = "low" | "full" | "high" | "super" | "unknown";
export type UsbTransferType = "isochronous" | "bulk" | "interrupt";

export interface UsbEndpoint {
  /** Bit 7: towards the computer. */
  readonly address: number;
  readonly type: UsbTransferType;
  /** bInterval of its descriptor; 1 at least for interrupt and isochronous ones. */
  readonly interval: number;
  readonly maxPacketBytes: number;
}

/** An interface in the alternate setting that it has now. */
export interface UsbInterface {
  readonly number: number;
  readonly alternate: number;
  readonly classCode: number;
  readonly subclassCode: number;
  readonly protocolCode: number;
  readonly endpoints: readonly UsbEndpoint[];
}

export interface UsbDeviceDescription {
  readonly speed: UsbSpeed;
  readonly classCode: number;
  readonly subclassCode: number;
  readonly protocolCode: number;
  readonly vendorId: number;
  readonly productId: number;
  /** bcdDevice. */
  readonly versionBcd: number;
}

/** The eight bytes of a control transfer's setup stage, its length excepted. */
export interface UsbSetup {
  /** bmRequestType. */
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

export type UsbTransferStatus = "ok" | "stall" | "babble" | "ioError" | "timeout" | "invalid";

export interface UsbInResult {
  readonly status: UsbTransferStatus;
  readonly bytes: Uint8Array;
}

export interface UsbOutResult {
  readonly status: UsbTransferStatus;
  readonly writtenBytes: number;
}

/** A device that is open and ours. Each promise that rejects counts as an input/output error of that one act. */
export interface UsbDevicePort {
  readonly description: UsbDeviceDescription;
  /** bConfigurationValue; 0: none is selected. */
  readonly configuration: number;
  readonly interfaces: readonly UsbInterface[];
  selectConfiguration(value: number): Promise<void>;
  selectAlternate(interfaceNumber: number, alternate: number): Promise<void>;
  reset(): Promise<void>;
  clearHalt(endpointAddress: number): Promise<void>;
  controlIn(setup: UsbSetup, lengthBytes: number): Promise<UsbInResult>;
  controlOut(setup: UsbSetup, bytes: Uint8Array<ArrayBuffer>): Promise<UsbOutResult>;
  /** Of bulk and interrupt endpoints. */
  transferIn(endpointAddress: number, lengthBytes: number): Promise<UsbInResult>;
  transferOut(endpointAddress: number, bytes: Uint8Array<ArrayBuffer>): Promise<UsbOutResult>;
}
