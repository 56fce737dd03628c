import type { ProtocolError } from "../../bytes/protocol-error.ts";
import type { PixelImage } from "../codecs/pixel-image.ts";

/** SPICE_SURFACE_FMT_*, by name. */
export type SurfaceFormat = "a1" | "a8" | "rgb555" | "rgb565" | "xrgb" | "argb";

/** One monitor of the guest: a part of a surface (MONITORS_CONFIG). Checked to lie within the coordinates of a surface. */
export interface Head {
  readonly monitorId: number;
  readonly surfaceId: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A surface as the painter sees it. Pixels change in place; `takeDamage` says where. */
export interface DisplaySurface extends PixelImage {
  readonly id: number;
  readonly format: SurfaceFormat;
}

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
  | { readonly event: "streamStarted"; readonly streamId: number; readonly codec: string }
  | { readonly event: "streamEnded"; readonly streamId: number; readonly stats: StreamStats }
  /** The server broke the protocol after `handleMessage` had returned (a picture that could not be decoded). Final. */
  | { readonly event: "failed"; readonly error: ProtocolError };

export interface StreamStats {
  readonly frames: number;
  /** Frames that came after their time, or could not be decoded. */
  readonly dropped: number;
  /** Frames not decoded because the console was hidden. */
  readonly skipped: number;
}
