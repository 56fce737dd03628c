import { DisplayChannel } from "../../protocols/spice/display/display-channel.ts";
import { DisplaySession } from "../../protocols/spice/display/display-session.ts";
import type { SpiceImageDecoder, VideoDecoderFactory } from "../../protocols/spice/display/media-decoders.ts";
import { hasCapability } from "../../protocols/spice/constants/capabilities.ts";
import { SpiceChannel } from "../../protocols/spice/wire/spice-channel.ts";
import { bytesOfChannel, type SpiceRecording } from "./recording.ts";

export interface ReplayOptions {
  readonly imageDecoder: SpiceImageDecoder;
  readonly streamDecoders: VideoDecoderFactory;
  /** Lengths of the pieces in which the bytes arrive, over and over; whole channels without. */
  readonly cuts?: readonly number[];
}

export interface Replayed {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

/** Plays a recording's first display channel into our engines, as fast as they take it. Rejects when one of them fails. */
export async function replayDisplay(recording: SpiceRecording, options: ReplayOptions): Promise<Replayed> {
  const index = recording.channels.findIndex(({ kind }) => kind === "display");
  if (index === -1) throw new Error("the recording has no display channel");
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
  };
  const session = new DisplaySession();
  const wire: SpiceChannel = new SpiceChannel({
    kind: "display",
    channelId: 0,
    send: () => undefined,
    handleMessage: (message) => display.handleMessage(message),
    handleEvent: (event) => {
      if (event.kind === "failed") fail(event.error);
    },
  });
  const display: DisplayChannel = new DisplayChannel({
    ...options,
    channelId: 0,
    session,
    sendMessage: () => undefined,
    hasServerCapability: (bit) => hasCapability(wire.serverCapabilities?.channel ?? [], bit),
    // A frame is shown as soon as it is there.
    clock: { whenDue: () => 0 },
    handleEvent: (event) => {
      if (event.event === "failed") fail(event.error);
    },
  });
  try {
    for (const piece of cut(bytesOfChannel(recording, index), options.cuts)) wire.receive(piece);
    // What is decoded apart from the channel's own course.
    while (wire.queuedBytes > 0 && failure === undefined) await Promise.resolve();
    if (failure !== undefined) throw failure;
    const { primary } = display;
    if (primary === undefined) throw new Error("the recording shows nothing");
    return { width: primary.width, height: primary.height, pixels: primary.pixels.slice() };
  } finally {
    display.dispose();
    wire.dispose();
    session.dispose();
  }
}

function* cut(bytes: Uint8Array, lengths: readonly number[] = []): Generator<Uint8Array> {
  if (lengths.length === 0) {
    yield bytes;
    return;
  }
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = Math.max(1, lengths[turn % lengths.length] ?? 1);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
