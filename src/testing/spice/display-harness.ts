import { DISPLAY_MESSAGE } from "../../protocols/spice/constants/message-types.ts";
import type { PixelImage } from "../../protocols/spice/codecs/pixel-image.ts";
import { DisplayChannel, type DisplayChannelOptions } from "../../protocols/spice/display/display-channel.ts";
import type { DisplayEvent } from "../../protocols/spice/display/display-events.ts";
import { DisplaySession } from "../../protocols/spice/display/display-session.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { surfaceCreate } from "./display-messages.ts";

/** A promise that the test settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

/** An opaque picture of one colour, 0xRRGGBB. */
export function plainPixels(width: number, height: number, colour: number): PixelImage {
  return { width, height, pixels: new Uint32Array(width * height).fill(rgba(colour)), alpha: "opaque" };
}

function rgba(colour: number): number {
  return (0xff000000 | ((colour & 0xff) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0;
}

export interface DisplayHarness {
  readonly channel: DisplayChannel;
  readonly session: DisplaySession;
  /** All but "damaged". */
  readonly events: DisplayEvent[];
  readonly sent: { readonly type: number; readonly body: Uint8Array }[];
  /** JPEGs that wait to be decoded, in the order of their messages. */
  readonly jpegs: Deferred<PixelImage>[];
  receive(type: keyof typeof DISPLAY_MESSAGE, body?: Uint8Array): void | Promise<void>;
  /** The same where nobody looks whether the channel is to be held back. */
  give(type: keyof typeof DISPLAY_MESSAGE, body?: Uint8Array): void;
  /** The primary's row, as colours 0xRRGGBB. */
  row(y?: number, surfaceId?: number): number[];
}

/** A display channel with a primary surface of 4x2, and decoders that the test plays. */
export function displayHarness(
  options: Partial<DisplayChannelOptions> & { capabilities?: readonly number[]; hasPrimary?: boolean } = {},
): DisplayHarness {
  const { capabilities = [], hasPrimary = true, session = new DisplaySession() } = options;
  const events: DisplayEvent[] = [];
  const sent: DisplayHarness["sent"][number][] = [];
  const jpegs: Deferred<PixelImage>[] = [];
  const channel = new DisplayChannel({
    channelId: 0,
    sendMessage: (type, body) => sent.push({ type, body }),
    hasServerCapability: (capability) => capabilities.includes(capability),
    session,
    imageDecoder: {
      jpeg: {
        decode: () => {
          const decoding = deferred<PixelImage>();
          jpegs.push(decoding);
          return decoding.promise;
        },
      },
      inflate: () => {
        throw new Error("no zlib stream");
      },
    },
    streamDecoders: { create: () => undefined },
    clock: { whenDue: () => 0 },
    handleEvent: (event) => {
      if (event.event !== "damaged") events.push(event);
    },
    ...options,
  });
  const harness: DisplayHarness = {
    channel,
    session,
    events,
    sent,
    jpegs,
    receive: (type, body = new Uint8Array(0)) => channel.handleMessage({ type: DISPLAY_MESSAGE[type], body }),
    give: (type, body) => {
      const wait = harness.receive(type, body);
      if (wait instanceof Promise) drop(wait);
    },
    row: (y = 0, surfaceId = 0) => {
      const surface = channel.surface(surfaceId);
      if (surface === undefined) return [];
      const pixels = surface.pixels.subarray(y * surface.width, (y + 1) * surface.width);
      return Array.from(pixels, (pixel) => ((pixel & 0xff) << 16) | (pixel & 0xff00) | ((pixel >> 16) & 0xff));
    },
  };
  if (hasPrimary) {
    harness.give("surfaceCreate", surfaceCreate(0, 4, 2));
    events.length = 0;
  }
  return harness;
}
