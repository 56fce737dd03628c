import { SpiceWriter } from "../protocols/spice/wire/spice-writer.ts";

/** Bytes as a SPICE server sends them, for tests. */

/** SPICE_COMMON_CAP bits of a current server: auth selection, SPICE auth, mini header. */
export const MINI_HEADER_CAPABILITIES = [0b1011];

/** A current server with `disable-mini-header`, as servers before 0.10 were. */
export const FULL_HEADER_CAPABILITIES = [0b0011];

/** The beginning of a channel's stream: the link reply and the link result. */
export function linkReplyBytes(
  options: { common?: readonly number[]; channel?: readonly number[]; error?: number; result?: number } = {},
): Uint8Array<ArrayBuffer> {
  const { common = MINI_HEADER_CAPABILITIES, channel = [], error = 0, result = 0 } = options;
  const body = new SpiceWriter().u32(error).bytes(new Uint8Array(162)).u32(common.length).u32(channel.length).u32(178);
  for (const word of [...common, ...channel]) body.u32(word);
  return new SpiceWriter()
    .bytes(new TextEncoder().encode("REDQ"))
    .u32(2)
    .u32(2)
    .u32(body.length)
    .bytes(body.finish())
    .u32(result)
    .finish();
}

/** A message behind a mini header. */
export function miniMessage(type: number, body: Uint8Array | SpiceWriter = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
  const bytes = body instanceof SpiceWriter ? body.finish() : body;
  return new SpiceWriter().u16(type).u32(bytes.length).bytes(bytes).finish();
}

/** A message behind a full header. `subList` is the offset of a list of sub-messages in the body. */
export function fullMessage(
  serial: number,
  type: number,
  body: Uint8Array | SpiceWriter = new Uint8Array(0),
  subList = 0,
): Uint8Array<ArrayBuffer> {
  const bytes = body instanceof SpiceWriter ? body.finish() : body;
  return new SpiceWriter().u64(BigInt(serial)).u16(type).u32(bytes.length).u32(subList).bytes(bytes).finish();
}

/** Cuts bytes at the given places, in any order and beyond the end as they come from a generator. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return edges.slice(1).map((to, index) => bytes.slice(edges[index], to));
}
