/** Numbers of spice-protocol's vd_agent.h: what client and guest's agent say to each other through the main channel. */

/** VD_AGENT_PROTOCOL. */
export const AGENT_PROTOCOL = 1;

/** VD_AGENT_MAX_DATA_SIZE: the longest piece of agent data, the message's header included. Costs one token. */
export const MAX_AGENT_DATA_BYTES = 2048;

/** VDAgentMessage: protocol u32, type u32, opaque u64, size u32. */
export const AGENT_HEADER_BYTES = 20;

export const AGENT_MESSAGE = {
  mouseState: 1,
  monitorsConfig: 2,
  reply: 3,
  clipboard: 4,
  displayConfig: 5,
  announceCapabilities: 6,
  clipboardGrab: 7,
  clipboardRequest: 8,
  clipboardRelease: 9,
  fileXferStart: 10,
  fileXferStatus: 11,
  fileXferData: 12,
  clientDisconnected: 13,
  maxClipboard: 14,
  audioVolumeSync: 15,
  graphicsDeviceInfo: 16,
} as const;

/** VD_AGENT_CAP bits. */
export const AGENT_CAPABILITY = {
  mouseState: 0,
  monitorsConfig: 1,
  reply: 2,
  clipboard: 3,
  displayConfig: 4,
  clipboardByDemand: 5,
  clipboardSelection: 6,
  sparseMonitorsConfig: 7,
  guestLineendLf: 8,
  guestLineendCrlf: 9,
  maxClipboard: 10,
  audioVolumeSync: 11,
  monitorsConfigPosition: 12,
  fileXferDisabled: 13,
  fileXferDetailedErrors: 14,
  graphicsDeviceInfo: 15,
  clipboardNoReleaseOnRegrab: 16,
  clipboardGrabSerial: 17,
} as const;

/** What this client can: the mouse needs the agent's state, the other bits are functions of VdAgent. */
export const CLIENT_CAPABILITIES: readonly number[] = [
  AGENT_CAPABILITY.mouseState,
  AGENT_CAPABILITY.monitorsConfig,
  AGENT_CAPABILITY.reply,
  AGENT_CAPABILITY.displayConfig,
  AGENT_CAPABILITY.clipboardByDemand,
  AGENT_CAPABILITY.clipboardSelection,
  AGENT_CAPABILITY.monitorsConfigPosition,
  AGENT_CAPABILITY.fileXferDetailedErrors,
  AGENT_CAPABILITY.clipboardNoReleaseOnRegrab,
  AGENT_CAPABILITY.clipboardGrabSerial,
];

/** A name for errors, "clipboardGrab". */
export function describeAgentMessage(type: number): string {
  const name = Object.entries(AGENT_MESSAGE).find(([, number]) => number === type)?.[0];
  return `agent message ${name ?? String(type)}`;
}
