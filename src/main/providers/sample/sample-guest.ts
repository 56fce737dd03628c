import type { Duplex } from "node:stream";
import { ConsoleId, guestIdOf, type GuestId, type HostId } from "../../../shared/contracts/ids.ts";
import type {
  ConsoleDescription,
  GuestSnapshot,
  GuestState,
  PowerAction,
} from "../../../shared/contracts/inventory.ts";
import { DisposableStore, toDisposable, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { Emitter } from "../../../shared/lifecycle/event.ts";
import { every } from "../../../shared/lifecycle/timer.ts";
import { ScreenServer } from "./rfb/screen-server.ts";
import type { Screen } from "./screens/screen.ts";
import { TextShell } from "./text/text-shell.ts";

/** What a sample guest is made of. Screen and shell are made anew at each start of the guest. */
export interface SampleGuestPlan {
  readonly localId: string;
  readonly name: string;
  readonly title: string;
  readonly isOnAtFirst: boolean;
  readonly createScreen?: (nowMs: number) => Screen;
  readonly hasSerial: boolean;
}

export type Clock = () => number;

export const SCREEN_CONSOLE_ID = ConsoleId.parse("vnc");
export const SERIAL_CONSOLE_ID = ConsoleId.parse("serial0");

const ACTIONS: Readonly<Record<GuestState, readonly PowerAction[]>> = {
  running: ["shutdown", "reboot", "reset", "force-off", "pause"],
  paused: ["resume", "reset", "force-off"],
  off: ["start"],
  suspended: [],
  crashed: [],
  unknown: [],
};

/** One guest inside this process: its power state, its display while it runs, and who looks at it. */
export class SampleGuest implements Disposable {
  readonly id: GuestId;
  readonly #plan: SampleGuestPlan;
  readonly #hostId: HostId;
  readonly #now: Clock;
  readonly #changed = new Emitter<void>();
  readonly onChange = this.#changed.event;
  #state: GuestState;
  /** Made when somebody first looks: a guest that nobody looks at costs nothing. */
  #screen: Screen | undefined;
  #startedMs: number;
  /** Ends with the guest's current run: viewers and clocks. */
  #run = new DisposableStore();
  readonly #viewers = new Set<Disposable>();
  #ticking: Disposable | undefined;

  constructor(plan: SampleGuestPlan, hostId: HostId, now: Clock) {
    this.#plan = plan;
    this.#hostId = hostId;
    this.#now = now;
    this.id = guestIdOf(hostId, plan.localId);
    this.#state = plan.isOnAtFirst ? "running" : "off";
    this.#startedMs = now();
  }

  get snapshot(): GuestSnapshot {
    const consoles: ConsoleDescription[] = [];
    if (this.#plan.createScreen) consoles.push({ id: SCREEN_CONSOLE_ID, protocol: "vnc", label: "VNC" });
    if (this.#plan.hasSerial) consoles.push({ id: SERIAL_CONSOLE_ID, protocol: "serial", label: "Serial 0" });
    return {
      id: this.id,
      hostId: this.#hostId,
      name: this.#plan.name,
      title: this.#plan.title,
      state: this.#state,
      consoles,
      actions: [...ACTIONS[this.#state]],
      hasScreenshot: this.#state !== "off" && this.#plan.createScreen !== undefined,
    };
  }

  /** Brings the picture up to date and gives it; undefined when the guest is off or has no display. */
  currentScreen(): Screen | undefined {
    if (this.#state === "off") return undefined;
    this.#screen ??= this.#plan.createScreen?.(this.#startedMs);
    if (this.#state === "running") this.#screen?.tick(this.#now());
    return this.#screen;
  }

  /** True when the action was possible in the guest's state. */
  perform(action: PowerAction): boolean {
    if (!ACTIONS[this.#state].includes(action)) return false;
    switch (action) {
      case "start":
        this.#start();
        break;
      case "shutdown":
      case "force-off":
        this.#stop();
        break;
      case "reboot":
      case "reset":
        this.#stop();
        this.#start();
        break;
      case "pause":
        this.#state = "paused";
        this.#adjustTicking();
        break;
      case "resume":
        this.#state = "running";
        this.#adjustTicking();
        break;
    }
    this.#changed.fire();
    return true;
  }

  /** Serves a console on the guest's end of a stream until the stream or the guest's run ends. */
  serve(consoleId: ConsoleId, stream: Duplex): Disposable | undefined {
    if (this.#state === "off") return undefined;
    const server = this.#createServer(consoleId, stream);
    if (server === undefined) return undefined;
    const viewer = toDisposable(() => {
      this.#viewers.delete(viewer);
      this.#run.delete(server);
      this.#adjustTicking();
    });
    this.#viewers.add(viewer);
    this.#run.add(server);
    stream.once("close", () => {
      viewer.dispose();
    });
    this.#adjustTicking();
    return viewer;
  }

  dispose(): void {
    for (const viewer of [...this.#viewers]) viewer.dispose();
    this.#run.dispose();
    this.#ticking?.dispose();
    this.#changed.dispose();
  }

  #createServer(consoleId: ConsoleId, stream: Duplex): Disposable | undefined {
    if (consoleId === SCREEN_CONSOLE_ID) {
      const screen = this.currentScreen();
      return screen && new ScreenServer(screen, stream);
    }
    if (consoleId === SERIAL_CONSOLE_ID && this.#plan.hasSerial) {
      return new TextShell(stream, { hostName: this.#plan.name, now: this.#now });
    }
    return undefined;
  }

  #start(): void {
    this.#state = "running";
    this.#run.dispose();
    this.#run = new DisposableStore();
    this.#startedMs = this.#now();
  }

  #stop(): void {
    this.#state = "off";
    for (const viewer of [...this.#viewers]) viewer.dispose();
    this.#run.dispose();
    this.#screen = undefined;
    this.#adjustTicking();
  }

  /** The picture moves only while somebody looks at it. */
  #adjustTicking(): void {
    const tickMs = this.#screen?.tickMs;
    const isWanted = this.#state === "running" && this.#viewers.size > 0 && tickMs !== undefined;
    if (!isWanted) {
      this.#ticking?.dispose();
      this.#ticking = undefined;
    } else {
      this.#ticking ??= every(tickMs, () => this.#screen?.tick(this.#now()));
    }
  }
}
