import { duplexPair, type Duplex } from "node:stream";
import { AppError, cancelled } from "../../../shared/errors/app-error.ts";
import type { ConsoleId, GuestId, HostId } from "../../../shared/contracts/ids.ts";
import type { PowerAction } from "../../../shared/contracts/inventory.ts";
import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../../shared/lifecycle/event.ts";
import type { Capabilities, ConsoleEndpoint, GuestChange, HostLink, OpenConsoleOptions, Picture } from "../provider.ts";
import { encodePpm } from "./drawing/ppm.ts";
import { SampleGuest, type Clock, type SampleGuestPlan } from "./sample-guest.ts";

/** A viewer that is this far behind makes the guest wait. Two raw full screens would be more; one packed one is less. */
const STREAM_HIGH_WATER_BYTES = 256 * 1024;

/** The host inside this process: no wire, no login, never lost. */
export class SampleLink implements HostLink {
  readonly #owned = new DisposableStore();
  readonly #guestById = new Map<GuestId, SampleGuest>();
  readonly onClosed = new Emitter<AppError>().event;
  readonly capabilities: Capabilities = {
    power: (guestId, action) => this.#power(guestId, action),
    screenshot: (guestId) => this.#screenshot(guestId),
  };

  constructor(plans: readonly SampleGuestPlan[], hostId: HostId, now: Clock) {
    for (const plan of plans) {
      const guest = this.#owned.add(new SampleGuest(plan, hostId, now));
      this.#guestById.set(guest.id, guest);
    }
  }

  watch(publish: (change: GuestChange) => void): Disposable {
    const watching = this.#owned.add(new DisposableStore());
    const guests = [...this.#guestById.values()];
    for (const guest of guests) {
      watching.add(guest.onChange(() => publish({ kind: "changed", guests: [guest.snapshot] })));
    }
    watching.defer(() => {
      this.#owned.delete(watching);
    });
    publish({ kind: "all", guests: guests.map((guest) => guest.snapshot) });
    return watching;
  }

  openConsole(guestId: GuestId, consoleId: ConsoleId, options: OpenConsoleOptions): Promise<ConsoleEndpoint> {
    return settled(() => {
      if (options.signal.aborted) throw cancelled();
      const guest = this.#guest(guestId);
      const console = guest.snapshot.consoles.find(({ id }) => id === consoleId);
      if (console === undefined) throw new AppError("NOT_FOUND", "no such console", { what: "The console" });
      const streams = new DisposableStore();
      return {
        protocol: console.protocol,
        openStream: ({ signal }) => settled(() => this.#openStream(guest, consoleId, streams, signal)),
        dispose: () => {
          this.#owned.delete(streams);
        },
      };
    });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #openStream(guest: SampleGuest, consoleId: ConsoleId, streams: DisposableStore, signal: AbortSignal): Duplex {
    if (signal.aborted) throw cancelled();
    const [near, far] = duplexPair({ highWaterMark: STREAM_HIGH_WATER_BYTES });
    const viewer = guest.serve(consoleId, far);
    if (viewer === undefined) {
      near.destroy();
      far.destroy();
      throw new AppError("GUEST_OFF", "the guest is off");
    }
    // A duplex pair does not pass on `destroy` by itself.
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
    this.#owned.add(streams);
    streams.add(viewer);
    near.once("close", () => {
      streams.delete(viewer);
    });
    return near;
  }

  #power(guestId: GuestId, action: PowerAction): Promise<void> {
    return settled(() => {
      if (this.#guest(guestId).perform(action)) return;
      throw new AppError("HOST_ACTION_FAILED", "not possible in this state", {
        action,
        reason: "the guest is not in a state for it",
      });
    });
  }

  #screenshot(guestId: GuestId): Promise<Picture> {
    return settled(() => {
      const screen = this.#guest(guestId).currentScreen();
      if (screen === undefined) throw new AppError("GUEST_OFF", "the guest shows no picture");
      return { mediaType: "image/x-portable-pixmap", bytes: encodePpm(screen.canvas) };
    });
  }

  #guest(guestId: GuestId): SampleGuest {
    const guest = this.#owned.isDisposed ? undefined : this.#guestById.get(guestId);
    if (guest === undefined) throw new AppError("NOT_FOUND", "no such guest", { what: "The guest" });
    return guest;
  }
}

/** A call that is done at once, with its error as a rejection. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
