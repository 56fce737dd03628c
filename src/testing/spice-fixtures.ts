import { readFileSync } from "node:fs";

const FOLDER = "src/protocols/spice/codecs/fixtures";

/** One encoded picture. */
export interface CodecFixture {
  /** The encoder's type and what was encoded: "rgb32 photo 160x90 top-down". */
  readonly name: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The records of fixtures/<codec>.bin: a byte of name length, the name, a little-endian u32 of data length, the data. */
export function readCodecFixtures(codec: string): CodecFixture[] {
  const bytes = readFileSync(`${FOLDER}/${codec}.bin`);
  const fixtures: CodecFixture[] = [];
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const dataEnd = nameEnd + 4 + bytes.readUInt32LE(nameEnd);
    fixtures.push({
      name: bytes.toString("latin1", at + 1, nameEnd),
      data: new Uint8Array(bytes.subarray(nameEnd + 4, dataEnd)),
    });
    at = dataEnd;
  }
  return fixtures;
}
