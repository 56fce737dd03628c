import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { drawOn } from "../canvas/draw-on.ts";
import { surfaceFormatOf, type Surface, type SurfaceFormat } from "../canvas/surface.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";
import { DISPLAY_CAPABILITY } from "../constants/capabilities.ts";
import { describeMessage, DISPLAY_CLIENT_MESSAGE, DISPLAY_MESSAGE } from "../constants/message-types.ts";
import type { ChannelWait } from "../wire/channel-serials.ts";
import {
  encodeInit,
  encodePreferredCompression,
  encodePreferredVideoCodecs,
  type ImageCompression,
} from "./client-messages.ts";
import type { DisplayEvent, Head } from "./display-events.ts";
import type { DisplaySession } from "./display-session.ts";
import type { DrawOperation, Rect } from "./draw-types.ts";
import { ImageResolver, type ResolvedImage } from "./image-resolver.ts";
import { withImages } from "./image-uses.ts";
import type { PresentClock, SpiceImageDecoder, VideoCodec, VideoDecoderFactory } from "./media-decoders.ts";
import { OperationQueue } from "./operation-queue.ts";
import { PaletteCache } from "./palette-cache.ts";
import { parseDisplayMessage, type DisplayMessage } from "./parse/display-message.ts";
import type { ParsedDraw } from "./parse/draw-operation.ts";
import { surfaceOfMode, SurfaceStore, type SurfaceCreate } from "./surface-store.ts";
import { VideoStreams } from "./video-streams.ts";

export interface DisplayChannelOptions {
  readonly channelId: number;
  /** Sends one message of this channel (SpiceChannel.sendMessage). */
  readonly sendMessage: (type: number, body: Uint8Array) => void;
  /** Whether the server's link reply has this DISPLAY_CAPABILITY bit. */
  readonly hasServerCapability: (capability: number) => boolean;
  readonly session: DisplaySession;
  readonly imageDecoder: SpiceImageDecoder;
  readonly streamDecoders: VideoDecoderFactory;
  readonly clock: PresentClock;
  readonly handleEvent: (event: DisplayEvent) => void;
  /** For INVAL_ALL_PIXMAPS (SpiceChannel.waitForChannels). Without it nothing is waited for. */
  readonly waitForChannels?: (waits: readonly ChannelWait[]) => void | Promise<void>;
  /** What the server is asked for when it can be asked: PREFERRED_COMPRESSION, PREFERRED_VIDEO_CODEC_TYPE. */
  readonly preferredCompression?: ImageCompression;
  readonly preferredVideoCodecs?: readonly VideoCodec[];
}

/**
 * The engine of one display channel: server messages in, surfaces, damage and events out.
 *
 * Two orders. Pictures are looked up, decoded and cached when their message arrives, so decoding of later ones begins while
 * earlier ones are under way. What shows (draws, surfaces, marks, heads, due frames) goes through one queue in the order of
 * arrival, and waits there for its pictures. Surfaces as pictures are read when the operation's turn comes.
 */
export class DisplayChannel implements Disposable {
  readonly #options: DisplayChannelOptions;
  readonly #owned = new DisposableStore();
  readonly #palettes = new PaletteCache();
  readonly #queue: OperationQueue;
  readonly #surfaces: SurfaceStore;
  readonly #images: ImageResolver;
  readonly #streams: VideoStreams;
  /** As of the last message, not of the queue. */
  readonly #formatBySurfaceId = new Map<number, SurfaceFormat>();
  #failure: Error | undefined;
  #isOpen = false;
  #isHidden = false;
  #hasToldOfSharedMemory = false;

  constructor(options: DisplayChannelOptions) {
    this.#options = options;
    const { session, handleEvent } = options;
    this.#owned.add(session.attach());
    this.#queue = this.#owned.add(
      new OperationQueue({
        handleFailure: (error) => {
          this.#fail(error);
        },
      }),
    );
    this.#surfaces = new SurfaceStore({ handleEvent });
    this.#images = this.#owned.add(
      new ImageResolver({ session, palettes: this.#palettes, decoder: options.imageDecoder }),
    );
    this.#streams = this.#owned.add(
      new VideoStreams({
        ...options,
        decoders: options.streamDecoders,
        queue: this.#queue,
        isHidden: () => this.#isHidden,
        paint: (operation) => {
          this.#paintFrame(operation);
        },
      }),
    );
  }

  /**
   * Call once the channel's link is done: sends INIT, which must be the first message, and the preferences. Again after the
   * channel was handed over to another host that begins anew (clear the session before); not after a seamless migration, where
   * the other host goes on with what this one sent.
   */
  open(): void {
    if (this.#isOpen) this.#beginAnew();
    this.#isOpen = true;
    const { session, sendMessage, hasServerCapability, preferredCompression, preferredVideoCodecs } = this.#options;
    sendMessage(DISPLAY_CLIENT_MESSAGE.init, encodeInit(session));
    if (preferredCompression !== undefined && hasServerCapability(DISPLAY_CAPABILITY.prefCompression)) {
      sendMessage(DISPLAY_CLIENT_MESSAGE.preferredCompression, encodePreferredCompression(preferredCompression));
    }
    if (preferredVideoCodecs !== undefined && hasServerCapability(DISPLAY_CAPABILITY.prefVideoCodecType)) {
      sendMessage(DISPLAY_CLIENT_MESSAGE.preferredVideoCodecType, encodePreferredVideoCodecs(preferredVideoCodecs));
    }
  }

  /**
   * One message of the channel that is not common to all channels. Throws, or rejects with, ProtocolError. A promise: too much
   * waits already (or other channels must come first); give the next message only after it.
   */
  handleMessage(message: { readonly type: number; readonly body: Uint8Array }): void | Promise<void> {
    if (this.#owned.isDisposed) return;
    if (this.#failure !== undefined) throw this.#failure;
    const wait = this.#handle(parseDisplayMessage(message.type, message.body), message.type);
    if (wait instanceof Promise) return wait;
    if (this.#queue.isFull) return this.#queue.whenRoom();
  }

  get primary(): Surface | undefined {
    return this.#surfaces.primary;
  }

  surface(surfaceId: number): Surface | undefined {
    return this.#surfaces.find(surfaceId);
  }

  /** The monitors, in the server's order; one for the whole primary surface when the server named none. */
  get heads(): readonly Head[] {
    return this.#surfaces.heads;
  }

  get isMarked(): boolean {
    return this.#surfaces.isMarked;
  }

  /** Where the surface changed since the last call; within its bounds, few and possibly overlapping. */
  takeDamage(surfaceId: number): readonly Rect[] {
    return this.#surfaces.takeDamage(surfaceId);
  }

  /** Hidden: everything is still drawn, but MJPEG frames only once a second. */
  setHidden(isHidden: boolean): void {
    this.#isHidden = isHidden;
  }

  /** Call when the multimedia clock jumps: frames that wait look at it again. */
  handleClockSet(): void {
    this.#streams.reschedule();
  }

  dispose(): void {
    this.#owned.dispose();
    this.#surfaces.clear();
    this.#palettes.clear();
  }

  /** The primary stays on the screen until the other host makes its own. */
  #beginAnew(): void {
    this.#streams.destroyAll();
    this.#palettes.clear();
    this.#formatBySurfaceId.clear();
    const { primary } = this;
    if (primary !== undefined) this.#formatBySurfaceId.set(primary.id, primary.format);
    this.#enqueue(DISPLAY_MESSAGE.reset, () => {
      this.#surfaces.keepPrimaryOnly();
    });
  }

  #handle(message: DisplayMessage, type: number): void | Promise<void> {
    switch (message.message) {
      case "draw":
        this.#handleDraw(message.operation, type);
        return;
      case "mode":
        this.#createSurface(surfaceOfMode(message), type);
        return;
      case "surfaceCreate":
        this.#createSurface({ ...message, format: surfaceFormatOf(message.format) }, type);
        return;
      case "surfaceDestroy":
        this.#formatBySurfaceId.delete(message.surfaceId);
        this.#enqueue(type, () => {
          this.#surfaces.destroy(message.surfaceId);
        });
        return;
      case "mark":
        this.#enqueue(type, () => {
          this.#surfaces.setMarked(true);
        });
        return;
      case "reset":
        this.#palettes.clear();
        this.#enqueue(type, () => {
          this.#surfaces.clearPrimary();
          this.#surfaces.setMarked(false);
        });
        return;
      case "monitorsConfig":
        this.#enqueue(type, () => {
          this.#surfaces.configureHeads(message.heads, message.maxHeads);
        });
        return;
      case "glScanoutUnix":
        this.#tellOfSharedMemory();
        return;
      case "glDraw":
        this.#tellOfSharedMemory();
        // Without an answer the guest would stand still.
        this.#options.sendMessage(DISPLAY_CLIENT_MESSAGE.glDrawDone, new Uint8Array(0));
        return;
      case "qualityIndicator":
        return;
      case "invalList":
      case "invalAllPixmaps":
      case "invalPalette":
      case "invalAllPalettes":
        return this.#handleInvalidation(message);
      default:
        this.#handleStream(message);
    }
  }

  #handleInvalidation(message: DisplayMessage): void | Promise<void> {
    const { imageCache } = this.#options.session;
    if (message.message === "invalPalette") this.#palettes.remove(message.paletteId);
    else if (message.message === "invalAllPalettes") this.#palettes.clear();
    else if (message.message === "invalList") for (const id of message.imageIds) imageCache.remove(id);
    else if (message.message === "invalAllPixmaps") {
      const others = this.#options.waitForChannels?.(message.waits);
      if (others instanceof Promise) {
        return others.then(() => {
          imageCache.clear();
        });
      }
      imageCache.clear();
    }
  }

  #handleStream(message: DisplayMessage): void {
    switch (message.message) {
      case "streamCreate":
        this.#streams.create(message);
        return;
      case "streamData":
        this.#streams.receive(message);
        return;
      case "streamClip":
        this.#streams.setClip(message.streamId, message.clip);
        return;
      case "streamActivateReport":
        this.#streams.activateReport(message);
        return;
      case "streamDestroy":
        this.#streams.destroy(message.streamId);
        return;
      case "streamDestroyAll":
        this.#streams.destroyAll();
        return;
      default:
        throw new ProtocolError("malformed", `${message.message} is not handled`);
    }
  }

  #createSurface(create: SurfaceCreate, type: number): void {
    this.#formatBySurfaceId.set(create.surfaceId, create.format);
    this.#enqueue(type, () => {
      this.#surfaces.create(create);
    });
  }

  #handleDraw(parsed: ParsedDraw, type: number): void {
    const format = this.#formatBySurfaceId.get(parsed.base.surfaceId);
    const waitsFor: Promise<PixelImage>[] = [];
    let pixels = 0;
    const operation = withImages(parsed, (image, use) => {
      const resolved = this.#images.resolve(image, { use, format });
      if (resolved.kind === "decoding") waitsFor.push(resolved.promise);
      pixels += image.width * image.height;
      return resolved;
    });
    this.#queue.add({
      name: describeMessage("display", type),
      run: () => {
        this.#draw(operation);
      },
      waitsFor,
      pixels,
    });
  }

  #enqueue(type: number, run: () => void): void {
    this.#queue.add({ name: describeMessage("display", type), run });
  }

  #draw(operation: DrawOperation<ResolvedImage>): void {
    const { surfaceId, box, clip } = operation.base;
    const surface = this.#surfaces.get(surfaceId);
    const complete = withImages(operation, (resolved): PixelImage => {
      if (resolved.kind === "surface") return this.#surfaces.get(resolved.surfaceId);
      if (resolved.image === undefined) throw new Error("an operation ran before its picture was there");
      return resolved.image;
    });
    drawOn(surface, complete);
    this.#surfaces.damage(surfaceId, box, clip);
  }

  /** The surface may be gone by the time the frame is due. */
  #paintFrame(operation: DrawOperation): void {
    const { surfaceId, box, clip } = operation.base;
    const surface = this.#surfaces.find(surfaceId);
    if (surface === undefined) return;
    drawOn(surface, operation);
    this.#surfaces.damage(surfaceId, box, clip);
  }

  #tellOfSharedMemory(): void {
    if (this.#hasToldOfSharedMemory) return;
    this.#hasToldOfSharedMemory = true;
    this.#options.handleEvent({ event: "sharedMemoryOnly" });
  }

  #fail(error: Error): void {
    this.#failure = error;
    const { channelId, handleEvent } = this.#options;
    const name = channelId === 0 ? "display channel" : `display channel ${String(channelId)}`;
    const named = error instanceof ProtocolError ? new ProtocolError(error.reason, `${name}, ${error.message}`) : error;
    handleEvent({ event: "failed", error: named });
  }
}
