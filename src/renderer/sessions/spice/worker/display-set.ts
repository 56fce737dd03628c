import { DisplayChannel, type DisplayChannelOptions } from "../../../../protocols/spice/display/display-channel.ts";
import type { DisplayEvent, Head } from "../../../../protocols/spice/display/display-events.ts";
import { DisplaySession } from "../../../../protocols/spice/display/display-session.ts";
import type { Disposable } from "../../../../shared/lifecycle/disposable.ts";
import type { SpiceMedia } from "../media/spice-media.ts";
import type { ScreenFacts } from "../worker-messages.ts";
import type { FrameClock } from "./frame-clock.ts";
import { areaOf, type ShownHead } from "./head-view.ts";
import type { MediaClock } from "./media-clock.ts";
import { Presenter } from "./presenter.ts";

export interface DisplaySetOptions {
  readonly clock: FrameClock;
  readonly mediaClock: MediaClock;
  readonly media: SpiceMedia;
  /** `limit`: as many as the guest's cards can have. */
  readonly handleScreens: (screens: readonly ScreenFacts[], limit: number) => void;
  readonly handlePresented: (viewId: number, size: { readonly widthPx: number; readonly heightPx: number }) => void;
  /** What cannot be shown, for the user. */
  readonly handleRemark: (text: string) => void;
  readonly handleFailure: (error: Error) => void;
}

/** A screen of the guest: a head of one of its display channels. */
export interface Screen {
  readonly channelId: number;
  readonly head: Head;
}

/** All display channels of one connection, and the guest's screens, which lie on them. */
export class DisplaySet implements Disposable {
  readonly presenter: Presenter;
  readonly #options: DisplaySetOptions;
  readonly #session = new DisplaySession();
  readonly #channelById = new Map<number, DisplayChannel>();
  readonly #maxHeadsByChannelId = new Map<number, number>();
  #screens: readonly Screen[] = [];

  constructor(options: DisplaySetOptions) {
    this.#options = options;
    this.presenter = new Presenter({
      clock: options.clock,
      shownAt: (index) => this.shownAt(index),
      collectDamage: () => {
        this.#collectDamage();
      },
      handlePresented: options.handlePresented,
    });
  }

  get screens(): readonly Screen[] {
    return this.#screens;
  }

  /** Adds a channel whose link is under way. */
  add(
    channelId: number,
    wire: Pick<DisplayChannelOptions, "sendMessage" | "hasServerCapability" | "waitForChannels">,
  ): DisplayChannel {
    const { media, mediaClock } = this.#options;
    const channel = new DisplayChannel({
      channelId,
      ...wire,
      session: this.#session,
      imageDecoder: media.imageDecoder,
      streamDecoders: media.videoDecoders,
      clock: mediaClock,
      preferredVideoCodecs: media.videoCodecs,
      handleEvent: (event) => {
        this.#handle(channelId, event);
      },
    });
    channel.setHidden(!this.presenter.hasVisibleView);
    this.#channelById.set(channelId, channel);
    return channel;
  }

  /** The channel ended; its screens go, those of the others stay. */
  remove(channelId: number): void {
    this.#channelById.get(channelId)?.dispose();
    this.#channelById.delete(channelId);
    this.#updateScreens();
  }

  /** Forgets what the channels share, for a host that begins anew. */
  clearShared(): void {
    this.#session.clear();
  }

  /** Which views are shown has changed. */
  updateVisibility(): void {
    const isHidden = !this.presenter.hasVisibleView;
    for (const channel of this.#channelById.values()) channel.setHidden(isHidden);
  }

  /** The media clock was set anew. */
  handleClockSet(): void {
    for (const channel of this.#channelById.values()) channel.handleClockSet();
  }

  shownAt(screenIndex: number): ShownHead | undefined {
    const screen = this.#screens[screenIndex];
    const surface = screen && this.#channelById.get(screen.channelId)?.surface(screen.head.surfaceId);
    return screen === undefined || surface === undefined ? undefined : { surface, head: screen.head };
  }

  /** A PNG of a screen, from its pixels in memory. */
  async screenshot(screenIndex: number): Promise<Blob | undefined> {
    const shown = this.shownAt(screenIndex);
    if (shown === undefined) return undefined;
    const { surface } = shown;
    const { left, top, right, bottom } = areaOf(shown);
    if (right === left || bottom === top) return undefined;
    const canvas = new OffscreenCanvas(right - left, bottom - top);
    const context = canvas.getContext("2d", { alpha: false });
    const bytes = new Uint8ClampedArray(surface.pixels.buffer, surface.pixels.byteOffset, surface.pixels.byteLength);
    context?.putImageData(new ImageData(bytes, surface.width, surface.height), -left, -top);
    return canvas.convertToBlob({ type: "image/png" });
  }

  dispose(): void {
    this.presenter.dispose();
    for (const channel of this.#channelById.values()) channel.dispose();
    this.#channelById.clear();
    this.#session.dispose();
  }

  #handle(channelId: number, event: DisplayEvent): void {
    const { handleRemark, handleFailure } = this.#options;
    switch (event.event) {
      case "primaryCreated":
      case "headsChanged":
        if (event.event === "headsChanged") this.#maxHeadsByChannelId.set(channelId, event.maxHeads);
        this.#updateScreens();
        this.presenter.update();
        return;
      case "damaged":
      case "marked":
        this.presenter.update();
        return;
      case "sharedMemoryOnly":
        handleRemark(
          "This guest draws in its host's graphics memory (GL), which cannot be shown from here. Switch 3D acceleration off for it.",
        );
        return;
      case "failed":
        handleFailure(event.error);
        return;
      case "primaryDestroyed":
      case "streamStarted":
      case "streamEnded":
        return;
    }
  }

  #updateScreens(): void {
    const channels = [...this.#channelById].sort(([a], [b]) => a - b);
    this.#screens = channels.flatMap(([channelId, channel]) =>
      channel.heads.map((head): Screen => ({ channelId, head })),
    );
    const limit = channels.reduce((sum, [channelId]) => sum + (this.#maxHeadsByChannelId.get(channelId) ?? 1), 0);
    this.#options.handleScreens(
      this.#screens.map(({ channelId, head }) => ({
        channelId,
        x: head.x,
        y: head.y,
        widthPx: head.width,
        heightPx: head.height,
      })),
      limit,
    );
  }

  #collectDamage(): void {
    for (const [channelId, channel] of this.#channelById) {
      const screens = this.#screens.flatMap((screen, index) =>
        screen.channelId === channelId ? [{ index, surfaceId: screen.head.surfaceId }] : [],
      );
      for (const surfaceId of new Set(screens.map((screen) => screen.surfaceId))) {
        const indexes = screens.filter((screen) => screen.surfaceId === surfaceId).map((screen) => screen.index);
        this.presenter.addDamage(indexes, channel.takeDamage(surfaceId));
      }
    }
  }
}
