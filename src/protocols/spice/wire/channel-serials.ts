import { ProtocolError } from "../../bytes/protocol-error.ts";
import { CHANNEL_TYPE, type ChannelKind } from "../constants/channel-kind.ts";

/** spice.proto, "ChannelWait": a message of another channel that must have been handled first. */
export interface ChannelWait {
  readonly channelType: number;
  readonly channelId: number;
  readonly serial: bigint;
}

interface Waiter {
  readonly serial: bigint;
  readonly resume: () => void;
}

interface Progress {
  /** Of the last message that was handled to its end. */
  handledSerial: bigint;
  /** The channel that this one waits for itself, to find two that wait for each other. */
  waitingFor: string | undefined;
  readonly waiters: Set<Waiter>;
}

/**
 * How far each channel of one connection is, for messages that wait for another channel (WAIT_FOR_CHANNELS,
 * INVAL_ALL_PIXMAPS). All channels of a connection share one.
 */
export class ChannelSerials {
  readonly #progressByChannel = new Map<string, Progress>();

  /** Known from now on, so that one can wait for its first message too. */
  register(kind: ChannelKind, channelId: number): void {
    const key = keyOf(CHANNEL_TYPE[kind], channelId);
    if (!this.#progressByChannel.has(key)) {
      this.#progressByChannel.set(key, { handledSerial: 0n, waitingFor: undefined, waiters: new Set() });
    }
  }

  /** A channel that ended keeps nobody waiting. */
  remove(kind: ChannelKind, channelId: number): void {
    const key = keyOf(CHANNEL_TYPE[kind], channelId);
    const progress = this.#progressByChannel.get(key);
    this.#progressByChannel.delete(key);
    if (progress !== undefined) wake(progress, undefined);
  }

  /** The last message serial that the channel handled to its end; 0n before the first. */
  handledSerial(kind: ChannelKind, channelId: number): bigint {
    return this.#progressByChannel.get(keyOf(CHANNEL_TYPE[kind], channelId))?.handledSerial ?? 0n;
  }

  record(kind: ChannelKind, channelId: number, serial: bigint): void {
    const progress = this.#progressByChannel.get(keyOf(CHANNEL_TYPE[kind], channelId));
    if (progress === undefined) return;
    progress.handledSerial = serial;
    if (progress.waiters.size > 0) wake(progress, serial);
  }

  /**
   * Undefined when nothing is to be waited for; else settles once all named channels are that far. A channel that is
   * not open is not waited for. Throws ProtocolError when channels would wait for each other for ever.
   */
  waitFor(kind: ChannelKind, channelId: number, waits: readonly ChannelWait[]): Promise<void> | undefined {
    const pending = waits.filter((wait) => this.#isBehind(wait));
    if (pending.length === 0) return undefined;
    return this.#waitInTurn(keyOf(CHANNEL_TYPE[kind], channelId), pending);
  }

  #isBehind(wait: ChannelWait): boolean {
    const progress = this.#progressByChannel.get(keyOf(wait.channelType, wait.channelId));
    return progress !== undefined && progress.handledSerial < wait.serial;
  }

  async #waitInTurn(ownKey: string, waits: readonly ChannelWait[]): Promise<void> {
    for (const wait of waits) {
      const key = keyOf(wait.channelType, wait.channelId);
      const progress = this.#progressByChannel.get(key);
      if (progress === undefined || !this.#isBehind(wait)) continue;
      this.#refuseCircle(ownKey, key);
      const own = this.#progressByChannel.get(ownKey);
      if (own !== undefined) own.waitingFor = key;
      await new Promise<void>((resolve) => {
        const resume = (): void => {
          // At once, not when the promise's turn comes: the channel that we waited for may now wait for us.
          if (own !== undefined) own.waitingFor = undefined;
          resolve();
        };
        progress.waiters.add({ serial: wait.serial, resume });
      });
    }
  }

  #refuseCircle(ownKey: string, firstKey: string): void {
    let key: string | undefined = firstKey;
    while (key !== undefined) {
      if (key === ownKey) throw new ProtocolError("malformed", "channels wait for each other");
      key = this.#progressByChannel.get(key)?.waitingFor;
    }
  }
}

function keyOf(channelType: number, channelId: number): string {
  return `${String(channelType)}:${String(channelId)}`;
}

/** Resumes those who wait for a serial up to this one; all of them when the channel ended. */
function wake(progress: Progress, serial: bigint | undefined): void {
  for (const waiter of [...progress.waiters]) {
    if (serial !== undefined && serial < waiter.serial) continue;
    progress.waiters.delete(waiter);
    waiter.resume();
  }
}
