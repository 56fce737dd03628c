import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { ChannelKind } from "../constants/channel-kind.ts";
import type { ListedChannel, MigrationTarget } from "./main-messages.ts";

/**
 * Follows a guest to another host: told what the main channels say and which channels opened, it says what to do. Three
 * ways (spice.proto, MainChannel; the server chooses):
 *
 * - switch host: the guest has moved; connect to the other host anew (`reconnect`).
 * - semi-seamless: all channels are opened at the other host while the guest still runs here (`openChannel`); at
 *   MIGRATE_END the main channel moves, and when the other host says INIT, the others; pictures and caches begin anew.
 * - seamless: the same, but the other host takes over each channel's state, which the client carries: the old host ends
 *   each channel by MIGRATE (and MIGRATE_DATA), whereupon that channel moves and goes on as if nothing had been.
 *
 * A "candidate" is the SpiceChannel to the other host; it starts on hold. The main one goes on for the
 * handshake and is put on hold again when that is over (`holdMain`). INVARIANT: candidates exist in the phases "opening" and "ready" and, for channels that have
 * not moved, "moving"; whoever leaves those without moving them emits `discardCandidates`.
 */
export type MigrationAction =
  /** Open a candidate at the other host; answer with candidateOpened or candidateFailed. Main comes first and alone. */
  | { readonly kind: "openChannel"; readonly channel: ListedChannel; readonly target: MigrationTarget }
  /** On the main candidate: MainChannel.requestSeamless. */
  | { readonly kind: "requestSeamless"; readonly sourceVersion: number }
  /** The main candidate has said what it had to say: SpiceChannel.hold. */
  | { readonly kind: "holdMain" }
  /** On the old main channel: MainChannel.answerMigrateBegin. */
  | { readonly kind: "answer"; readonly answer: "connected" | "connectedSeamless" | "failed" }
  /**
   * SpiceChannel.switchTo the candidate. "restart": forget the channel's pictures and caches before; for the main channel
   * then send expectInitAfterMove and sendMigrateEnd.
   */
  | { readonly kind: "move"; readonly channel: ListedChannel; readonly serials: "keep" | "restart" }
  /** Close all candidates that have not been moved. */
  | { readonly kind: "discardCandidates" }
  /** Close everything and connect to the other host as at the beginning. */
  | { readonly kind: "reconnect"; readonly target: MigrationTarget }
  /** All channels are at the other host, which is the session's host from now on. */
  | { readonly kind: "finished"; readonly target: MigrationTarget };

type State =
  | { readonly phase: "idle" }
  | {
      readonly phase: "opening";
      readonly target: MigrationTarget;
      readonly channels: readonly ListedChannel[];
      /** Keys of channels whose candidate is not open yet. */
      readonly missing: Set<string>;
      readonly sourceVersion: number | undefined;
      /** What the other host said to requestSeamless; undefined before, and where it was not asked. */
      readonly seamlessAnswer: boolean | undefined;
      readonly isAnswerAwaited: boolean;
    }
  | {
      readonly phase: "ready";
      readonly target: MigrationTarget;
      readonly channels: readonly ListedChannel[];
      readonly isSeamless: boolean;
    }
  /** Seamless: channels move one after the other. */
  | { readonly phase: "moving"; readonly target: MigrationTarget; readonly left: Map<string, ListedChannel> }
  /** Semi-seamless: the main channel has moved, the others wait for the other host's INIT. */
  | { readonly phase: "awaitingInit"; readonly target: MigrationTarget; readonly channels: readonly ListedChannel[] };

const MAIN: ListedChannel = { kind: "main", channelId: 0 };

const keyOf = ({ kind, channelId }: { kind: ChannelKind; channelId: number }): string => `${kind}:${String(channelId)}`;

export class MigrationEngine {
  readonly #handleAction: (action: MigrationAction) => void;
  #state: State = { phase: "idle" };

  constructor(options: { handleAction: (action: MigrationAction) => void }) {
    this.#handleAction = options.handleAction;
  }

  get isIdle(): boolean {
    return this.#state.phase === "idle";
  }

  /** MIGRATE_BEGIN (version undefined) or MIGRATE_BEGIN_SEAMLESS. `channels`: those that are open here. */
  handleBegin(options: {
    readonly target: MigrationTarget;
    readonly seamlessVersion: number | undefined;
    readonly channels: readonly ListedChannel[];
  }): void {
    // A server that begins anew has given the first attempt up without a word.
    this.#giveUp();
    if (this.#state.phase !== "idle") throw new ProtocolError("malformed", "a migration begins within another");
    const channels = [MAIN, ...options.channels.filter(({ kind }) => kind !== "main")];
    this.#state = {
      phase: "opening",
      target: options.target,
      channels,
      missing: new Set(channels.map(keyOf)),
      sourceVersion: options.seamlessVersion,
      seamlessAnswer: undefined,
      isAnswerAwaited: false,
    };
    this.#handleAction({ kind: "openChannel", channel: MAIN, target: options.target });
  }

  /** The link of a candidate has ended well. For main: whether the other host has the SEAMLESS_MIGRATE capability. */
  candidateOpened(channel: ListedChannel, options: { readonly hasSeamlessMigrate?: boolean } = {}): void {
    const state = this.#state;
    if (state.phase !== "opening" || !state.missing.delete(keyOf(channel))) return;
    if (channel.kind === "main") this.#handleMainCandidate(state, options.hasSeamlessMigrate === true);
    this.#answerWhenComplete();
  }

  /** A candidate could not be opened, or broke before it was needed. */
  candidateFailed(channel: ListedChannel): void {
    const { phase } = this.#state;
    if (phase === "opening") {
      this.#giveUp();
      this.#handleAction({ kind: "answer", answer: "failed" });
    } else if (phase === "ready" && channel.kind !== "main") {
      // Too late to tell the old host; the session goes on here, or ends with it.
      this.#giveUp();
    }
  }

  /** MIGRATE_DST_SEAMLESS_ACK or _NACK of the main candidate. */
  handleSeamlessAnswer(isAccepted: boolean): void {
    const state = this.#state;
    if (state.phase !== "opening" || !state.isAnswerAwaited) {
      throw new ProtocolError("malformed", "an answer that nothing asked for");
    }
    this.#state = { ...state, seamlessAnswer: isAccepted, isAnswerAwaited: false };
    this.#handleAction({ kind: "holdMain" });
    this.#answerWhenComplete();
  }

  /** MIGRATE_CANCEL: the guest stays here. */
  handleCancel(): void {
    const { phase } = this.#state;
    if (phase === "moving" || phase === "awaitingInit") {
      throw new ProtocolError("malformed", "a migration is cancelled after channels have moved");
    }
    this.#giveUp();
  }

  /** MIGRATE_END: the guest runs at the other host (semi-seamless). */
  handleEnd(): void {
    const state = this.#state;
    if (state.phase !== "ready" || state.isSeamless) {
      throw new ProtocolError("malformed", "a migration ends that was not prepared");
    }
    this.#state = { phase: "awaitingInit", target: state.target, channels: state.channels };
    this.#handleAction({ kind: "move", channel: MAIN, serials: "restart" });
  }

  /** INIT of the main channel; of use after a move only. */
  handleInit(): void {
    const state = this.#state;
    if (state.phase !== "awaitingInit") return;
    this.#state = { phase: "idle" };
    for (const channel of state.channels) {
      if (channel.kind !== "main") this.#handleAction({ kind: "move", channel, serials: "restart" });
    }
    this.#handleAction({ kind: "finished", target: state.target });
  }

  /** A channel's event "migrate": the old host has ended it (seamless). */
  handleChannelMigrate(channel: ListedChannel): void {
    if (this.#state.phase === "ready" && this.#state.isSeamless) {
      const left = new Map(this.#state.channels.map((one) => [keyOf(one), one]));
      this.#state = { phase: "moving", target: this.#state.target, left };
    }
    const state = this.#state;
    if (state.phase !== "moving" || !state.left.delete(keyOf(channel))) {
      throw new ProtocolError("malformed", "a channel is handed over without a migration");
    }
    if (state.left.size === 0) this.#state = { phase: "idle" };
    this.#handleAction({ kind: "move", channel, serials: "keep" });
    if (state.left.size === 0) this.#handleAction({ kind: "finished", target: state.target });
  }

  /** MIGRATE_SWITCH_HOST: the guest has moved, and nothing was prepared. */
  handleSwitchHost(target: MigrationTarget): void {
    this.#giveUp();
    this.#state = { phase: "idle" };
    this.#handleAction({ kind: "reconnect", target });
  }

  #handleMainCandidate(state: State & { phase: "opening" }, hasSeamlessMigrate: boolean): void {
    if (state.sourceVersion !== undefined && hasSeamlessMigrate) {
      this.#state = { ...state, isAnswerAwaited: true };
      this.#handleAction({ kind: "requestSeamless", sourceVersion: state.sourceVersion });
    } else this.#handleAction({ kind: "holdMain" });
    for (const channel of state.channels) {
      if (channel.kind !== "main") this.#handleAction({ kind: "openChannel", channel, target: state.target });
    }
  }

  #answerWhenComplete(): void {
    const state = this.#state;
    if (state.phase !== "opening" || state.missing.size > 0 || state.isAnswerAwaited) return;
    const isSeamless = state.seamlessAnswer === true;
    this.#state = { phase: "ready", target: state.target, channels: state.channels, isSeamless };
    this.#handleAction({ kind: "answer", answer: isSeamless ? "connectedSeamless" : "connected" });
  }

  /** Back to where the guest is, as long as nothing has moved. */
  #giveUp(): void {
    const { phase } = this.#state;
    if (phase !== "opening" && phase !== "ready") return;
    this.#state = { phase: "idle" };
    this.#handleAction({ kind: "discardCandidates" });
  }
}
