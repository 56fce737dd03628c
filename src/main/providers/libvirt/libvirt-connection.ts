import { Duplex } from "node:stream";
import { LibvirtRpcEngine, type RpcOutput } from "../../../protocols/libvirt/rpc-engine.ts";
import type { RemoteCall, RemoteEvent } from "../../../protocols/libvirt/remote-messages.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../../shared/lifecycle/disposable.ts";
import { Emitter, type Event } from "../../../shared/lifecycle/event.ts";
import { every } from "../../../shared/lifecycle/timer.ts";
import { waitWithLimit } from "../../transport/limited-wait.ts";
import { libvirtProtocolError, reasonText, remoteFailureError } from "./remote-failure.ts";

/** A daemon answers in milliseconds; some calls wait for a monitor of a busy guest. */
const CALL_LIMIT_MS = 30_000;
/** libvirt's own keepalive: 5 s, 5 times (keepalive_interval, keepalive_count in libvirtd.conf). */
const PING_INTERVAL_MS = 5_000;
const MAX_SILENT_PINGS = 5;

interface Waiter {
  readonly opensStream: boolean;
  resolve(result: { payload: Uint8Array; stream: RemoteStream | undefined }): void;
  reject(error: AppError): void;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Instead of the usual limit: for calls that wait for a person or a guest. */
  readonly limitMs?: number;
}

/** What a stream may do with its connection. */
interface StreamPort {
  send(data: Uint8Array, done: (error?: Error | null) => void): void;
  finish(): void;
  abort(): void;
  setPaused(isPaused: boolean): void;
}

/** One of libvirt's streams as a Node stream. While its reader is behind, its whole connection is not read. */
export class RemoteStream extends Duplex {
  readonly #port: StreamPort;
  #isOver = false;

  constructor(port: StreamPort) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#port = port;
    // Its owner sees "close"; without a listener an error would end the process.
    this.on("error", () => undefined);
  }

  /** From the connection: bytes arrived. */
  handleData(bytes: Uint8Array): void {
    if (!this.push(bytes)) this.#port.setPaused(true);
  }

  /** From the connection: the far side sends no more, or failed. */
  handleEnd(error?: AppError): void {
    this.#isOver = true;
    if (error === undefined) this.push(null);
    else this.destroy(error);
  }

  override _read(): void {
    this.#port.setPaused(false);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#port.send(chunk, done);
  }

  override _final(done: () => void): void {
    this.#port.finish();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#port.setPaused(false);
    if (!this.#isOver) this.#port.abort();
    done(error);
  }
}

/**
 * A connection to a libvirt daemon over an open byte stream, which it owns. Calls may overlap. It ends once, with an
 * AppError, when the far side closes, breaks the protocol or falls silent.
 */
export class LibvirtConnection implements Disposable {
  readonly #address: string;
  readonly #stream: Duplex;
  readonly #engine = new LibvirtRpcEngine();
  readonly #owned = new DisposableStore();
  readonly #waiterBySerial = new Map<number, Waiter>();
  readonly #streamBySerial = new Map<number, RemoteStream>();
  /** The first is being written. Bounded by the window of calls and by the streams, which wait for `done`. */
  readonly #outbox: { readonly bytes: Uint8Array; readonly done: ((error?: Error | null) => void) | undefined }[] = [];
  readonly #pausedBy = new Set<number>();
  readonly #onEvent = this.#owned.add(new Emitter<RemoteEvent>());
  readonly #onClosed = this.#owned.add(new Emitter<AppError>());
  #closedBy: AppError | undefined;
  #silentPings = 0;

  constructor(stream: Duplex, options: { address: string }) {
    this.#stream = stream;
    this.#address = options.address;
    this.#owned.defer(() => stream.destroy());
    stream.on("data", (chunk: Buffer) => this.#receive(chunk));
    stream.on("error", (error) => this.#fail(this.#lost(error)));
    stream.on("end", () => this.#fail(this.#lost()));
    stream.on("close", () => this.#fail(this.#lost()));
  }

  /** What the daemon tells without being asked. */
  get onEvent(): Event<RemoteEvent> {
    return this.#onEvent.event;
  }

  /** It ended by itself; not fired by `dispose`. */
  get onClosed(): Event<AppError> {
    return this.#onClosed.event;
  }

  get closedBy(): AppError | undefined {
    return this.#closedBy;
  }

  async call<A, R>(call: RemoteCall<A, R>, args: A, options: CallOptions): Promise<R> {
    const { payload } = await this.#request(call, args, false, options);
    return this.#decode(call, payload);
  }

  /** A call whose reply is followed by a stream. */
  async openStream<A, R>(
    call: RemoteCall<A, R>,
    args: A,
    options: CallOptions,
  ): Promise<{ reply: R; stream: RemoteStream }> {
    const { payload, stream } = await this.#request(call, args, true, options);
    if (stream === undefined) throw new AppError("BUG", "a stream call gave no stream");
    return { reply: this.#decode(call, payload), stream };
  }

  /** Asks now and then whether the far side is there; only after it said that it knows keepalive. */
  startKeepalive(): void {
    this.#owned.add(
      every(PING_INTERVAL_MS, () => {
        // While we do not read, its silence is ours.
        if (this.#pausedBy.size > 0) this.#silentPings = 0;
        this.#silentPings += 1;
        if (this.#silentPings > MAX_SILENT_PINGS) {
          this.#fail(new AppError("CONNECTION_LOST", "no answer to keepalive", { address: this.#address }));
        } else this.#write(this.#engine.ping());
      }),
    );
  }

  dispose(): void {
    this.#end(new AppError("CANCELLED", "the connection was closed"));
  }

  #request<A, R>(
    call: RemoteCall<A, R>,
    args: A,
    opensStream: boolean,
    options: CallOptions,
  ): Promise<{ payload: Uint8Array; stream: RemoteStream | undefined }> {
    const limits = {
      signal: options.signal,
      limitMs: options.limitMs ?? CALL_LIMIT_MS,
      limitError: () =>
        new AppError("PROTOCOL_TIMEOUT", "no reply", { address: this.#address, act: `call ${call.procedure}` }),
    };
    return waitWithLimit(limits, (resolve, reject, owned) => {
      if (this.#closedBy !== undefined) throw this.#closedBy;
      const { serial, bytes } = this.#engine.call(call.procedure, call.encode(args), { opensStream });
      this.#waiterBySerial.set(serial, { opensStream, resolve, reject });
      owned.defer(() => this.#waiterBySerial.delete(serial));
      this.#write(bytes);
    });
  }

  #decode<A, R>(call: RemoteCall<A, R>, payload: Uint8Array): R {
    try {
      return call.decode(payload);
    } catch (error) {
      const failure = libvirtProtocolError(error, this.#address);
      this.#fail(failure);
      throw failure;
    }
  }

  #receive(chunk: Buffer): void {
    this.#silentPings = 0;
    try {
      for (const output of this.#engine.receive(chunk)) {
        if (this.#closedBy !== undefined) return;
        this.#handle(output);
      }
    } catch (error) {
      this.#fail(libvirtProtocolError(error, this.#address));
    }
  }

  #handle(output: RpcOutput): void {
    switch (output.kind) {
      case "send":
        this.#write(output.bytes);
        return;
      case "event":
        this.#onEvent.fire(output.event);
        return;
      case "reply": {
        const waiter = this.#waiterBySerial.get(output.serial);
        const opensStream = waiter?.opensStream ?? false;
        // Nobody waits any more: a stream that just opened is closed again; for a call without one this does nothing.
        if (waiter === undefined) this.#writeAll(this.#engine.abortStream(output.serial));
        waiter?.resolve({
          payload: output.payload,
          stream: opensStream ? this.#createStream(output.serial) : undefined,
        });
        return;
      }
      case "error": {
        const error = remoteFailureError(output.error, this.#address);
        this.#waiterBySerial.get(output.serial)?.reject(error);
        this.#takeStream(output.serial)?.handleEnd(error);
        return;
      }
      case "stream-data":
        this.#streamBySerial.get(output.serial)?.handleData(output.bytes);
        return;
      case "stream-end":
        this.#takeStream(output.serial)?.handleEnd();
        return;
    }
  }

  #createStream(serial: number): RemoteStream {
    const stream = new RemoteStream({
      send: (data, done) => {
        const packets = this.#engine.sendStream(serial, data);
        const last = packets.pop();
        this.#writeAll(packets);
        if (last === undefined || this.#closedBy !== undefined) done();
        else this.#write(last, done);
      },
      finish: () => this.#writeAll(this.#engine.finishStream(serial)),
      abort: () => {
        this.#takeStream(serial);
        this.#writeAll(this.#engine.abortStream(serial));
      },
      setPaused: (isPaused) => this.#setPaused(serial, isPaused),
    });
    this.#streamBySerial.set(serial, stream);
    return stream;
  }

  #takeStream(serial: number): RemoteStream | undefined {
    const stream = this.#streamBySerial.get(serial);
    this.#streamBySerial.delete(serial);
    return stream;
  }

  #setPaused(serial: number, isPaused: boolean): void {
    const wasPaused = this.#pausedBy.size > 0;
    if (isPaused) this.#pausedBy.add(serial);
    else this.#pausedBy.delete(serial);
    if (this.#pausedBy.size > 0 === wasPaused || this.#closedBy !== undefined) return;
    if (isPaused) this.#stream.pause();
    else this.#stream.resume();
  }

  /**
   * One message at a time, so that each has a TLS record of its own: libvirtd 9.0 leaves a second message of one record
   * in GnuTLS's buffer until more comes over the network (seen as calls that wait for the next keepalive, 5 s).
   */
  #write(bytes: Uint8Array, done?: (error?: Error | null) => void): void {
    this.#outbox.push({ bytes, done });
    if (this.#outbox.length === 1) this.#writeNext();
  }

  #writeNext(): void {
    const next = this.#outbox[0];
    if (next === undefined) return;
    this.#stream.write(next.bytes, (error) => {
      next.done?.(error);
      this.#outbox.shift();
      this.#writeNext();
    });
  }

  #writeAll(packets: readonly Uint8Array[]): void {
    if (this.#closedBy !== undefined) return;
    for (const packet of packets) this.#write(packet);
  }

  #lost(error?: Error): AppError {
    const detail = { address: this.#address };
    if (error instanceof AppError) return error;
    if (error === undefined) return new AppError("REMOTE_CLOSED", "the daemon closed the connection", detail);
    const reason = reasonText(error.message);
    return new AppError("CONNECTION_LOST", "the connection broke", { ...detail, reason }, { cause: error });
  }

  #fail(error: AppError): void {
    if (this.#closedBy !== undefined) return;
    const listeners = this.#onClosed;
    this.#closedBy = error;
    listeners.fire(error);
    this.#end(error);
  }

  #end(error: AppError): void {
    this.#closedBy ??= error;
    for (const waiter of [...this.#waiterBySerial.values()]) waiter.reject(this.#closedBy);
    for (const stream of [...this.#streamBySerial.values()]) stream.handleEnd(this.#closedBy);
    this.#streamBySerial.clear();
    this.#owned.dispose();
  }
}
