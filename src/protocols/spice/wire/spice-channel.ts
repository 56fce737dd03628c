import { drop } from "../../../shared/lifecycle/drop.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { ChannelKind } from "../constants/channel-kind.ts";
import { describeLinkError } from "../constants/link-error.ts";
import {
  COMMON_CLIENT_MESSAGE,
  COMMON_MESSAGE,
  describeMessage,
  LAST_COMMON_MESSAGE,
} from "../constants/message-types.ts";
import { ChannelSerials, type ChannelWait } from "./channel-serials.ts";
import type { LinkCapabilities } from "./link-reply.ts";
import { SpiceReader } from "./spice-reader.ts";
import { SpiceStream, type StreamMessage, type SubMessage } from "./spice-stream.ts";
import { SpiceWriter } from "./spice-writer.ts";

/** Messages to the server that wait for the link or for the other host of a migration. */
export const MAX_HELD_MESSAGES = 4096;

/** A notification's text; longer ones are cut. */
export const MAX_NOTIFY_BYTES = 4096;

const NO_BYTES = new Uint8Array(0);

/** spice.proto, "migrate_flags". */
const MIGRATE_NEED_FLUSH = 1;
const MIGRATE_NEED_DATA_TRANSFER = 2;

export interface SpiceMessage {
  readonly type: number;
  readonly serial: bigint;
  /** A view of what was received: copy what has to live on and is small. */
  readonly body: Uint8Array;
}

export type SpiceChannelEvent =
  /** The link's end; messages come from now on. Again after a move to a host that begins anew. */
  | { readonly kind: "opened"; readonly capabilities: LinkCapabilities }
  | {
      readonly kind: "notify";
      readonly severity: "info" | "warn" | "error";
      readonly visibility: "low" | "medium" | "high";
      readonly code: number;
      readonly text: string;
    }
  /** The server is about to close the connection. `reason` is a LINK_ERROR. */
  | { readonly kind: "disconnecting"; readonly reason: number; readonly text: string }
  /** The server handed this channel over to the other host: `switchTo` that host's channel. Until then messages are held. */
  | { readonly kind: "migrate" }
  /** The other host goes on where the last one stopped: nothing is to be said anew. */
  | { readonly kind: "moved"; readonly capabilities: LinkCapabilities }
  /** The channel is of no use any more. A ProtocolError names channel and message; any other error is a bug of ours. */
  | { readonly kind: "failed"; readonly error: Error };

export interface SpiceChannelOptions {
  readonly kind: ChannelKind;
  readonly channelId: number;
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => void;
  /**
   * Messages that are not common to all channels. A returned promise is awaited before the message counts as done and
   * holds back later ones of this channel.
   */
  readonly handleMessage: (message: SpiceMessage) => void | Promise<void>;
  readonly handleEvent: (event: SpiceChannelEvent) => void;
  /** Shared by all channels of one connection. Without it nothing is waited for. */
  readonly serials?: ChannelSerials;
  /** Reads the link's reply and nothing more until `resume` or until another channel takes it over by `switchTo`. */
  readonly startsOnHold?: boolean;
}

type Phase =
  | { readonly at: "linking" }
  | { readonly at: "open" }
  /** MIGRATE came; the next message must be MIGRATE_DATA. */
  | { readonly at: "migrating" }
  /** This host has said all; the next one's channel is awaited. */
  | { readonly at: "switching"; readonly data: Uint8Array | undefined }
  /** The stream was given to another channel; what still arrives here goes there. */
  | { readonly at: "adopted"; readonly by: SpiceChannel }
  | { readonly at: "closed" };

/**
 * One channel after its link: splits the stream into messages, answers those that are common to all channels (acks,
 * pings, waiting for other channels, migration), and passes on the others. Never throws at what a server sends: a
 * broken protocol ends in the event "failed".
 *
 * How acks are counted: the server sends SET_ACK with a window and expects an ACK after each so many messages; it stops
 * to send when two windows are not acknowledged. A message counts once it is *done*: handled, its sub-messages too, and
 * the promises that handleMessage returned settled. So a slow handler slows the server and nothing else; a handler that
 * keeps a queue of its own must return a promise once that is full. A message whose body is still on its way counts not.
 */
export class SpiceChannel {
  readonly kind: ChannelKind;
  readonly channelId: number;
  readonly #options: SpiceChannelOptions;
  readonly #serials: ChannelSerials;
  #stream: SpiceStream;
  #phase: Phase = { at: "linking" };
  #isOnHold: boolean;
  #isFrozen = false;
  #isHandling = false;
  #lastSerial = 0n;
  #ackWindow = 0;
  #doneSinceAck = 0;
  #heldMessages: SubMessage[] = [];

  constructor(options: SpiceChannelOptions) {
    this.kind = options.kind;
    this.channelId = options.channelId;
    this.#options = options;
    this.#serials = options.serials ?? new ChannelSerials();
    this.#isOnHold = options.startsOnHold === true;
    this.#stream = new SpiceStream({ kind: options.kind, send: options.send });
    // One on hold stands beside the channel that it will replace: that one goes on counting.
    if (!this.#isOnHold) this.#serials.register(this.kind, this.channelId);
  }

  /** Undefined until the link's reply is there. */
  get serverCapabilities(): LinkCapabilities | undefined {
    return this.#stream.capabilities;
  }

  /** Of the last message that was handled to its end; 0n before the first. */
  get lastSerial(): bigint {
    return this.#lastSerial;
  }

  /** Received and not yet handled. */
  get queuedBytes(): number {
    return this.#stream.queuedBytes;
  }

  /** Takes bytes of the server, cut in any way. The chunk must not be written to afterwards. */
  receive(chunk: Uint8Array): void {
    if (this.#phase.at === "adopted") {
      this.#phase.by.receive(chunk);
      return;
    }
    if (this.#phase.at === "closed") return;
    this.#guard(() => {
      this.#stream.receive(chunk);
      if (this.#phase.at === "linking" && this.#stream.capabilities !== undefined) {
        this.#phase = { at: "open" };
        this.#emit({ kind: "opened", capabilities: this.#stream.capabilities });
        this.#sendHeld();
      }
      this.#handleQueued();
    });
  }

  /** Sends a message; before the link's end and while the channel changes hosts it waits. After the end it is dropped. */
  sendMessage(type: number, body: Uint8Array = NO_BYTES): void {
    const { at } = this.#phase;
    if (at === "open" && !this.#isFrozen) this.#stream.sendMessage(type, body);
    else if (at === "adopted") this.#phase.by.sendMessage(type, body);
    else if (at !== "closed") {
      if (this.#heldMessages.length >= MAX_HELD_MESSAGES) {
        this.#fail(new ProtocolError("limit", `more than ${String(MAX_HELD_MESSAGES)} messages wait to be sent`));
      } else this.#heldMessages.push({ type, body });
    }
  }

  /** Handles nothing more until `resume`; what arrives waits. */
  hold(): void {
    this.#isOnHold = true;
  }

  resume(): void {
    this.#isOnHold = false;
    this.#serials.register(this.kind, this.channelId);
    this.#guard(() => {
      this.#handleQueued();
    });
  }

  /** Nothing more is sent to this host: what is to be sent waits for the next one, for `switchTo`. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /**
   * Goes on with the stream of `next`, a channel of the same kind and id to another host whose link has ended
   * (`startsOnHold`). "keep": seamless migration; the message serials go on and the server's data of MIGRATE are handed
   * over before anything else. "restart": the other host begins anew, as after a connect.
   */
  switchTo(next: SpiceChannel, options: { serials: "keep" | "restart" }): void {
    if (this.#phase.at === "closed" || this.#phase.at === "adopted") return;
    const { capabilities } = next.#stream;
    if (next.#phase.at !== "open" || capabilities === undefined) {
      this.#fail(new ProtocolError("malformed", "the other host's channel is not open"));
      return;
    }
    const data = this.#phase.at === "switching" ? this.#phase.data : undefined;
    if (options.serials === "keep") next.#stream.continueSerialsOf(this.#stream);
    else {
      this.#lastSerial = 0n;
      this.#serials.record(this.kind, this.channelId, 0n);
    }
    // A main channel has talked with its host already; one on hold has its SET_ACK still to read.
    this.#ackWindow = next.#ackWindow;
    this.#doneSinceAck = next.#doneSinceAck;
    this.#stream = next.#stream;
    this.#isFrozen = false;
    next.#phase = { at: "adopted", by: this };
    this.#phase = { at: "open" };
    this.#guard(() => {
      this.#emit({ kind: options.serials === "keep" ? "moved" : "opened", capabilities });
      if (data !== undefined) this.#stream.sendMessage(COMMON_CLIENT_MESSAGE.migrateData, data);
      this.#sendHeld();
      this.#handleQueued();
    });
  }

  dispose(): void {
    if (this.#phase.at === "closed") return;
    const isAdopted = this.#phase.at === "adopted";
    this.#phase = { at: "closed" };
    this.#heldMessages = [];
    if (!isAdopted && !this.#isOnHold) this.#serials.remove(this.kind, this.channelId);
  }

  #emit(event: SpiceChannelEvent): void {
    this.#options.handleEvent(event);
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown, message?: SubMessage): void {
    if (this.#phase.at === "closed") return;
    this.dispose();
    const name = this.channelId === 0 ? `${this.kind} channel` : `${this.kind} channel ${String(this.channelId)}`;
    const where = message === undefined ? name : `${name}, ${describeMessage(this.kind, message.type)}`;
    if (error instanceof ProtocolError) {
      this.#emit({ kind: "failed", error: new ProtocolError(error.reason, `${where}: ${error.message}`) });
    } else this.#emit({ kind: "failed", error: error instanceof Error ? error : new Error(String(error)) });
  }

  #sendHeld(): void {
    const held = this.#heldMessages;
    this.#heldMessages = [];
    for (const { type, body } of held) this.sendMessage(type, body);
  }

  /** INVARIANT: one message at a time; #isHandling stays set while a handler's promise is awaited. */
  #handleQueued(): void {
    if (this.#isHandling) return;
    this.#isHandling = true;
    let isWaiting = false;
    try {
      while (this.#canHandle()) {
        const stream = this.#stream;
        const message = stream.nextMessage();
        if (message === undefined) break;
        const done = this.#handleParts(message, [...message.subMessages, message], 0);
        if (done === undefined) this.#finish(stream, message);
        else {
          isWaiting = true;
          drop(this.#finishLater(stream, message, done));
          break;
        }
      }
    } finally {
      if (!isWaiting) this.#isHandling = false;
    }
  }

  #canHandle(): boolean {
    return !this.#isOnHold && (this.#phase.at === "open" || this.#phase.at === "migrating");
  }

  /** `done` never rejects: what a handler throws has closed the channel by then. */
  async #finishLater(stream: SpiceStream, message: StreamMessage, done: Promise<void>): Promise<void> {
    await done;
    this.#isHandling = false;
    this.#guard(() => {
      this.#finish(stream, message);
      this.#handleQueued();
    });
  }

  #finish(stream: SpiceStream, message: StreamMessage): void {
    // Closed, or handed over to another host by its handler: then nothing is to be counted here any more.
    if (this.#phase.at === "closed" || stream !== this.#stream) return;
    this.#lastSerial = message.serial;
    if (this.#ackWindow > 0) {
      this.#doneSinceAck += 1;
      if (this.#doneSinceAck >= this.#ackWindow) {
        this.#doneSinceAck = 0;
        stream.sendMessage(COMMON_CLIENT_MESSAGE.ack, NO_BYTES);
      }
    }
    this.#serials.record(this.kind, this.channelId, message.serial);
  }

  /** The sub-messages and then the message, one after the other. Undefined when all were done at once. */
  #handleParts(message: StreamMessage, parts: readonly SubMessage[], from: number): Promise<void> | undefined {
    for (const [index, part] of parts.entries()) {
      if (index < from || this.#phase.at === "closed") continue;
      try {
        const done = this.#handlePart(message, part);
        if (done instanceof Promise) return this.#handleRest(message, parts, index, done);
      } catch (error) {
        this.#fail(error, part);
        return undefined;
      }
    }
    return undefined;
  }

  async #handleRest(
    message: StreamMessage,
    parts: readonly SubMessage[],
    index: number,
    done: Promise<void>,
  ): Promise<void> {
    try {
      await done;
    } catch (error) {
      this.#fail(error, parts[index]);
      return;
    }
    await this.#handleParts(message, parts, index + 1);
  }

  #handlePart(message: StreamMessage, part: SubMessage): void | Promise<void> {
    if (this.#phase.at === "migrating" && part.type !== COMMON_MESSAGE.migrateData) {
      throw new ProtocolError("malformed", "came where the data of a migration must come");
    }
    if (part.type > LAST_COMMON_MESSAGE) {
      return this.#options.handleMessage({ type: part.type, serial: message.serial, body: part.body });
    }
    return this.#handleCommon(part);
  }

  #handleCommon({ type, body }: SubMessage): void | Promise<void> {
    const reader = new SpiceReader(body);
    switch (type) {
      case COMMON_MESSAGE.migrate:
        this.#handleMigrate(reader.u32());
        return;
      case COMMON_MESSAGE.migrateData:
        if (this.#phase.at !== "migrating") throw new ProtocolError("malformed", "came without a migration");
        this.#awaitOtherHost(body.slice());
        return;
      case COMMON_MESSAGE.setAck: {
        const generation = reader.u32();
        this.#ackWindow = reader.u32();
        // This message itself is the first of the new window for the server, but counts here only afterwards.
        this.#doneSinceAck = -1;
        this.#stream.sendMessage(COMMON_CLIENT_MESSAGE.ackSync, new SpiceWriter().u32(generation).finish());
        return;
      }
      case COMMON_MESSAGE.ping:
        // The ping's data only fill the line (the server measures bandwidth by them); the pong has id and time alone.
        this.#stream.sendMessage(COMMON_CLIENT_MESSAGE.pong, reader.bytes(12));
        return;
      case COMMON_MESSAGE.waitForChannels:
        return this.waitForChannels(parseChannelWaits(reader));
      case COMMON_MESSAGE.disconnecting: {
        reader.skip(8);
        const reason = reader.u32();
        this.#emit({ kind: "disconnecting", reason, text: describeLinkError(reason) });
        return;
      }
      case COMMON_MESSAGE.notify:
        this.#emit(parseNotify(reader));
        return;
      case COMMON_MESSAGE.list:
        return;
      default:
        throw new ProtocolError("malformed", "the protocol has no such message");
    }
  }

  /** Settles once the named channels are as far as they must be; for messages of a channel that carry such a list. */
  waitForChannels(waits: readonly ChannelWait[]): void | Promise<void> {
    return this.#serials.waitFor(this.kind, this.channelId, waits);
  }

  #handleMigrate(flags: number): void {
    if ((flags & MIGRATE_NEED_FLUSH) !== 0) {
      this.#stream.sendMessage(COMMON_CLIENT_MESSAGE.migrateFlushMark, NO_BYTES);
    }
    if ((flags & MIGRATE_NEED_DATA_TRANSFER) !== 0) this.#phase = { at: "migrating" };
    else this.#awaitOtherHost(undefined);
  }

  #awaitOtherHost(data: Uint8Array | undefined): void {
    this.#phase = { at: "switching", data };
    this.#emit({ kind: "migrate" });
  }
}

/** A u8 count, then ChannelWait structures. */
export function parseChannelWaits(reader: SpiceReader): ChannelWait[] {
  return Array.from({ length: reader.u8() }, () => ({
    channelType: reader.u8(),
    channelId: reader.u8(),
    serial: reader.u64(),
  }));
}

function parseNotify(reader: SpiceReader): SpiceChannelEvent {
  reader.skip(8);
  const severity = reader.u32();
  const visibility = reader.u32();
  const code = reader.u32();
  const text = reader.bytes(reader.u32());
  return {
    kind: "notify",
    severity: severity === 2 ? "error" : severity === 1 ? "warn" : "info",
    visibility: visibility === 2 ? "high" : visibility === 1 ? "medium" : "low",
    code,
    text: new TextDecoder().decode(text.subarray(0, MAX_NOTIFY_BYTES)),
  };
}
