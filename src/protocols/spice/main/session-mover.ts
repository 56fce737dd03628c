import { ProtocolError } from "../../bytes/protocol-error.ts";
import { hasCapability, MAIN_CAPABILITY } from "../constants/capabilities.ts";
import type { SpiceChannel, SpiceChannelEvent, SpiceMessage } from "../wire/spice-channel.ts";
import { MainChannel, type MainChannelEvent } from "./main-channel.ts";
import type { ListedChannel, MigrationTarget } from "./main-messages.ts";
import { type MigrationAction, MigrationEngine } from "./migration-engine.ts";

/** A channel to the other host, with the stream under it. */
export interface Candidate {
  readonly channel: SpiceChannel;
  /** Closes channel and stream. */
  dispose(): void;
}

/** How the candidate's SpiceChannel is to be made: with `startsOnHold` and no ChannelSerials, and with these. */
export interface CandidateRequest {
  readonly channel: ListedChannel;
  readonly target: MigrationTarget;
  readonly sessionId: number;
  readonly handleMessage: (message: SpiceMessage) => void;
  readonly handleEvent: (event: SpiceChannelEvent) => void;
  /** To be called when its stream ends before it was moved. */
  readonly handleEnd: () => void;
}

export interface SessionMoverOptions<C extends Candidate> {
  /** The session's own main channel. */
  readonly main: MainChannel;
  /** The session's channels that are open, main included or not. */
  readonly listOpen: () => readonly ListedChannel[];
  readonly channelOf: (channel: ListedChannel) => SpiceChannel | undefined;
  /** Opens a stream to the other host. Rejects where it cannot; that ends the attempt and not the session. */
  readonly openCandidate: (request: CandidateRequest) => Promise<C>;
  /** The channel forgets what its host drew and kept: the other one begins anew. */
  readonly resetEngine: (channel: ListedChannel) => void;
  /** The channel's bytes come through this candidate's stream now; the one before is to be closed. */
  readonly handleMoved: (channel: ListedChannel, candidate: C) => void;
  /** The guest is at the other host, and all channels are. */
  readonly handleFinished: (target: MigrationTarget) => void;
  /** The guest is at the other host, which must be connected to as at the beginning. */
  readonly handleReconnect: (target: MigrationTarget) => void;
}

const keyOf = ({ kind, channelId }: ListedChannel): string => `${kind}:${String(channelId)}`;

/**
 * Moves a session with its guest to another host: does what MigrationEngine says, with the session's channels and with
 * streams that the caller opens. The caller passes on the main channel's events and each channel's event "migrate".
 */
export class SessionMover<C extends Candidate> {
  readonly #options: SessionMoverOptions<C>;
  readonly #engine = new MigrationEngine({
    handleAction: (action) => {
      this.#perform(action);
    },
  });
  readonly #candidateByKey = new Map<string, C>();
  /** Talks with the other host before the main channel moves there. */
  #otherMain: MainChannel | undefined;
  /** Counts attempts: what was opened for an attempt that was given up is closed when it comes. */
  #attempt = 0;

  constructor(options: SessionMoverOptions<C>) {
    this.#options = options;
  }

  /** Whether the session is between two hosts, or prepares to be. */
  get isBusy(): boolean {
    return !this.#engine.isIdle;
  }

  /** Each event of the session's main channel; those that are not about a move are left alone. Throws ProtocolError. */
  handleMainEvent(event: MainChannelEvent): void {
    switch (event.kind) {
      case "init":
        this.#engine.handleInit();
        return;
      case "migrateBegin": {
        const { target, seamlessVersion } = event;
        this.#engine.handleBegin({ target, seamlessVersion, channels: this.#options.listOpen() });
        return;
      }
      case "migrateEnd":
        this.#engine.handleEnd();
        // The guest hears this host no more: what is typed until its own host is ready waits. What the other channels
        // say is about what this host drew.
        for (const channel of this.#options.listOpen()) {
          if (channel.kind === "inputs") this.#options.channelOf(channel)?.freeze();
        }
        return;
      case "migrateCancel":
        this.#engine.handleCancel();
        return;
      case "migrateSwitchHost":
        this.#engine.handleSwitchHost(event.target);
        return;
      default:
        return;
    }
  }

  /** A channel's event "migrate". Throws ProtocolError. */
  handleChannelMigrate(channel: ListedChannel): void {
    this.#engine.handleChannelMigrate(channel);
  }

  /** The session ends. */
  dispose(): void {
    this.#discard();
  }

  #perform(action: MigrationAction): void {
    const { main, handleFinished, handleReconnect } = this.#options;
    switch (action.kind) {
      case "openChannel":
        this.#open(action.channel, action.target);
        return;
      case "requestSeamless":
        this.#otherMain?.requestSeamless(action.sourceVersion);
        return;
      case "holdMain":
        this.#candidateByKey.get("main:0")?.channel.hold();
        return;
      case "answer":
        main.answerMigrateBegin(action.answer);
        return;
      case "move":
        this.#move(action.channel, action.serials);
        return;
      case "discardCandidates":
        this.#discard();
        return;
      case "finished":
        handleFinished(action.target);
        return;
      case "reconnect":
        handleReconnect(action.target);
    }
  }

  #open(channel: ListedChannel, target: MigrationTarget): void {
    const attempt = this.#attempt;
    const key = keyOf(channel);
    const isMain = channel.kind === "main";
    const fail = (): void => {
      if (attempt === this.#attempt) this.#engine.candidateFailed(channel);
    };
    let opened: Extract<SpiceChannelEvent, { kind: "opened" }> | undefined;
    const tellWhenOpened = (): void => {
      // Both must be there: the stream's channel here, and its link's end.
      if (attempt !== this.#attempt || opened === undefined || !this.#candidateByKey.has(key)) return;
      if (isMain) this.#talkTo(this.#candidateByKey.get(key));
      const hasSeamlessMigrate = hasCapability(opened.capabilities.channel, MAIN_CAPABILITY.seamlessMigrate);
      this.#engine.candidateOpened(channel, { hasSeamlessMigrate });
    };
    const request: CandidateRequest = {
      channel,
      target,
      sessionId: this.#options.main.init?.sessionId ?? 0,
      handleMessage: (message) => {
        this.#otherMain?.handleMessage(message);
      },
      handleEvent: (event) => {
        if (event.kind === "opened") {
          opened = event;
          tellWhenOpened();
        } else if (event.kind === "failed") fail();
      },
      handleEnd: fail,
    };
    this.#options.openCandidate(request).then(
      (candidate) => {
        if (attempt !== this.#attempt) {
          candidate.dispose();
          return;
        }
        this.#candidateByKey.set(key, candidate);
        tellWhenOpened();
      },
      () => {
        fail();
      },
    );
  }

  /** Main channels of two hosts at once: this one only says whether it takes the session over without a break. */
  #talkTo(candidate: C | undefined): void {
    if (candidate === undefined) return;
    const { channel } = candidate;
    this.#otherMain = new MainChannel({
      sendMessage: (type, body) => {
        channel.sendMessage(type, body);
      },
      handleEvent: (event) => {
        if (event.kind === "seamlessAnswer") this.#engine.handleSeamlessAnswer(event.isAccepted);
      },
    });
    channel.resume();
  }

  #move(channel: ListedChannel, serials: "keep" | "restart"): void {
    const { main, channelOf, resetEngine, handleMoved } = this.#options;
    const key = keyOf(channel);
    const candidate = this.#candidateByKey.get(key);
    this.#candidateByKey.delete(key);
    const own = channelOf(channel);
    if (candidate === undefined || own === undefined) {
      // The channel ended here meanwhile: it ends there too.
      candidate?.dispose();
      if (channel.kind === "main") throw new ProtocolError("malformed", "the other host's main channel is not open");
      return;
    }
    if (serials === "restart") {
      resetEngine(channel);
      if (channel.kind === "main") main.expectInitAfterMove();
    }
    if (channel.kind === "main") this.#otherMain = undefined;
    own.switchTo(candidate.channel, { serials });
    handleMoved(channel, candidate);
    if (serials === "restart" && channel.kind === "main") main.sendMigrateEnd();
  }

  #discard(): void {
    this.#attempt += 1;
    this.#otherMain = undefined;
    const candidates = [...this.#candidateByKey.values()];
    this.#candidateByKey.clear();
    for (const candidate of candidates) candidate.dispose();
  }
}
