import { ByteQueue } from "../../bytes/byte-queue.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { COMMON_CAPABILITY, hasCapability } from "../constants/capabilities.ts";
import { describeLinkError, LINK_ERROR } from "../constants/link-error.ts";
import { SpiceReader } from "../wire/spice-reader.ts";
import { SpiceWriter } from "../wire/spice-writer.ts";
import {
  encodeLinkMessage,
  LINK_HEADER_BYTES,
  parseLinkHeader,
  parseLinkReply,
  type LinkReply,
  type LinkRequest,
} from "./link-messages.ts";

/**
 * The client's side of one channel's link: link message, reply, login, result. Bytes in, outputs out; the caller owns the
 * stream, encrypts the ticket and runs the SASL mechanism. After "done" the stream carries the channel's messages.
 * SASL's wire form is that of spice-server (red-stream.cpp, red_sasl_*).
 */

/** A server's SASL step may have up to 1 MiB by the reference; no mechanism that we know needs more than a few KiB. */
const MAX_SASL_BYTES = 64 * 1024;
/** The reference client's limit. */
const MAX_MECHANISM_LIST_BYTES = 300;
/** What a server sends right behind the link is the channel's, a read's worth; the caller stops reading at "done". */
const MAX_INBOX_BYTES = 1024 * 1024;

export type LinkFailure =
  /** The other port (TLS) is the one to take. */
  | { readonly kind: "need-secured" }
  | { readonly kind: "need-unsecured" }
  | { readonly kind: "login-refused" }
  /** `connectionId` is not known, or not any more. */
  | { readonly kind: "session-unknown" }
  | { readonly kind: "channel-unavailable" }
  /** SASL is the only login, which without TLS wants an encryption of its own that nobody uses any more. */
  | { readonly kind: "sasl-needs-tls" }
  | { readonly kind: "login-unsupported"; readonly method: string }
  /** Any other number of SpiceLinkErr. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The server closed the connection in the middle. */
  | { readonly kind: "closed" };

export type LinkOutput =
  | { readonly kind: "send"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Answer with `giveTicket`. `publicKey` is a DER SubjectPublicKeyInfo, as the server sent it. */
  | { readonly kind: "ticket"; readonly publicKey: Uint8Array }
  /** Answer with `startSasl`. */
  | { readonly kind: "sasl"; readonly mechanisms: readonly string[] }
  /** Answer with `continueSasl`. `isComplete`: the server is content; what it sent must still be checked. */
  | { readonly kind: "sasl-step"; readonly data: Uint8Array | undefined; readonly isComplete: boolean }
  /** `reply` is header and link reply as they came; `rest` came after the link. */
  | { readonly kind: "done"; readonly reply: Uint8Array; readonly rest: Uint8Array }
  | { readonly kind: "failed"; readonly failure: LinkFailure };

type Want = "ticket" | "sasl" | "sasl-step";
type Request = { readonly want: "bytes"; readonly count: number } | { readonly want: Want };
type Answer =
  { readonly mechanism: string; readonly data: Uint8Array | undefined } | { readonly data: Uint8Array | undefined };
type Steps<T> = Generator<Request, T, Uint8Array | Answer | undefined>;

/** Ends the steps from any depth; never leaves this module. */
class Failed extends Error {
  readonly failure: LinkFailure;

  constructor(failure: LinkFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

export interface ClientLinkOptions extends LinkRequest {
  /** TLS is under it: SASL may be used. */
  readonly isSecure: boolean;
}

/** One channel's link. Throws ProtocolError at bytes that break the protocol; it is of no use after that. */
export class SpiceClientLink {
  readonly #inbox = new ByteQueue({ maxBytes: MAX_INBOX_BYTES });
  readonly #options: ClientLinkOptions;
  readonly #steps: Steps<Uint8Array>;
  #request: Request | undefined;
  #outputs: LinkOutput[] = [];
  /** A server that does not like a SASL answer hangs up without a word. */
  #hasAnsweredSasl = false;

  constructor(options: ClientLinkOptions) {
    this.#options = options;
    this.#steps = this.#link();
  }

  /** The link message. */
  start(): LinkOutput[] {
    this.#advance(undefined);
    return this.#takeOutputs();
  }

  receive(chunk: Uint8Array): LinkOutput[] {
    this.#inbox.push(chunk);
    this.#pump();
    return this.#takeOutputs();
  }

  /** The server closed its side. */
  end(): LinkOutput[] {
    if (this.#request !== undefined) {
      this.#request = undefined;
      this.#fail({ kind: this.#hasAnsweredSasl ? "login-refused" : "closed" });
    }
    return this.#takeOutputs();
  }

  /** The password with its ending NUL, encrypted with the reply's key by RSA-OAEP with SHA-1. */
  giveTicket(encrypted: Uint8Array): LinkOutput[] {
    return this.#give("ticket", { data: encrypted });
  }

  /** `data` undefined: the mechanism lets the server begin; not the same as no bytes. */
  startSasl(mechanism: string, data: Uint8Array | undefined): LinkOutput[] {
    return this.#give("sasl", { mechanism, data });
  }

  /** The answer to a "sasl-step". To a complete one nothing is sent. */
  continueSasl(data: Uint8Array | undefined): LinkOutput[] {
    return this.#give("sasl-step", { data });
  }

  #give(want: Want, answer: Answer): LinkOutput[] {
    if (this.#request?.want !== want) throw new Error(`nobody asked for ${want}`);
    this.#advance(answer);
    this.#pump();
    return this.#takeOutputs();
  }

  #takeOutputs(): LinkOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  #pump(): void {
    while (this.#request?.want === "bytes") {
      const bytes = this.#inbox.read(this.#request.count);
      if (bytes === undefined) return;
      this.#advance(bytes);
    }
  }

  #advance(answer: Uint8Array | Answer | undefined): void {
    try {
      const step = this.#steps.next(answer);
      if (step.done === true) {
        this.#request = undefined;
        this.#outputs.push({ kind: "done", reply: step.value, rest: this.#inbox.readAll() });
      } else {
        this.#request = step.value;
      }
    } catch (error) {
      this.#request = undefined;
      if (!(error instanceof Failed)) throw error;
      this.#fail(error.failure);
    }
  }

  #fail(failure: LinkFailure): void {
    this.#outputs.push({ kind: "failed", failure });
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#outputs.push({ kind: "send", bytes });
  }

  *#link(): Steps<Uint8Array> {
    this.#send(encodeLinkMessage(this.#options));
    const header = yield* readBytes(LINK_HEADER_BYTES);
    const body = yield* readBytes(parseLinkHeader(header));
    const reply = parseLinkReply(body);
    checkResult(reply.error);
    yield* this.#logIn(reply);
    checkResult(yield* readU32());
    const whole = new Uint8Array(header.length + body.length);
    whole.set(header);
    whole.set(body, header.length);
    return whole;
  }

  *#logIn({ commonCapabilities, publicKey }: LinkReply): Steps<void> {
    const has = (bit: number): boolean => hasCapability(commonCapabilities, bit);
    // A server from before the choice of a login knows only tickets.
    if (!has(COMMON_CAPABILITY.protocolAuthSelection)) return yield* this.#sendTicket(publicKey);
    if (has(COMMON_CAPABILITY.authSpice)) {
      this.#sendU32(COMMON_CAPABILITY.authSpice);
      return yield* this.#sendTicket(publicKey);
    }
    if (!has(COMMON_CAPABILITY.authSasl)) {
      throw new Failed({ kind: "login-unsupported", method: `capabilities ${commonCapabilities.join(", ")}` });
    }
    if (!this.#options.isSecure) throw new Failed({ kind: "sasl-needs-tls" });
    this.#sendU32(COMMON_CAPABILITY.authSasl);
    yield* this.#runSasl();
  }

  *#sendTicket(publicKey: Uint8Array): Steps<void> {
    this.#outputs.push({ kind: "ticket", publicKey });
    const { data } = yield* askFor("ticket");
    this.#send(Uint8Array.from(data ?? []));
  }

  *#runSasl(): Steps<void> {
    // ",PLAIN,SCRAM-SHA-1,"
    const list = ascii(yield* readBytes(yield* readLength(MAX_MECHANISM_LIST_BYTES, "its list of SASL mechanisms")));
    const mechanisms = list
      .split(/[\s,]+/)
      .filter((name) => name !== "")
      .map((name) => name.toUpperCase());
    this.#outputs.push({ kind: "sasl", mechanisms });
    let answer = yield* askFor("sasl");
    if ("mechanism" in answer) {
      const name = new TextEncoder().encode(answer.mechanism);
      this.#send(new SpiceWriter().u32(name.length).bytes(name).finish());
    }
    for (;;) {
      this.#sendSaslData(answer.data);
      this.#hasAnsweredSasl = true;
      const length = yield* readLength(MAX_SASL_BYTES, "its SASL step");
      // The wire has a NUL behind the data, and no data is not the same as empty data.
      const data = length === 0 ? undefined : (yield* readBytes(length)).slice(0, -1);
      const isComplete = ((yield* readBytes(1))[0] ?? 0) !== 0;
      this.#outputs.push({ kind: "sasl-step", data, isComplete });
      answer = yield* askFor("sasl-step");
      if (isComplete) break;
    }
    // The verdict over the login; the link's own result follows it.
    if ((yield* readU32()) !== LINK_ERROR.ok) throw new Failed({ kind: "login-refused" });
    this.#hasAnsweredSasl = false;
  }

  #sendU32(value: number): void {
    this.#send(new SpiceWriter().u32(value).finish());
  }

  #sendSaslData(data: Uint8Array | undefined): void {
    if (data === undefined) this.#sendU32(0);
    else
      this.#send(
        new SpiceWriter()
          .u32(data.length + 1)
          .bytes(data)
          .u8(0)
          .finish(),
      );
  }
}

function* readBytes(count: number): Steps<Uint8Array> {
  const bytes = yield { want: "bytes", count };
  if (!(bytes instanceof Uint8Array)) throw new Error("bytes were asked for");
  return bytes;
}

function* readU32(): Steps<number> {
  return new SpiceReader(yield* readBytes(4)).u32();
}

function* readLength(limit: number, what: string): Steps<number> {
  const length = yield* readU32();
  if (length > limit) throw new ProtocolError("limit", `${what} has ${length} bytes`);
  return length;
}

function* askFor(want: Want): Steps<Answer> {
  const answer = yield { want };
  if (answer === undefined || answer instanceof Uint8Array) throw new Error(`${want} was asked for`);
  return answer;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Throws what a SpiceLinkErr means, unless it is `ok`. */
function checkResult(error: number): void {
  switch (error) {
    case LINK_ERROR.ok:
      return;
    case LINK_ERROR.needSecured:
      throw new Failed({ kind: "need-secured" });
    case LINK_ERROR.needUnsecured:
      throw new Failed({ kind: "need-unsecured" });
    case LINK_ERROR.permissionDenied:
      throw new Failed({ kind: "login-refused" });
    case LINK_ERROR.badConnectionId:
      throw new Failed({ kind: "session-unknown" });
    case LINK_ERROR.channelNotAvailable:
      throw new Failed({ kind: "channel-unavailable" });
    case LINK_ERROR.invalidMagic:
    case LINK_ERROR.versionMismatch:
      throw new ProtocolError("mismatch", "it does not speak version 2 of SPICE");
    default:
      throw new Failed({
        kind: "refused",
        reason: describeLinkError(error),
      });
  }
}
