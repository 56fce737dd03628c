import { ProtocolError } from "../../bytes/protocol-error.ts";
import {
  PORT_CLIENT_MESSAGE,
  PORT_MESSAGE,
  SPICEVMC_CLIENT_MESSAGE,
  SPICEVMC_MESSAGE,
} from "../constants/message-types.ts";
import type { SpiceMessage } from "../wire/spice-channel.ts";
import { SpiceReader } from "../wire/spice-reader.ts";

/** A port's name, as "org.spice-space.webdav.0". */
export const MAX_PORT_NAME_BYTES = 1024;

/** What one compressed message may become. Servers compress what one read of a device gave. */
export const MAX_DECOMPRESSED_BYTES = 16 * 1024 * 1024;

/** The longest message that is sent; data are a stream, so longer ones are cut. */
export const MAX_PORT_WRITE_BYTES = 64 * 1024;

/** spice.proto, "data_compression_type". */
const COMPRESSION_NONE = 0;
const COMPRESSION_LZ4 = 1;

/** SPICE_PORT_EVENT. */
const PORT_EVENT = { opened: 0, closed: 1, break: 2 } as const;

export type PortEventName = keyof typeof PORT_EVENT;

export type PortChannelEvent =
  /** The first message of a port or webdav channel. The name says what it is for. */
  | { readonly kind: "init"; readonly name: string; readonly isOpen: boolean }
  /** The guest's end: a program opened or closed the device, or sent a break. */
  | { readonly kind: PortEventName }
  | { readonly kind: "data"; readonly bytes: Uint8Array };

export interface PortChannelOptions {
  /** A usbredir channel has neither name nor events: it is open as soon as it is linked. */
  readonly kind: "port" | "webdav" | "usbredir";
  readonly sendMessage: (type: number, body: Uint8Array) => void;
  readonly handleEvent: (event: PortChannelEvent) => void;
  /** An LZ4 block to so many bytes; throws ProtocolError. Without it the channel must not offer SPICEVMC_CAPABILITY. */
  readonly decompressLz4?: (bytes: Uint8Array, lengthBytes: number) => Uint8Array;
}

/** A byte stream to a device of the guest: a text console, the webdav server, a USB device (spice.proto, "SpicevmcChannel"). */
export class PortChannel {
  readonly #options: PortChannelOptions;
  #name: string | undefined;
  #isOpen: boolean;

  constructor(options: PortChannelOptions) {
    this.#options = options;
    this.#isOpen = options.kind === "usbredir";
  }

  /** Undefined until INIT, and for usbredir. */
  get name(): string | undefined {
    return this.#name;
  }

  /** Whether somebody reads at the guest's end. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Throws ProtocolError. */
  handleMessage({ type, body }: SpiceMessage): void {
    const reader = new SpiceReader(body);
    const isPort = this.#options.kind !== "usbredir";
    if (type === SPICEVMC_MESSAGE.data) this.#handleData(body);
    else if (type === SPICEVMC_MESSAGE.compressedData) this.#handleData(this.#decompress(reader));
    else if (isPort && type === PORT_MESSAGE.init) this.#handleInit(reader);
    else if (isPort && type === PORT_MESSAGE.event) this.#handleEvent(reader.u8());
    else throw new ProtocolError("malformed", "the protocol has no such message");
  }

  /** False: nobody reads at the guest's end, and nothing was sent. The bytes must not be written to afterwards. */
  write(bytes: Uint8Array): boolean {
    if (!this.#isOpen) return false;
    for (let at = 0; at < bytes.length; at += MAX_PORT_WRITE_BYTES) {
      this.#options.sendMessage(SPICEVMC_CLIENT_MESSAGE.data, bytes.subarray(at, at + MAX_PORT_WRITE_BYTES));
    }
    return true;
  }

  /** Tells the guest that this end was opened or closed, or sends a break. */
  sendEvent(name: PortEventName): void {
    this.#options.sendMessage(PORT_CLIENT_MESSAGE.event, Uint8Array.of(PORT_EVENT[name]));
  }

  /** Before the session goes on with a host that begins anew: INIT comes again. */
  reset(): void {
    this.#name = undefined;
    this.#isOpen = this.#options.kind === "usbredir";
  }

  /** name_size, the name's offset, opened; the name ends with a zero byte. */
  #handleInit(reader: SpiceReader): void {
    const length = reader.u32();
    if (length > MAX_PORT_NAME_BYTES) throw new ProtocolError("limit", `a name of ${String(length)} bytes`);
    const bytes = reader.at(reader.u32()).bytes(length);
    const isOpen = reader.u8() !== 0;
    const end = bytes.indexOf(0);
    const name = new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
    // A host that took over without a break (QEMU 7.2 after a seamless migration) says INIT all the same.
    const isAgain = this.#name !== undefined;
    if (isAgain && this.#name !== name) throw new ProtocolError("malformed", "the port has another name now");
    this.#name = name;
    const wasOpen = this.#isOpen;
    this.#isOpen = isOpen;
    if (!isAgain) this.#options.handleEvent({ kind: "init", name, isOpen });
    else if (isOpen !== wasOpen) this.#options.handleEvent({ kind: isOpen ? "opened" : "closed" });
  }

  #handleEvent(number: number): void {
    const name = (Object.keys(PORT_EVENT) as PortEventName[]).find((one) => PORT_EVENT[one] === number);
    // A later version of the protocol may have more.
    if (name === undefined) return;
    if (name !== "break") this.#isOpen = name === "opened";
    this.#options.handleEvent({ kind: name });
  }

  #handleData(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#options.handleEvent({ kind: "data", bytes });
  }

  #decompress(reader: SpiceReader): Uint8Array {
    const compression = reader.u8();
    if (compression === COMPRESSION_NONE) return reader.rest();
    const { decompressLz4 } = this.#options;
    if (compression !== COMPRESSION_LZ4 || decompressLz4 === undefined) {
      throw new ProtocolError("malformed", `compression ${String(compression)} was not offered`);
    }
    const length = reader.u32();
    if (length > MAX_DECOMPRESSED_BYTES) throw new ProtocolError("limit", `${String(length)} bytes in one message`);
    const bytes = decompressLz4(reader.rest(), length);
    if (bytes.length !== length) {
      throw new ProtocolError("malformed", `${String(bytes.length)} bytes where ${String(length)} were told`);
    }
    return bytes;
  }
}
