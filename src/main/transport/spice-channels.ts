import { CLIENT_CAPABILITIES } from "../../protocols/spice/link/capabilities.ts";
import type { ChannelRequest } from "../../shared/contracts/api.ts";

/** SPICE_CHANNEL_* (spice/enums.h), by the names that connection files use. */
const NAME_BY_TYPE: Readonly<Record<number, string>> = {
  1: "main",
  2: "display",
  3: "inputs",
  4: "cursor",
  5: "playback",
  6: "record",
  7: "tunnel",
  8: "smartcard",
  9: "usbredir",
  10: "port",
  11: "webdav",
};

const MAIN_CHANNEL = 1;

export function channelName(type: number): string {
  return NAME_BY_TYPE[type] ?? `number ${type}`;
}

/** What a console's first stream is: the main channel of a new session. */
export const MAIN_CHANNEL_REQUEST: ChannelRequest = {
  type: MAIN_CHANNEL,
  id: 0,
  sessionId: 0,
  capabilities: [...CLIENT_CAPABILITIES.main],
};
