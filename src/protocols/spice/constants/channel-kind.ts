/** Channel types of spice.proto, "protocol Spice". The number stands in the link message and in the main channel's list. */
export const CHANNEL_TYPE = {
  main: 1,
  display: 2,
  inputs: 3,
  cursor: 4,
  playback: 5,
  record: 6,
  tunnel: 7,
  smartcard: 8,
  usbredir: 9,
  port: 10,
  webdav: 11,
} as const;

export type ChannelKind = keyof typeof CHANNEL_TYPE;

const kindByType = new Map<number, ChannelKind>(
  Object.entries(CHANNEL_TYPE).map(([kind, type]) => [type, kind as ChannelKind]),
);

/** Undefined for a type that this version of the protocol does not have: such a channel is left alone. */
export function channelKindOf(type: number): ChannelKind | undefined {
  return kindByType.get(type);
}
