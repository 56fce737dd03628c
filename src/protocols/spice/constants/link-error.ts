/** spice.proto, "link_err": the answer to a link, and the reason of `disconnecting`. */
export const LINK_ERROR = {
  ok: 0,
  error: 1,
  invalidMagic: 2,
  invalidData: 3,
  versionMismatch: 4,
  needSecured: 5,
  needUnsecured: 6,
  permissionDenied: 7,
  badConnectionId: 8,
  channelNotAvailable: 9,
} as const;

const textByCode = new Map<number, string>([
  [LINK_ERROR.ok, "ok"],
  [LINK_ERROR.error, "a general error"],
  [LINK_ERROR.invalidMagic, "invalid magic"],
  [LINK_ERROR.invalidData, "invalid data"],
  [LINK_ERROR.versionMismatch, "another version of the protocol"],
  [LINK_ERROR.needSecured, "the channel must be encrypted"],
  [LINK_ERROR.needUnsecured, "the channel must not be encrypted"],
  [LINK_ERROR.permissionDenied, "permission denied"],
  [LINK_ERROR.badConnectionId, "unknown connection id"],
  [LINK_ERROR.channelNotAvailable, "the channel is not available"],
]);

/** A clause for messages, "permission denied". */
export function describeLinkError(code: number): string {
  return textByCode.get(code) ?? `link error ${String(code)}`;
}
