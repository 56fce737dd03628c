import { ProtocolError } from "../bytes/protocol-error.ts";
import { encodeDeviceConnect, encodeEpInfo, encodeInterfaceInfo } from "./device-packets.ts";
import { InPipes } from "./in-pipes.ts";
import { PacketStream, type Packet } from "./packet-stream.ts";
import { CAPABILITY, PACKET, STATUS } from "./packet-types.ts";
import type { UsbDevicePort, UsbEndpoint, UsbSetup } from "./usb-device-port.ts";

/** Transfers that may be under way at once; further ones are answered with an error. QEMU's xHCI keeps fewer than 100. */
export const MAX_PENDING_TRANSFERS = 512;

/** The bytes of those. */
export const MAX_PENDING_BYTES = 64 * 1024 * 1024;

/** Commands (configuration, alternate setting, reset) that may wait for the one before. */
export const MAX_WAITING_COMMANDS = 64;

const VERSION = "switchyard";
const IN = 0x80;
const EMPTY = new Uint8Array(0);

export type UsbHostEvent =
  /** The guest's side is there: a device can be connected. */
  | { readonly kind: "ready" }
  /** The guest will not have this device; it is disconnected. */
  | { readonly kind: "rejected" }
  /** The device failed in a way that ends its connection. */
  | { readonly kind: "lost" }
  /** The guest let go of the device that `disconnect` took away. */
  | { readonly kind: "released" };

export interface UsbHostOptions {
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly handleEvent: (event: UsbHostEvent) => void;
}

interface Transfer {
  readonly lengthBytes: number;
  /** Says that it was cancelled; the real answer, when it comes, is dropped. */
  readonly answerCancelled: () => void;
}

type State =
  | { readonly phase: "greeting" }
  | { readonly phase: "idle" }
  | { readonly phase: "connected"; readonly port: UsbDevicePort; readonly pipes: InPipes }
  /** Waits for DEVICE_DISCONNECT_ACK. */
  | { readonly phase: "disconnecting" };

/**
 * The side of USB redirection that has the device ("usb-host"), on one stream to the guest's side ("usb-guest"). One device at
 * a time. Isochronous streams are answered with a stall: no sound cards and cameras.
 */
export class UsbHost {
  readonly #options: UsbHostOptions;
  readonly #stream = new PacketStream();
  readonly #transferById = new Map<bigint, Transfer>();
  #pendingBytes = 0;
  #state: State = { phase: "greeting" };
  #commands: Promise<void> = Promise.resolve();
  #waitingCommandCount = 0;

  constructor(options: UsbHostOptions) {
    this.#options = options;
  }

  /** Sends HELLO; once, before anything else. */
  start(): void {
    this.#options.send(this.#stream.encodeHello(VERSION));
  }

  get isReady(): boolean {
    return this.#state.phase === "idle";
  }

  /** Throws ProtocolError: the stream is of no use any more. */
  receive(chunk: Uint8Array): void {
    this.#stream.receive(chunk, (packet) => this.#handle(packet));
  }

  /** Gives the guest a device. False: it is not ready for one. */
  connect(port: UsbDevicePort): boolean {
    if (this.#state.phase !== "idle") return false;
    const pipes = new InPipes({
      port,
      send: (type, id, ...parts) => this.#send(type, id, ...parts),
      isCurrent: () => this.#state.phase === "connected" && this.#state.port === port,
    });
    this.#state = { phase: "connected", port, pipes };
    this.#sendInterfaces(port);
    const hasVersion = this.#stream.has(CAPABILITY.connectDeviceVersion);
    this.#send(PACKET.deviceConnect, 0n, encodeDeviceConnect(port.description, hasVersion));
    return true;
  }

  /** Takes the device away from the guest; the port is not used after this. */
  disconnect(): void {
    if (this.#state.phase !== "connected") return;
    this.#state.pipes.dispose();
    this.#transferById.clear();
    this.#pendingBytes = 0;
    this.#send(PACKET.deviceDisconnect, 0n);
    const isAcknowledged = this.#stream.has(CAPABILITY.deviceDisconnectAck);
    this.#state = { phase: isAcknowledged ? "disconnecting" : "idle" };
    if (!isAcknowledged) this.#options.handleEvent({ kind: "released" });
  }

  #handle(packet: Packet): void {
    const { type } = packet;
    if (type === PACKET.hello) {
      this.#state = { phase: "idle" };
      this.#options.handleEvent({ kind: "ready" });
    } else if (type === PACKET.deviceDisconnectAck) {
      expectLength(packet, 0);
      if (this.#state.phase !== "disconnecting") return;
      this.#state = { phase: "idle" };
      this.#options.handleEvent({ kind: "released" });
    } else if (type === PACKET.filterFilter) {
      // The guest's side tells what it will refuse; it refuses by FILTER_REJECT all the same.
    } else if (this.#state.phase === "connected") {
      this.#handleConnected(packet, this.#state.port, this.#state.pipes);
    }
    // Else: sent before the other side knew that the device is gone.
  }

  #handleConnected(packet: Packet, port: UsbDevicePort, pipes: InPipes): void {
    const { type, id, body } = packet;
    switch (type) {
      case PACKET.filterReject:
        this.disconnect();
        this.#options.handleEvent({ kind: "rejected" });
        return;
      case PACKET.reset:
        this.#command(port, () => port.reset().catch(() => this.#lose(port)));
        return;
      case PACKET.setConfiguration:
        expectLength(packet, 1);
        this.#command(port, () => this.#setConfiguration(id, port, at(body, 0)));
        return;
      case PACKET.getConfiguration:
        this.#command(port, () => this.#sendConfiguration(id, port, STATUS.ok));
        return;
      case PACKET.setAltSetting:
        expectLength(packet, 2);
        this.#command(port, () => this.#setAlternate(id, port, at(body, 0), at(body, 1)));
        return;
      case PACKET.getAltSetting:
        expectLength(packet, 1);
        this.#command(port, () => this.#sendAlternate(id, port, STATUS.ok, at(body, 0)));
        return;
      case PACKET.startInterruptReceiving:
        expectLength(packet, 1);
        pipes.startInterrupt(id, at(body, 0));
        return;
      case PACKET.stopInterruptReceiving:
        expectLength(packet, 1);
        pipes.stopInterrupt(id, at(body, 0));
        return;
      case PACKET.startIsoStream:
        expectLength(packet, 3);
        this.#send(PACKET.isoStreamStatus, id, Uint8Array.of(STATUS.stall, at(body, 0)));
        return;
      case PACKET.stopIsoStream:
        expectLength(packet, 1);
        this.#send(PACKET.isoStreamStatus, id, Uint8Array.of(STATUS.ok, at(body, 0)));
        return;
      case PACKET.cancelDataPacket:
        this.#cancel(id);
        return;
      case PACKET.controlPacket:
        this.#control(packet, port);
        return;
      case PACKET.bulkPacket:
        this.#bulk(packet, port, pipes);
        return;
      case PACKET.interruptPacket:
        this.#interruptOut(packet, port);
        return;
      case PACKET.isoPacket:
        // Nobody answers those; the stream was refused.
        return;
      default:
        throw new ProtocolError("malformed", `USB packet ${String(type)} was not offered`);
    }
  }

  /** One after the other, in the order in which they came. */
  #command(port: UsbDevicePort, act: () => Promise<void> | void): void {
    if (this.#waitingCommandCount >= MAX_WAITING_COMMANDS) throw new ProtocolError("limit", "too many USB commands");
    this.#waitingCommandCount += 1;
    this.#commands = this.#commands
      .then(() => (this.#isCurrent(port) ? act() : undefined))
      .catch(() => this.#lose(port))
      .finally(() => {
        this.#waitingCommandCount -= 1;
      });
  }

  async #setConfiguration(id: bigint, port: UsbDevicePort, value: number): Promise<void> {
    const isDone = await succeeds(port.selectConfiguration(value));
    if (!this.#isCurrent(port)) return;
    this.#sendInterfaces(port);
    this.#sendConfiguration(id, port, isDone ? STATUS.ok : STATUS.ioError);
  }

  async #setAlternate(id: bigint, port: UsbDevicePort, interfaceNumber: number, alternate: number): Promise<void> {
    const isDone = await succeeds(port.selectAlternate(interfaceNumber, alternate));
    if (!this.#isCurrent(port)) return;
    this.#sendInterfaces(port);
    this.#sendAlternate(id, port, isDone ? STATUS.ok : STATUS.ioError, interfaceNumber);
  }

  #sendConfiguration(id: bigint, port: UsbDevicePort, status: number): void {
    this.#send(PACKET.configurationStatus, id, Uint8Array.of(status, port.configuration));
  }

  #sendAlternate(id: bigint, port: UsbDevicePort, status: number, interfaceNumber: number): void {
    const found = port.interfaces.find((one) => one.number === interfaceNumber);
    const answer = Uint8Array.of(found === undefined ? STATUS.invalid : status, interfaceNumber, found?.alternate ?? 0);
    this.#send(PACKET.altSettingStatus, id, answer);
  }

  /** INTERFACE_INFO comes before EP_INFO, and both before what they are about. */
  #sendInterfaces(port: UsbDevicePort): void {
    this.#send(PACKET.interfaceInfo, 0n, encodeInterfaceInfo(port.interfaces));
    this.#send(PACKET.epInfo, 0n, encodeEpInfo(port.interfaces, this.#stream.has(CAPABILITY.epInfoMaxPacketSize)));
  }

  /** endpoint, request, requesttype, status, value, index, length; then the data of a transfer out. */
  #control({ type, id, body }: Packet, port: UsbDevicePort): void {
    const { header, view, data } = split(body, 10);
    const setup: UsbSetup = {
      request: view.getUint8(1),
      requestType: view.getUint8(2),
      value: view.getUint16(4, true),
      index: view.getUint16(6, true),
    };
    const lengthBytes = view.getUint16(8, true);
    const isIn = (setup.requestType & IN) !== 0;
    expectData(data, isIn ? 0 : lengthBytes);
    const answer = (status: number, bytes: Uint8Array, doneBytes: number): void => {
      view.setUint8(3, status);
      view.setUint16(8, doneBytes, true);
      this.#send(type, id, header, bytes);
    };
    // CLEAR_FEATURE(ENDPOINT_HALT) also resets the data toggle on this side (USB 2.0, 9.4.5), so the port must know of it.
    const isClearHalt = setup.requestType === 2 && setup.request === 1 && setup.value === 0;
    this.#transfer(port, id, lengthBytes, answer, async () => {
      if (isClearHalt) await port.clearHalt(setup.index & 0xff);
      if (isClearHalt) return { status: "ok" as const, writtenBytes: 0 };
      return isIn ? port.controlIn(setup, lengthBytes) : port.controlOut(setup, data);
    });
  }

  /** endpoint, status, length, stream_id, length_high; then the data of a transfer out. */
  #bulk({ type, id, body }: Packet, port: UsbDevicePort, pipes: InPipes): void {
    const isLong = this.#stream.has(CAPABILITY.bulkLength32);
    const { header, view, data } = split(body, isLong ? 10 : 8);
    const endpoint = view.getUint8(0);
    const lengthBytes = view.getUint16(2, true) + (isLong ? view.getUint16(8, true) * 0x1_0000 : 0);
    const isIn = (endpoint & IN) !== 0;
    expectData(data, isIn ? 0 : lengthBytes);
    const answer = (status: number, bytes: Uint8Array, doneBytes: number): void => {
      view.setUint8(1, status);
      view.setUint16(2, doneBytes & 0xffff, true);
      if (isLong) view.setUint16(8, doneBytes >>> 16, true);
      this.#send(type, id, header, bytes);
    };
    if (!hasEndpoint(port, endpoint, "bulk")) {
      answer(STATUS.invalid, EMPTY, 0);
      return;
    }
    this.#transfer(port, id, lengthBytes, answer, (isCancelled) =>
      isIn ? pipes.read(endpoint, lengthBytes, isCancelled) : port.transferOut(endpoint, data),
    );
  }

  /** endpoint, status, length; then the data. Those towards the computer come by themselves. */
  #interruptOut({ type, id, body }: Packet, port: UsbDevicePort): void {
    const { header, view, data } = split(body, 4);
    const endpoint = view.getUint8(0);
    const lengthBytes = view.getUint16(2, true);
    expectData(data, lengthBytes);
    const answer = (status: number, bytes: Uint8Array, doneBytes: number): void => {
      view.setUint8(1, status);
      view.setUint16(2, doneBytes, true);
      this.#send(type, id, header, bytes);
    };
    if ((endpoint & IN) !== 0 || !hasEndpoint(port, endpoint, "interrupt")) {
      answer(STATUS.invalid, EMPTY, 0);
      return;
    }
    this.#transfer(port, id, lengthBytes, answer, () => port.transferOut(endpoint, data));
  }

  #transfer(
    port: UsbDevicePort,
    id: bigint,
    lengthBytes: number,
    answer: (status: number, bytes: Uint8Array, doneBytes: number) => void,
    run: (isCancelled: () => boolean) => Promise<{
      readonly status: keyof typeof STATUS;
      readonly bytes?: Uint8Array;
      readonly writtenBytes?: number;
    }>,
  ): void {
    const isFull =
      this.#transferById.size >= MAX_PENDING_TRANSFERS || this.#pendingBytes + lengthBytes > MAX_PENDING_BYTES;
    if (isFull || lengthBytes > MAX_PENDING_BYTES / 4 || this.#transferById.has(id)) {
      answer(STATUS.ioError, EMPTY, 0);
      return;
    }
    const transfer: Transfer = { lengthBytes, answerCancelled: () => answer(STATUS.cancelled, EMPTY, 0) };
    this.#transferById.set(id, transfer);
    this.#pendingBytes += lengthBytes;
    const isCancelled = (): boolean => this.#transferById.get(id) !== transfer;
    const finish = (status: number, bytes: Uint8Array, doneBytes: number): void => {
      if (!isCancelled() && this.#isCurrent(port)) {
        this.#forget(id, transfer);
        answer(status, bytes, doneBytes);
      }
    };
    run(isCancelled).then(
      ({ status, bytes, writtenBytes = 0 }) => {
        const given = bytes?.subarray(0, lengthBytes) ?? EMPTY;
        const isBabble = bytes !== undefined && bytes.length > lengthBytes;
        finish(isBabble ? STATUS.babble : STATUS[status], given, bytes === undefined ? writtenBytes : given.length);
      },
      () => {
        finish(STATUS.ioError, EMPTY, 0);
      },
    );
  }

  #cancel(id: bigint): void {
    const transfer = this.#transferById.get(id);
    if (transfer === undefined) return;
    this.#forget(id, transfer);
    transfer.answerCancelled();
  }

  #forget(id: bigint, transfer: Transfer): void {
    this.#transferById.delete(id);
    this.#pendingBytes -= transfer.lengthBytes;
  }

  #lose(port: UsbDevicePort): void {
    if (!this.#isCurrent(port)) return;
    this.disconnect();
    this.#options.handleEvent({ kind: "lost" });
  }

  #isCurrent(port: UsbDevicePort): boolean {
    return this.#state.phase === "connected" && this.#state.port === port;
  }

  #send(type: number, id: bigint, ...parts: readonly Uint8Array[]): void {
    this.#options.send(this.#stream.encode(type, id, ...parts));
  }
}

function hasEndpoint(port: UsbDevicePort, address: number, type: UsbEndpoint["type"]): boolean {
  return port.interfaces.some((one) => one.endpoints.some((end) => end.address === address && end.type === type));
}

function split(body: Uint8Array<ArrayBuffer>, headerBytes: number) {
  if (body.length < headerBytes) throw new ProtocolError("malformed", "a USB packet ends within its header");
  const header = body.slice(0, headerBytes);
  return { header, view: new DataView(header.buffer), data: body.subarray(headerBytes) };
}

function expectData(data: Uint8Array, lengthBytes: number): void {
  if (data.length === lengthBytes) return;
  throw new ProtocolError("malformed", `${String(data.length)} bytes of USB data where ${String(lengthBytes)} belong`);
}

function expectLength({ type, body }: Packet, lengthBytes: number): void {
  if (body.length === lengthBytes) return;
  throw new ProtocolError("malformed", `USB packet ${String(type)} of ${String(body.length)} bytes`);
}

function at(body: Uint8Array, index: number): number {
  return body[index] ?? 0;
}

async function succeeds(act: Promise<void>): Promise<boolean> {
  try {
    await act;
    return true;
  } catch {
    return false;
  }
}
