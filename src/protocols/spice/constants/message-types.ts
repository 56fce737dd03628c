import type { ChannelKind } from "./channel-kind.ts";

/**
 * Message numbers of spice.proto, a table for each direction of each channel: `…_MESSAGE` comes from the server,
 * `…_CLIENT_MESSAGE` goes to it. Names are the specification's, in camel case.
 */

/** "BaseChannel": the same in every channel. */
export const COMMON_MESSAGE = {
  migrate: 1,
  migrateData: 2,
  setAck: 3,
  ping: 4,
  waitForChannels: 5,
  disconnecting: 6,
  notify: 7,
  list: 8,
} as const;

export const COMMON_CLIENT_MESSAGE = {
  ackSync: 1,
  ack: 2,
  pong: 3,
  migrateFlushMark: 4,
  migrateData: 5,
  disconnecting: 6,
} as const;

/** "base_last": numbers up to here are common to all channels. */
export const LAST_COMMON_MESSAGE = 100;

export const MAIN_MESSAGE = {
  migrateBegin: 101,
  migrateCancel: 102,
  init: 103,
  channelsList: 104,
  mouseMode: 105,
  multiMediaTime: 106,
  agentConnected: 107,
  agentDisconnected: 108,
  agentData: 109,
  agentToken: 110,
  migrateSwitchHost: 111,
  migrateEnd: 112,
  name: 113,
  uuid: 114,
  agentConnectedTokens: 115,
  migrateBeginSeamless: 116,
  migrateDstSeamlessAck: 117,
  migrateDstSeamlessNack: 118,
} as const;

export const MAIN_CLIENT_MESSAGE = {
  clientInfo: 101,
  migrateConnected: 102,
  migrateConnectError: 103,
  attachChannels: 104,
  mouseModeRequest: 105,
  agentStart: 106,
  agentData: 107,
  agentToken: 108,
  migrateEnd: 109,
  migrateDstDoSeamless: 110,
  migrateConnectedSeamless: 111,
  qualityIndicator: 112,
} as const;

export const DISPLAY_MESSAGE = {
  mode: 101,
  mark: 102,
  reset: 103,
  copyBits: 104,
  invalList: 105,
  invalAllPixmaps: 106,
  invalPalette: 107,
  invalAllPalettes: 108,
  streamCreate: 122,
  streamData: 123,
  streamClip: 124,
  streamDestroy: 125,
  streamDestroyAll: 126,
  drawFill: 302,
  drawOpaque: 303,
  drawCopy: 304,
  drawBlend: 305,
  drawBlackness: 306,
  drawWhiteness: 307,
  drawInvers: 308,
  drawRop3: 309,
  drawStroke: 310,
  drawText: 311,
  drawTransparent: 312,
  drawAlphaBlend: 313,
  surfaceCreate: 314,
  surfaceDestroy: 315,
  streamDataSized: 316,
  monitorsConfig: 317,
  drawComposite: 318,
  streamActivateReport: 319,
  glScanoutUnix: 320,
  glDraw: 321,
  qualityIndicator: 322,
} as const;

export const DISPLAY_CLIENT_MESSAGE = {
  init: 101,
  streamReport: 102,
  preferredCompression: 103,
  glDrawDone: 104,
  preferredVideoCodecType: 105,
} as const;

export const INPUTS_MESSAGE = { init: 101, keyModifiers: 102, mouseMotionAck: 111 } as const;

export const INPUTS_CLIENT_MESSAGE = {
  keyDown: 101,
  keyUp: 102,
  keyModifiers: 103,
  keyScancode: 104,
  mouseMotion: 111,
  mousePosition: 112,
  mousePress: 113,
  mouseRelease: 114,
} as const;

export const CURSOR_MESSAGE = {
  init: 101,
  reset: 102,
  set: 103,
  move: 104,
  hide: 105,
  trail: 106,
  invalOne: 107,
  invalAll: 108,
} as const;

export const PLAYBACK_MESSAGE = {
  data: 101,
  mode: 102,
  start: 103,
  stop: 104,
  volume: 105,
  mute: 106,
  latency: 107,
} as const;

export const RECORD_MESSAGE = { start: 101, stop: 102, volume: 103, mute: 104 } as const;

export const RECORD_CLIENT_MESSAGE = { data: 101, mode: 102, startMark: 103 } as const;

export const SMARTCARD_MESSAGE = { data: 101 } as const;

export const SMARTCARD_CLIENT_MESSAGE = { data: 101 } as const;

/** "SpicevmcChannel": port, usbredir and webdav. */
export const SPICEVMC_MESSAGE = { data: 101, compressedData: 102 } as const;

export const SPICEVMC_CLIENT_MESSAGE = { data: 101, compressedData: 102 } as const;

/** port and webdav, beside those of SPICEVMC_MESSAGE. */
export const PORT_MESSAGE = { init: 201, event: 202 } as const;

export const PORT_CLIENT_MESSAGE = { event: 201 } as const;

const tableByKind: Readonly<Record<ChannelKind, Readonly<Record<string, number>>>> = {
  main: MAIN_MESSAGE,
  display: DISPLAY_MESSAGE,
  inputs: INPUTS_MESSAGE,
  cursor: CURSOR_MESSAGE,
  playback: PLAYBACK_MESSAGE,
  record: RECORD_MESSAGE,
  tunnel: {},
  smartcard: SMARTCARD_MESSAGE,
  usbredir: SPICEVMC_MESSAGE,
  port: { ...SPICEVMC_MESSAGE, ...PORT_MESSAGE },
  webdav: { ...SPICEVMC_MESSAGE, ...PORT_MESSAGE },
};

/** How a server's message is called in an error: "drawCopy", or "message 999" where the protocol has no such number. */
export function describeMessage(kind: ChannelKind, type: number): string {
  const table = type <= LAST_COMMON_MESSAGE ? COMMON_MESSAGE : tableByKind[kind];
  const name = Object.entries(table).find(([, number]) => number === type)?.[0];
  return name ?? `message ${String(type)}`;
}
