import { RECORD_CAPABILITY } from "../../../../protocols/spice/constants/capabilities.ts";
import { PlaybackChannel } from "../../../../protocols/spice/sound/playback-channel.ts";
import { RecordChannel } from "../../../../protocols/spice/sound/record-channel.ts";
import { DisposableStore, type Disposable } from "../../../../shared/lifecycle/disposable.ts";
import type { OpusCodec } from "../media/sound-codecs.ts";
import type { FromWorker } from "../worker-messages.ts";
import type { ChannelEngine, ChannelWire } from "./channel-set.ts";
import type { MediaClock } from "./media-clock.ts";
import { SoundPlayer } from "./sound-player.ts";
import { SoundRecorder } from "./sound-recorder.ts";

export interface SoundChannelsOptions {
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
  readonly opus: OpusCodec | undefined;
  readonly mediaClock: MediaClock;
  /** The clock was set by what is heard. */
  readonly handleClockSet: () => void;
  readonly handleRemark: (text: string) => void;
}

/** The playback and the record channel of one connection. */
export class SoundChannels implements Disposable {
  readonly #options: SoundChannelsOptions;
  readonly #owned = new DisposableStore();
  #player: SoundPlayer | undefined;
  #recorder: SoundRecorder | undefined;

  constructor(options: SoundChannelsOptions) {
    this.#options = options;
  }

  createPlayback(): ChannelEngine {
    const { post, opus, mediaClock, handleClockSet, handleRemark } = this.#options;
    const player = this.#owned.add(
      new SoundPlayer({
        post,
        opus,
        handleHeard: (mediaMs, queuedMs) => {
          mediaClock.setHeard(mediaMs, queuedMs);
          handleClockSet();
        },
        handleRemark,
      }),
    );
    // After a move to another host that begins anew.
    if (this.#player !== undefined) this.#owned.delete(this.#player);
    this.#player = player;
    const playback = new PlaybackChannel({ handleEvent: (event) => player.handle(event) });
    return {
      handleMessage: (message) => playback.handleMessage(message),
      handleEnd: () => this.#owned.delete(player),
    };
  }

  createRecord(wire: ChannelWire): ChannelEngine {
    const { post, opus, mediaClock } = this.#options;
    const record: RecordChannel = new RecordChannel({
      sendMessage: wire.sendMessage,
      handleEvent: (event) => recorder.handle(event),
    });
    const recorder = this.#owned.add(
      new SoundRecorder({
        post,
        channel: () => record,
        opus,
        hasServerOpus: () => wire.hasServerCapability(RECORD_CAPABILITY.opus),
        mediaNowMs: () => mediaClock.mediaNowMs,
      }),
    );
    if (this.#recorder !== undefined) this.#owned.delete(this.#recorder);
    this.#recorder = recorder;
    return {
      handleMessage: (message) => record.handleMessage(message),
      handleEnd: () => this.#owned.delete(recorder),
    };
  }

  /** The user lets the guest hear; undefined: no more. */
  setMicrophone(port: MessagePort | undefined): void {
    if (port === undefined) this.#recorder?.stopListening();
    else if (this.#recorder === undefined) port.close();
    else this.#recorder.listen(port);
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
