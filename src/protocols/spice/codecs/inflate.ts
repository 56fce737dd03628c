/**
 * Unpacks a zlib stream (RFC 1950) of `expectedLength` bytes; injected, as the engines know no platform. It may answer at once or
 * later, must not deliver more than `expectedLength` bytes, and throws or rejects with ProtocolError at broken data.
 */
export type Inflate = (bytes: Uint8Array, expectedLength: number) => Uint8Array | Promise<Uint8Array>;
