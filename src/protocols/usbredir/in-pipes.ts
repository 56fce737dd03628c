import { PACKET, STATUS } from "./packet-types.ts";
import type { UsbDevicePort, UsbEndpoint, UsbInResult } from "./usb-device-port.ts";

/** Reads of one endpoint whose asker cancelled; at more, further reads fail. */
export const MAX_LEFT_READS = 64;

interface Read {
  readonly lengthBytes: number;
  readonly result: Promise<UsbInResult>;
  /** Of who asked last; true: free for the next who asks. */
  isCancelled: () => boolean;
}

export interface InPipesOptions {
  readonly port: UsbDevicePort;
  readonly send: (type: number, id: bigint, ...parts: readonly Uint8Array[]) => void;
  /** Whether the device is still the guest's. */
  readonly isCurrent: () => boolean;
}

/**
 * Reads of a device's endpoints. A read cannot be taken back (WebUSB has no way), so what a cancelled one brings goes to the
 * next who asks: nothing that the device says is lost.
 */
export class InPipes {
  readonly #options: InPipesOptions;
  readonly #readsByEndpoint = new Map<number, Read[]>();
  /** The loop of each endpoint that is being received; another object: another loop. */
  readonly #loopByEndpoint = new Map<number, object>();

  constructor(options: InPipesOptions) {
    this.#options = options;
  }

  /** Rejects when the transfer fails, or when too many reads are left over. */
  async read(endpoint: number, lengthBytes: number, isCancelled: () => boolean): Promise<UsbInResult> {
    const reads = this.#readsByEndpoint.get(endpoint) ?? [];
    this.#readsByEndpoint.set(endpoint, reads);
    const read =
      this.#takeOver(reads, lengthBytes, isCancelled) ?? this.#begin(reads, endpoint, lengthBytes, isCancelled);
    let isOk = false;
    try {
      const answer = await read.result;
      isOk = answer.status === "ok";
      return answer;
    } finally {
      const isLeft = isOk && isCancelled();
      if (read.isCancelled === isCancelled && !isLeft) reads.splice(reads.indexOf(read), 1);
    }
  }

  #takeOver(reads: readonly Read[], lengthBytes: number, isCancelled: () => boolean): Read | undefined {
    const read = reads.find((one) => one.isCancelled() && one.lengthBytes <= lengthBytes);
    if (read !== undefined) read.isCancelled = isCancelled;
    return read;
  }

  #begin(reads: Read[], endpoint: number, lengthBytes: number, isCancelled: () => boolean): Read {
    if (reads.filter((one) => one.isCancelled()).length >= MAX_LEFT_READS) throw new Error("too many cancelled reads");
    const read = { lengthBytes, result: this.#options.port.transferIn(endpoint, lengthBytes), isCancelled };
    reads.push(read);
    return read;
  }

  /** "usb_redir_start_interrupt_receiving" */
  startInterrupt(id: bigint, address: number): void {
    const endpoint = this.#find(address);
    if (endpoint?.type !== "interrupt" || (address & 0x80) === 0) {
      this.#sendStatus(id, STATUS.invalid, address);
      return;
    }
    this.#sendStatus(id, STATUS.ok, address);
    if (this.#loopByEndpoint.has(address)) return;
    const loop = {};
    this.#loopByEndpoint.set(address, loop);
    this.#receive(endpoint, loop).catch(() => {
      this.#end(address, loop, STATUS.ioError);
    });
  }

  /** "usb_redir_stop_interrupt_receiving" */
  stopInterrupt(id: bigint, address: number): void {
    this.#loopByEndpoint.delete(address);
    this.#sendStatus(id, STATUS.ok, address);
  }

  dispose(): void {
    this.#loopByEndpoint.clear();
    this.#readsByEndpoint.clear();
  }

  async #receive({ address, maxPacketBytes }: UsbEndpoint, loop: object): Promise<void> {
    const isOver = (): boolean => this.#loopByEndpoint.get(address) !== loop || !this.#options.isCurrent();
    let id = 0n;
    while (!isOver()) {
      const { status, bytes } = await this.read(address, maxPacketBytes, isOver);
      if (isOver()) return;
      if (status !== "ok") {
        if (status === "stall") await this.#options.port.clearHalt(address);
        this.#end(address, loop, STATUS[status]);
        return;
      }
      const header = Uint8Array.of(address, STATUS.ok, bytes.length & 0xff, bytes.length >>> 8);
      this.#options.send(PACKET.interruptPacket, id, header, bytes);
      id += 1n;
    }
  }

  /** The device does not go on by itself; the other side may start anew. */
  #end(address: number, loop: object, status: number): void {
    if (this.#loopByEndpoint.get(address) !== loop || !this.#options.isCurrent()) return;
    this.#loopByEndpoint.delete(address);
    this.#sendStatus(0n, status, address);
  }

  #sendStatus(id: bigint, status: number, address: number): void {
    this.#options.send(PACKET.interruptReceivingStatus, id, Uint8Array.of(status, address));
  }

  #find(address: number): UsbEndpoint | undefined {
    return this.#options.port.interfaces.flatMap((one) => one.endpoints).find((one) => one.address === address);
  }
}
