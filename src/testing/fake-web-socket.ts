/** A WebSocket whose far side is the test. */
export class FakeWebSocket extends EventTarget {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  binaryType = "blob";
  readyState = 0;
  /** What the page sent, one entry a message, copied. */
  readonly sent: Uint8Array[] = [];
  /** Its text messages. */
  readonly sentTexts: string[] = [];

  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  send(data: Uint8Array | string): void {
    if (typeof data === "string") this.sentTexts.push(data);
    else this.sent.push(data.slice());
  }

  close(): void {
    this.readyState = this.CLOSED;
  }

  /** The far side accepts. */
  open(): void {
    this.readyState = this.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  /** Bytes from the far side, in one message. */
  receive(bytes: Iterable<number>): void {
    if (this.readyState !== this.OPEN) return;
    this.dispatchEvent(new MessageEvent("message", { data: Uint8Array.from(bytes).buffer }));
  }

  /** The far side closes. */
  end(): void {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    this.dispatchEvent(new CloseEvent("close", { code: 1000 }));
  }

  takeSent(): number[] {
    return this.sent.splice(0).flatMap((message) => [...message]);
  }
}
