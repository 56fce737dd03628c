import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Duplex } from "node:stream";
import { ByteQueue } from "../protocols/bytes/byte-queue.ts";
import { ByteWriter } from "../protocols/bytes/byte-writer.ts";
import { DisposableStore, type Disposable } from "../shared/lifecycle/disposable.ts";
import { after, every } from "../shared/lifecycle/timer.ts";
import { vncAuthenticationAnswer } from "./vnc-authentication.ts";

/** What goes wrong on purpose. */
export type RfbFault =
  /** These bytes instead of a server's, then silence. */
  | { readonly kind: "says"; readonly bytes: Uint8Array | string }
  /** Accepts the connection and says nothing. */
  | { readonly kind: "silent" }
  /** Closes after it sent this many bytes. */
  | { readonly kind: "truncated"; readonly atByte: number }
  /** Closes when the viewer has chosen a security type. */
  | { readonly kind: "closes-after-security" }
  /** Everything right, a few bytes at a time. */
  | { readonly kind: "drip"; readonly bytesPerTurn: number; readonly turnMs: number }
  /** Connects, then never sends a picture. */
  | { readonly kind: "no-picture" }
  /** Another size after each update, this many times. */
  | { readonly kind: "resize-storm"; readonly count: number }
  /** Closes after this many pictures. */
  | { readonly kind: "closes-after-updates"; readonly count: number };

export interface FakeRfbOptions {
  readonly width?: number;
  readonly height?: number;
  readonly name?: string;
  /** 0xRRGGBB of the whole picture. */
  readonly colour?: number;
  /** Set: VNC authentication is asked for. */
  readonly password?: string;
  readonly fault?: RfbFault;
}

/** Banners of servers that are not VNC, for ports that are not what they claim. */
export const FOREIGN_BANNERS = {
  http: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
  ssh: "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
} as const;

const SECURITY_NONE = 1;
const SECURITY_VNC = 2;
const ENCODING_DESKTOP_SIZE = -223;
const CHALLENGE_BYTES = 16;

/** Serves one viewer with a one-coloured picture, or with a fault. */
export class FakeRfbSession implements Disposable {
  readonly #stream: Duplex;
  readonly #options: FakeRfbOptions;
  readonly #owned = new DisposableStore();
  readonly #inbox = new ByteQueue({ maxBytes: 16 * 1024 * 1024 });
  readonly #challenge = randomBytes(CHALLENGE_BYTES);
  #phase: "version" | "security" | "answer" | "client-init" | "normal" = "version";
  #outbox: Uint8Array = new Uint8Array(0);
  #sentBytes = 0;
  #updateCount = 0;
  #width: number;
  #height: number;
  /** Types of the messages that came after the handshake, in order. */
  readonly receivedTypes: number[] = [];

  constructor(stream: Duplex, options: FakeRfbOptions = {}) {
    this.#stream = stream;
    this.#options = options;
    this.#width = options.width ?? 64;
    this.#height = options.height ?? 48;
    const handleData = (chunk: Uint8Array): void => {
      this.#inbox.push(chunk);
      while (this.#step());
    };
    const handleClose = (): void => this.dispose();
    stream.on("data", handleData);
    stream.on("error", handleClose).once("close", handleClose);
    this.#owned.defer(() => {
      stream.off("data", handleData);
      stream.destroy();
    });
    const { fault } = options;
    if (fault?.kind === "drip") this.#owned.add(every(fault.turnMs, () => this.#drip(fault.bytesPerTurn)));
    if (fault?.kind === "says") stream.write(typeof fault.bytes === "string" ? Buffer.from(fault.bytes) : fault.bytes);
    else if (fault?.kind !== "silent") this.#send(Buffer.from("RFB 003.008\n"));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** Handles one message; false when there is none, whole. */
  #step(): boolean {
    const { fault, password } = this.#options;
    if (this.#owned.isDisposed || fault?.kind === "says" || fault?.kind === "silent") return false;
    switch (this.#phase) {
      case "version":
        if (this.#inbox.read(12) === undefined) return false;
        this.#phase = "security";
        this.#send(Uint8Array.of(1, password === undefined ? SECURITY_NONE : SECURITY_VNC));
        return true;
      case "security":
        if (this.#inbox.read(1) === undefined) return false;
        if (fault?.kind === "closes-after-security") this.dispose();
        else if (password === undefined) this.#accept();
        else {
          this.#phase = "answer";
          this.#send(this.#challenge);
        }
        return true;
      case "answer":
        return this.#checkAnswer(password ?? "");
      case "client-init":
        if (this.#inbox.read(1) === undefined) return false;
        this.#phase = "normal";
        this.#sendServerInit();
        return true;
      case "normal":
        return this.#handleMessage();
    }
  }

  #accept(): void {
    this.#phase = "client-init";
    this.#send(new ByteWriter().u32(0).finish());
  }

  #checkAnswer(password: string): boolean {
    const answer = this.#inbox.read(CHALLENGE_BYTES);
    if (answer === undefined) return false;
    if (timingSafeEqual(answer, vncAuthenticationAnswer(this.#challenge, password))) this.#accept();
    else {
      const reason = Buffer.from("password check failed");
      this.#send(new ByteWriter().u32(1).u32(reason.length).bytes(reason).finish());
      this.#stream.end();
    }
    return true;
  }

  #sendServerInit(): void {
    const name = Buffer.from(this.#options.name ?? "fake");
    const writer = new ByteWriter().u16(this.#width).u16(this.#height);
    // 32 bits, depth 24, little-endian, true colour, 255 each, shifts 16 8 0.
    writer.u8(32).u8(24).u8(0).u8(1).u16(255).u16(255).u16(255).u8(16).u8(8).u8(0).bytes(new Uint8Array(3));
    this.#send(writer.u32(name.length).bytes(name).finish());
  }

  #handleMessage(): boolean {
    const type = this.#inbox.peek(1)?.[0];
    const length = type === undefined ? undefined : this.#messageLength(type);
    if (type === undefined || length === undefined || this.#inbox.read(length) === undefined) return false;
    this.receivedTypes.push(type);
    if (type === 3) this.#sendUpdate();
    return true;
  }

  #messageLength(type: number): number | undefined {
    const u16 = (at: number): number | undefined => {
      const head = this.#inbox.peek(at + 2);
      return head && (head[at] ?? 0) * 256 + (head[at + 1] ?? 0);
    };
    const fixed: Readonly<Record<number, number>> = { 0: 20, 3: 10, 4: 8, 5: 6, 150: 10, 255: 12 };
    if (type === 2) {
      const count = u16(2);
      return count === undefined ? undefined : 4 + 4 * count;
    }
    if (type === 6) {
      const head = this.#inbox.peek(8);
      return head && 8 + Math.abs(Buffer.from(head).readInt32BE(4));
    }
    if (type === 251) {
      const head = this.#inbox.peek(8);
      return head && 8 + 16 * (head[6] ?? 0);
    }
    return fixed[type] ?? 1;
  }

  #sendUpdate(): void {
    const { fault } = this.#options;
    if (fault?.kind === "no-picture") return;
    this.#updateCount += 1;
    if (fault?.kind === "resize-storm" && this.#updateCount <= fault.count) {
      this.#width = 16 + ((this.#updateCount * 37) % 200);
      this.#height = 16 + ((this.#updateCount * 53) % 150);
      const head = new ByteWriter().u8(0).u8(0).u16(1).u16(0).u16(0).u16(this.#width).u16(this.#height);
      this.#send(head.i32(ENCODING_DESKTOP_SIZE).finish());
      return;
    }
    // After the first picture nothing changes; a second request waits, as with a real still screen.
    if (fault?.kind !== "resize-storm" && fault?.kind !== "closes-after-updates" && this.#updateCount > 1) return;
    const head = new ByteWriter().u8(0).u8(0).u16(1).u16(0).u16(0).u16(this.#width).u16(this.#height).i32(0);
    const pixels = new Uint32Array(this.#width * this.#height).fill(this.#options.colour ?? 0x2f8f66);
    this.#send(Buffer.concat([head.finish(), new Uint8Array(pixels.buffer)]));
    if (fault?.kind === "closes-after-updates" && this.#updateCount >= fault.count) this.#stream.end();
  }

  #send(bytes: Uint8Array): void {
    if (this.#owned.isDisposed) return;
    const { fault } = this.#options;
    if (fault?.kind === "drip") {
      this.#outbox = Buffer.concat([this.#outbox, bytes]);
      return;
    }
    if (fault?.kind === "truncated" && this.#sentBytes + bytes.length >= fault.atByte) {
      this.#stream.end(bytes.subarray(0, fault.atByte - this.#sentBytes));
      this.#sentBytes = fault.atByte;
      // Whoever does not notice the end is cut off.
      this.#owned.add(after(1000, () => this.dispose()));
      return;
    }
    this.#sentBytes += bytes.length;
    this.#stream.write(bytes);
  }

  #drip(count: number): void {
    if (this.#outbox.length === 0) return;
    this.#stream.write(this.#outbox.subarray(0, count));
    this.#outbox = this.#outbox.subarray(count);
  }
}
