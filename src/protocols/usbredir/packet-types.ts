/** USB network redirection protocol 0.7: https://gitlab.freedesktop.org/spice/usbredir/-/blob/main/docs/usb-redirection-protocol.md */

/** "Packet types". Those below 100 are control packets, the others data packets. */
export const PACKET = {
  hello: 0,
  deviceConnect: 1,
  deviceDisconnect: 2,
  reset: 3,
  interfaceInfo: 4,
  epInfo: 5,
  setConfiguration: 6,
  getConfiguration: 7,
  configurationStatus: 8,
  setAltSetting: 9,
  getAltSetting: 10,
  altSettingStatus: 11,
  startIsoStream: 12,
  stopIsoStream: 13,
  isoStreamStatus: 14,
  startInterruptReceiving: 15,
  stopInterruptReceiving: 16,
  interruptReceivingStatus: 17,
  allocBulkStreams: 18,
  freeBulkStreams: 19,
  bulkStreamsStatus: 20,
  cancelDataPacket: 21,
  filterReject: 22,
  filterFilter: 23,
  deviceDisconnectAck: 24,
  startBulkReceiving: 25,
  stopBulkReceiving: 26,
  bulkReceivingStatus: 27,
  controlPacket: 100,
  bulkPacket: 101,
  isoPacket: 102,
  interruptPacket: 103,
  bufferedBulkPacket: 104,
} as const;

/** Bits of the first word of HELLO. */
export const CAPABILITY = {
  bulkStreams: 0,
  connectDeviceVersion: 1,
  filter: 2,
  deviceDisconnectAck: 3,
  epInfoMaxPacketSize: 4,
  ids64: 5,
  bulkLength32: 6,
  bulkReceiving: 7,
} as const;

/** What this side offers. Not bulk streams and not bulk receiving: a browser has no interface for the one, and the other is only a quicker way. */
export const HOST_CAPABILITIES: readonly number[] = [
  CAPABILITY.connectDeviceVersion,
  CAPABILITY.filter,
  CAPABILITY.deviceDisconnectAck,
  CAPABILITY.epInfoMaxPacketSize,
  CAPABILITY.ids64,
  CAPABILITY.bulkLength32,
];

/** The `status` byte of answers. */
export const STATUS = { ok: 0, cancelled: 1, invalid: 2, ioError: 3, stall: 4, timeout: 5, babble: 6 } as const;

export const ENDPOINT_TYPE = { control: 0, isochronous: 1, bulk: 2, interrupt: 3, none: 255 } as const;

export const SPEED = { low: 0, full: 1, high: 2, super: 3, unknown: 255 } as const;
