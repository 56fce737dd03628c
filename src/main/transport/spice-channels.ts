import { CHANNEL_TYPE, channelKindOf } from "../../protocols/spice/constants/channel-kind.ts";
import { CLIENT_CAPABILITIES } from "../../protocols/spice/link/capabilities.ts";
import type { ChannelRequest } from "../../shared/contracts/api.ts";

/** As connection files and errors call it: "main", "display", … */
export function channelName(type: number): string {
  return channelKindOf(type) ?? `number ${type}`;
}

/** What a console's first stream is: the main channel of a new session. */
export const MAIN_CHANNEL_REQUEST: ChannelRequest = {
  type: CHANNEL_TYPE.main,
  id: 0,
  sessionId: 0,
  capabilities: [...CLIENT_CAPABILITIES.main],
};
