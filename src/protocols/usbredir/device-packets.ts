import { ENDPOINT_TYPE, SPEED } from "./packet-types.ts";
import type { UsbDeviceDescription, UsbInterface } from "./usb-device-port.ts";

/** Endpoints and interfaces that the protocol's tables have room for. */
const TABLE_LENGTH = 32;

/** "usb_redir_device_connect" */
export function encodeDeviceConnect(device: UsbDeviceDescription, hasVersion: boolean): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(hasVersion ? 10 : 8);
  const view = new DataView(body.buffer);
  body.set([SPEED[device.speed], device.classCode, device.subclassCode, device.protocolCode]);
  view.setUint16(4, device.vendorId, true);
  view.setUint16(6, device.productId, true);
  if (hasVersion) view.setUint16(8, device.versionBcd, true);
  return body;
}

/** "usb_redir_interface_info": four tables, whatever the count. */
export function encodeInterfaceInfo(interfaces: readonly UsbInterface[]): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(4 + 4 * TABLE_LENGTH);
  const listed = interfaces.slice(0, TABLE_LENGTH);
  new DataView(body.buffer).setUint32(0, listed.length, true);
  for (const [index, one] of listed.entries()) {
    body[4 + index] = one.number;
    body[4 + TABLE_LENGTH + index] = one.classCode;
    body[4 + 2 * TABLE_LENGTH + index] = one.subclassCode;
    body[4 + 3 * TABLE_LENGTH + index] = one.protocolCode;
  }
  return body;
}

/** "usb_redir_ep_info": endpoints out at 0..15, in at 16..31. */
export function encodeEpInfo(interfaces: readonly UsbInterface[], hasMaxPacketSize: boolean): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array((hasMaxPacketSize ? 5 : 3) * TABLE_LENGTH);
  const view = new DataView(body.buffer);
  body.fill(ENDPOINT_TYPE.none, 0, TABLE_LENGTH);
  body[0] = ENDPOINT_TYPE.control;
  body[16] = ENDPOINT_TYPE.control;
  for (const one of interfaces) {
    for (const { address, type, interval, maxPacketBytes } of one.endpoints) {
      const index = ((address & 0x80) >> 3) | (address & 0x0f);
      body[index] = ENDPOINT_TYPE[type];
      body[TABLE_LENGTH + index] = interval;
      body[2 * TABLE_LENGTH + index] = one.number;
      if (hasMaxPacketSize) view.setUint16(3 * TABLE_LENGTH + 2 * index, maxPacketBytes, true);
    }
  }
  return body;
}
