import type { Surface } from "../canvas/surface.ts";
import type { VideoCodec } from "./media-decoders.ts";

/** One monitor of the guest: a part of a surface (MONITORS_CONFIG). */
export interface Head {
  readonly monitorId: number;
  readonly surfaceId: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A surface as the painter sees it. Pixels change in place; `takeDamage` says where. */
export type DisplaySurface = Surface;

/** What a display channel tells. Events come in the order of the server's messages. */
export type DisplayEvent =
  /** The primary surface was made, or made anew with another size. It is black until drawn on. */
  | { readonly event: "primaryCreated"; readonly surface: DisplaySurface }
  /** There is nothing to show until the next `primaryCreated`; the last picture may stay. */
  | { readonly event: "primaryDestroyed" }
  /** MARK: true = the picture is complete and may be shown for the first time; false = after RESET. */
  | { readonly event: "marked"; readonly isMarked: boolean }
  | { readonly event: "headsChanged"; readonly heads: readonly Head[]; readonly maxHeads: number }
  /** Something was drawn on this surface since the last `takeDamage` of it. Once until damage is taken. */
  | { readonly event: "damaged"; readonly surfaceId: number }
  /** Said once: the guest's picture lies in the server's graphics memory (GL_SCANOUT_UNIX) and does not travel. */
  | { readonly event: "sharedMemoryOnly" }
  | { readonly event: "streamStarted"; readonly streamId: number; readonly codec: VideoCodec }
  | { readonly event: "streamEnded"; readonly streamId: number; readonly stats: StreamStats }
  /**
   * What went wrong after `handleMessage` had returned (a picture that could not be decoded). A ProtocolError names channel and
   * message; any other error is a bug of ours. Nothing is drawn any more.
   */
  | { readonly event: "failed"; readonly error: Error };

export interface StreamStats {
  readonly frames: number;
  /** Frames that came after their time, or could not be decoded. */
  readonly dropped: number;
  /** Frames not decoded because the console was hidden. */
  readonly skipped: number;
}
