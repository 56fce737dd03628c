import { INPUTS_CAPABILITY } from "../../../../protocols/spice/constants/capabilities.ts";
import { CursorChannel } from "../../../../protocols/spice/cursor/cursor-channel.ts";
import { InputsChannel } from "../../../../protocols/spice/inputs/inputs-channel.ts";
import { CLIENT_CAPABILITIES, displayCapabilities } from "../../../../protocols/spice/link/capabilities.ts";
import { MainChannel, type MainChannelEvent } from "../../../../protocols/spice/main/main-channel.ts";
import type { ListedChannel, MigrationTarget, MouseMode } from "../../../../protocols/spice/main/main-messages.ts";
import { SessionMover } from "../../../../protocols/spice/main/session-mover.ts";
import type { SpiceChannelEvent } from "../../../../protocols/spice/wire/spice-channel.ts";
import { AppError } from "../../../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../../../shared/lifecycle/disposable.ts";
import { drop } from "../../../../shared/lifecycle/drop.ts";
import type { StreamPass } from "../../../host-client/host-api.ts";
import type { SpiceMedia } from "../media/spice-media.ts";
import type { FromWorker, InputMessage, ScreenSize, ToWorker } from "../worker-messages.ts";
import { AgentBridge } from "./agent-bridge.ts";
import { ChannelSet, type ChannelEngine, type ChannelWire } from "./channel-set.ts";
import type { ChannelLink, OpenSocket } from "./channel-link.ts";
import { CursorNotes } from "./cursor-notes.ts";
import { DisplaySet } from "./display-set.ts";
import { reportOfFailure } from "./failure.ts";
import { HandleFolder } from "../folder/handle-folder.ts";
import { FolderShare } from "./folder-share.ts";
import type { FrameClock } from "./frame-clock.ts";
import { MediaClock } from "./media-clock.ts";
import { MonitorWishes } from "./monitor-wishes.ts";
import { PortSet } from "./port-set.ts";
import { PresentedNotes } from "./presented-notes.ts";
import { SoundChannels } from "./sound-channels.ts";
import { StreamRequests } from "./stream-requests.ts";
import { UsbSet } from "./usb-set.ts";

const MAIN_CHANNEL: ListedChannel = { kind: "main", channelId: 0 };

export interface SpiceClientOptions {
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  readonly openSocket: OpenSocket;
  readonly clock: FrameClock;
  readonly media: SpiceMedia;
}

/** One SPICE connection: its channels, and what the page wants of them. Runs in the worker; knows no DOM. */
export class SpiceClient implements Disposable {
  readonly #options: SpiceClientOptions;
  readonly #owned = new DisposableStore();
  readonly #requests: StreamRequests;
  readonly #notes: PresentedNotes;
  readonly #displays: DisplaySet;
  readonly #channels: ChannelSet;
  readonly #mediaClock: MediaClock;
  readonly #agent: AgentBridge;
  readonly #ports = new PortSet((message) => this.#post(message));
  readonly #usb = new UsbSet((message, transfer) => this.#post(message, transfer));
  readonly #sound: SoundChannels;
  readonly #folderShare = this.#owned.add(
    new FolderShare({ post: (message) => this.#post(message), handleFailure: (error) => this.#fail(error) }),
  );
  readonly #monitors = new MonitorWishes();
  readonly #remarks = new Set<string>();
  #address = "";
  #main: MainChannel | undefined;
  #mover: SessionMover<ChannelLink> | undefined;
  #inputs: InputsChannel | undefined;
  #mouseMode: MouseMode = "server";
  #hasEnded = false;

  constructor(options: SpiceClientOptions) {
    this.#options = options;
    const { clock, media, openSocket } = options;
    this.#requests = new StreamRequests((message) => this.#post(message));
    this.#notes = this.#owned.add(new PresentedNotes({ clock, post: (message) => this.#post(message) }));
    this.#mediaClock = new MediaClock(() => clock.now());
    this.#displays = this.#owned.add(
      new DisplaySet({
        clock,
        mediaClock: this.#mediaClock,
        media,
        handleScreens: (screens, limit) => this.#post({ kind: "screens", screens, limit }),
        handlePresented: (viewId, size) => this.#notes.add(viewId, size),
        handleRemark: (text) => this.#remark("error", text),
        handleFailure: (error) => this.#fail(error),
      }),
    );
    this.#sound = this.#owned.add(
      new SoundChannels({
        post: (message, transfer) => this.#post(message, transfer),
        opus: media.opus,
        mediaClock: this.#mediaClock,
        handleClockSet: () => {
          this.#displays.handleClockSet();
        },
        handleRemark: (text) => this.#remark("error", text),
      }),
    );
    this.#agent = new AgentBridge({
      main: () => this.#main,
      post: (message) => this.#post(message),
      handleReady: () => this.#sendMonitors(),
    });
    this.#channels = this.#owned.add(
      new ChannelSet({
        openSocket,
        requestStream: (channel) => this.#requests.request(channel),
        handleNotify: (event) => this.#handleNotify(event),
        handleMigrate: (channel) => this.#mover?.handleChannelMigrate(channel),
        handleFailure: (error) => this.#fail(error),
      }),
    );
  }

  handle(message: ToWorker): void {
    if (this.#hasEnded) return;
    switch (message.kind) {
      case "start":
        this.#address = message.address;
        this.#startMain(message.pass);
        return;
      case "streamReady":
        this.#requests.handleReady(message.requestId, message.pass);
        return;
      case "streamRefused":
        this.#requests.handleRefused(message.requestId, message.error);
        return;
      case "attachView":
        this.#displays.presenter.attach(message.viewId, { ...message, headIndex: message.screenIndex });
        this.#displays.updateVisibility();
        return;
      case "detachView":
        this.#displays.presenter.detach(message.viewId);
        this.#notes.remove(message.viewId);
        if (this.#monitors.delete(message.viewId)) this.#sendMonitors();
        this.#displays.updateVisibility();
        return;
      case "showView":
        this.#displays.presenter.setVisible(message.viewId, message.isVisible);
        this.#displays.updateVisibility();
        return;
      case "microphoneOn":
        this.#sound.setMicrophone(message.port);
        return;
      case "microphoneOff":
        this.#sound.setMicrophone(undefined);
        return;
      case "takeScreenshot":
        drop(this.#takeScreenshot(message.requestId, message.viewId));
        return;
      case "wishScreenSize":
        this.#wishScreenSize(message.viewId, message.size);
        return;
      case "shareClipboard":
      case "fetchClipboard":
      case "sendFile":
      case "cancelFile":
        this.#agent.handle(message);
        return;
      case "listenToPort":
      case "leavePort":
      case "writePort":
        this.#ports.handle(message);
        return;
      case "writeUsb":
        this.#usb.write(message);
        return;
      case "shareFolder":
        this.#folderShare.share(new HandleFolder(message.handle));
        return;
      case "unshareFolder":
        this.#folderShare.share(undefined);
        return;
      case "allowFolderWrites":
        this.#folderShare.setWritable(message.isWritable);
        return;
      default:
        this.#handleInput(message);
    }
  }

  dispose(): void {
    this.#hasEnded = true;
    this.#mover?.dispose();
    this.#owned.dispose();
  }

  #startMain(pass: StreamPass): void {
    this.#channels.add(MAIN_CHANNEL, pass, CLIENT_CAPABILITIES.main, (wire): ChannelEngine => {
      const main = new MainChannel({
        ...wire,
        agent: this.#agent.agent,
        handleEvent: (event) => this.#handleMain(event),
      });
      this.#main = main;
      this.#mover = this.#createMover(main);
      return {
        handleMessage: (message) => main.handleMessage(message),
        handleEnd: () => this.#fail(new AppError("REMOTE_CLOSED", "the far side closed the main channel", this.#where)),
      };
    });
  }

  /** Takes the console along when its guest moves to another host. */
  #createMover(main: MainChannel): SessionMover<ChannelLink> {
    const channels = this.#channels;
    return new SessionMover<ChannelLink>({
      main,
      listOpen: () => channels.open,
      channelOf: (channel) => channels.channelOf(channel),
      openCandidate: (request) => channels.openCandidate(request),
      resetEngine: (channel) => {
        if (channel.kind === "main") this.#displays.clearShared();
        // A display begins anew by itself when it is opened again, and keeps its picture until then.
        else if (channel.kind !== "display") channels.renewEngine(channel);
      },
      handleMoved: (channel, candidate) => {
        channels.takeOver(channel, candidate);
      },
      handleFinished: (target) => {
        channels.target = target;
      },
      handleReconnect: (target) => {
        drop(this.#reconnectAt(target));
      },
    });
  }

  /** The guest is at another host already, and nothing was prepared there: all begins anew. */
  async #reconnectAt(target: MigrationTarget): Promise<void> {
    const capabilities = CLIENT_CAPABILITIES.main;
    this.#channels.target = target;
    this.#channels.closeAll();
    this.#displays.clearShared();
    this.#agent.agent.handleDisconnected();
    try {
      const pass = await this.#channels.requestStream(MAIN_CHANNEL, { sessionId: 0, capabilities }, target);
      if (!this.#hasEnded) this.#startMain(pass);
    } catch (error) {
      this.#fail(error);
    }
  }

  #wishScreenSize(viewId: number, size: ScreenSize | undefined): void {
    const screenIndex = this.#displays.presenter.headIndexOf(viewId);
    if (screenIndex === undefined) return;
    if (size === undefined) this.#monitors.delete(viewId);
    else this.#monitors.set(viewId, { screenIndex, ...size }, this.#displays.screens.length);
    this.#sendMonitors();
  }

  #sendMonitors(): void {
    const screens = this.#displays.screens.map(({ head }) => ({ widthPx: head.width, heightPx: head.height }));
    const layout = this.#monitors.layout(screens);
    if (layout !== undefined) this.#agent.agent.setMonitors(layout);
  }

  get #where(): { readonly address: string } {
    return { address: this.#address };
  }

  #handleMain(event: MainChannelEvent): void {
    this.#mover?.handleMainEvent(event);
    switch (event.kind) {
      case "init":
        this.#mediaClock.set(event.init.mediaTimeMs);
        this.#post({ kind: "begun" });
        this.#setMouseMode(event.init.supportedMouseModes, event.init.mouseMode);
        return;
      case "channels":
        this.#openChannels(event.channels);
        return;
      case "mouseMode":
        this.#setMouseMode(event.supported, event.current);
        return;
      case "mediaTime":
        this.#mediaClock.set(event.timeMs);
        this.#displays.handleClockSet();
        return;
      default:
        return;
    }
  }

  #setMouseMode(supported: readonly MouseMode[], current: MouseMode): void {
    this.#mouseMode = current;
    this.#post({ kind: "mouseMode", mode: current });
    if (current === "server" && supported.includes("client")) this.#main?.requestMouseMode("client");
  }

  #openChannels(channels: readonly ListedChannel[]): void {
    for (const channel of channels) {
      if (this.#channels.has(channel)) continue;
      if (channel.kind === "display") this.#openDisplay(channel);
      else if (channel.kind === "inputs") this.#openInputs(channel);
      else if (channel.kind === "cursor") this.#openCursor(channel);
      else if (channel.kind === "usbredir") {
        this.#open(channel, CLIENT_CAPABILITIES.usbredir, (wire) => this.#usb.add(channel.channelId, wire));
      } else if (channel.kind === "port") {
        this.#open(channel, CLIENT_CAPABILITIES.port, (wire) => this.#ports.add(channel.channelId, wire));
      } else if (channel.kind === "webdav") {
        this.#open(channel, CLIENT_CAPABILITIES.webdav, (wire) => this.#folderShare.add(wire));
      } else if (channel.kind === "playback") {
        this.#open(channel, CLIENT_CAPABILITIES.playback, () => this.#sound.createPlayback());
      } else if (channel.kind === "record") {
        this.#open(channel, CLIENT_CAPABILITIES.record, (wire) => this.#sound.createRecord(wire));
      }
    }
  }

  #openDisplay(channel: ListedChannel): void {
    const { channelId } = channel;
    const codecs = this.#options.media.videoCodecs.filter((codec) => codec !== "mjpeg");
    this.#open(channel, displayCapabilities(codecs), (wire) => {
      const engine = this.#displays.add(channelId, wire);
      return {
        handleOpened: () => engine.open(),
        handleMessage: (message) => engine.handleMessage(message),
        handleEnd: () => this.#displays.remove(channelId),
      };
    });
  }

  #openInputs(channel: ListedChannel): void {
    this.#open(channel, CLIENT_CAPABILITIES.inputs, (wire) => {
      const inputs = new InputsChannel({
        sendMessage: wire.sendMessage,
        handleEvent: ({ locks }) => this.#post({ kind: "guestLockKeys", keys: locks }),
        hasKeyScancode: () => wire.hasServerCapability(INPUTS_CAPABILITY.keyScancode),
      });
      this.#inputs = inputs;
      return {
        handleMessage: (message) => inputs.handleMessage(message),
        handleEnd: () => {
          if (this.#inputs === inputs) this.#inputs = undefined;
        },
      };
    });
  }

  #openCursor(channel: ListedChannel): void {
    const { channelId } = channel;
    this.#open(channel, CLIENT_CAPABILITIES.cursor, () => {
      const notes = new CursorNotes({ channelId, post: (message) => this.#post(message) });
      const cursor = new CursorChannel({
        handleChange: (state) => {
          notes.handle(state, { isPlaceOfUse: this.#mouseMode === "server" });
        },
      });
      return { handleMessage: (message) => cursor.handleMessage(message) };
    });
  }

  /** Opens a channel. Without the first screen there is nothing to show; without any other the session goes on. */
  #open(
    channel: ListedChannel,
    capabilities: readonly number[],
    createEngine: (wire: ChannelWire) => ChannelEngine,
  ): void {
    const sessionId = this.#main?.init?.sessionId ?? 0;
    this.#channels.openFurther(channel, { sessionId, capabilities }, createEngine).catch((error: unknown) => {
      if (channel.kind === "display" && channel.channelId === 0) this.#fail(error);
      else this.#remark("error", `A part of this console could not be opened: ${channel.kind}.`);
    });
  }

  #handleInput(message: InputMessage): void {
    const inputs = this.#inputs;
    if (inputs === undefined) return;
    switch (message.kind) {
      case "key":
        if (message.isDown) inputs.pressKey(message.code);
        else inputs.releaseKey(message.code);
        return;
      case "lockKeys":
        inputs.setLocks(message.keys);
        return;
      case "pointerMoved":
        this.#movePointer(inputs, message);
        return;
      case "pointerMovedBy":
        inputs.moveBy(message.deltaX, message.deltaY);
        return;
      case "button":
        if (message.isDown) inputs.pressButton(message.button);
        else inputs.releaseButton(message.button);
        return;
      case "wheel":
        inputs.turnWheel(message.direction);
    }
  }

  /**
   * A tablet device covers the whole of the primary surface; the guest's agent takes places within one screen, whose number
   * is the head's where the first display channel has several, else the channel's.
   */
  #movePointer(inputs: InputsChannel, { viewId, x, y }: Extract<InputMessage, { kind: "pointerMoved" }>): void {
    const screenIndex = this.#displays.presenter.headIndexOf(viewId);
    const screen = screenIndex === undefined ? undefined : this.#displays.screens[screenIndex];
    if (screen === undefined) return;
    const { channelId, head } = screen;
    const displayId = channelId === 0 ? head.monitorId : channelId;
    if (this.#agent.agent.isReady) inputs.moveTo(x, y, displayId);
    else inputs.moveTo(x + head.x, y + head.y, displayId);
  }

  async #takeScreenshot(requestId: number, viewId: number): Promise<void> {
    const screenIndex = this.#displays.presenter.headIndexOf(viewId);
    const png = screenIndex === undefined ? undefined : await this.#displays.screenshot(screenIndex);
    this.#post({ kind: "screenshot", requestId, png });
  }

  #handleNotify({ severity, text }: Extract<SpiceChannelEvent, { kind: "notify" }>): void {
    // Servers warn of each plain connection, also of one that never leaves the computer.
    if (severity === "error" && text !== "") this.#remark("error", `The guest's host says: ${text}`);
  }

  #remark(tone: "info" | "error", text: string): void {
    if (this.#remarks.has(text)) return;
    this.#remarks.add(text);
    this.#post({ kind: "remark", tone, text });
  }

  #fail(error: unknown): void {
    if (this.#hasEnded) return;
    const report = reportOfFailure(error, this.#address);
    this.#post({ kind: "ended", error: report });
    this.dispose();
  }

  #post(message: FromWorker, transfer?: Transferable[]): void {
    if (!this.#hasEnded) this.#options.post(message, transfer);
  }
}
