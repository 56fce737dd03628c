/**
 * A recorded SPICE session: what a real server sent on each channel, as our page gets it (the server's link reply, the u32 link
 * result, then messages). Made by e2e/lab/spice/recorder.ts; replayed by unit tests and by the bench, in Node and in pages.
 *
 * As a file: "SYRC", the u32 length of a JSON text, the text, then all bytes one after the other. Files are gzipped.
 */
export interface SpiceRecording {
  readonly facts: RecordingFacts;
  readonly channels: readonly RecordedChannel[];
  /** In the order in which they came. */
  readonly pieces: readonly RecordedPiece[];
}

export interface RecordingFacts {
  /** What was recorded: "desktop scenes". */
  readonly title: string;
  /** File name of the guest's own picture at the end, beside the recording. */
  readonly picture: string;
  /** The server: QEMU's version line. */
  readonly server: string;
  /** QEMU's `-spice` choices, or the compression that was asked for. */
  readonly settings: Readonly<Record<string, string>>;
  /** Of the guest's screen at the end. */
  readonly width: number;
  readonly height: number;
}

export interface RecordedChannel {
  /** Name of the channel's type, as ChannelKind. */
  readonly kind: string;
  readonly channelId: number;
}

export interface RecordedPiece {
  /** Index in `channels`. */
  readonly channel: number;
  /** Since the recording began. */
  readonly timeMs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const MAGIC = "SYRC";
const HEADER_BYTES = 8;

interface Head {
  readonly facts: RecordingFacts;
  readonly channels: readonly RecordedChannel[];
  /** Channel, time and length of each piece. */
  readonly pieces: readonly (readonly [channel: number, timeMs: number, length: number])[];
}

export function encodeRecording({ facts, channels, pieces }: SpiceRecording): Uint8Array<ArrayBuffer> {
  const list = pieces.map(({ channel, timeMs, bytes }) => [channel, timeMs, bytes.length] as const);
  const head: Head = { facts, channels, pieces: list };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const size = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const file = new Uint8Array(HEADER_BYTES + text.length + size);
  file.set(new TextEncoder().encode(MAGIC));
  new DataView(file.buffer).setUint32(4, text.length, true);
  file.set(text, HEADER_BYTES);
  let at = HEADER_BYTES + text.length;
  for (const { bytes } of pieces) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** Takes the unzipped file; pieces are views of it. Throws when it is none of ours. */
export function decodeRecording(file: Uint8Array<ArrayBuffer>): SpiceRecording {
  if (new TextDecoder().decode(file.subarray(0, 4)) !== MAGIC) throw new Error("this is no recording");
  const length = new DataView(file.buffer, file.byteOffset).getUint32(4, true);
  const text = new TextDecoder().decode(file.subarray(HEADER_BYTES, HEADER_BYTES + length));
  const head = JSON.parse(text) as Head;
  let at = HEADER_BYTES + length;
  const pieces = head.pieces.map(([channel, timeMs, size]) => {
    const bytes = file.subarray(at, at + size);
    at += size;
    return { channel, timeMs, bytes };
  });
  if (at !== file.length) throw new Error("the recording does not end where it should");
  return { facts: head.facts, channels: head.channels, pieces };
}

/** All bytes of one channel, in one. */
export function bytesOfChannel(recording: SpiceRecording, index: number): Uint8Array<ArrayBuffer> {
  const parts = recording.pieces.filter(({ channel }) => channel === index);
  const whole = new Uint8Array(parts.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of parts) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}
