import { ProtocolError } from "../../../../protocols/bytes/protocol-error.ts";

/** Unpacks a zlib stream (RFC 1950) with the browser's own inflator. Rejects with ProtocolError where the bytes are none, or more or fewer. */
export async function inflate(bytes: Uint8Array, expectedLength: number): Promise<Uint8Array<ArrayBuffer>> {
  const inflated = new Uint8Array(expectedLength);
  let length = 0;
  // A copy: what was received may be used again before the stream has read it.
  const reader = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (length + value.length > expectedLength) throw tooLong(expectedLength);
      inflated.set(value, length);
      length += value.length;
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError("malformed", "broken zlib data");
  }
  if (length !== expectedLength) {
    throw new ProtocolError("malformed", `zlib data of ${String(length)} bytes instead of ${String(expectedLength)}`);
  }
  return inflated;
}

function tooLong(expectedLength: number): ProtocolError {
  return new ProtocolError("malformed", `zlib data of more than ${String(expectedLength)} bytes`);
}
