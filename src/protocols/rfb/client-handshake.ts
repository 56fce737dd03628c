import { ByteQueue } from "../bytes/byte-queue.ts";
import { ByteReader } from "../bytes/byte-reader.ts";
import { ByteWriter } from "../bytes/byte-writer.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { SECURITY_TYPE, securityTypeNames, VENCRYPT_SUBTYPE } from "./security-type.ts";
import { agreeVersion, VERSION_BYTES, type RfbVersion } from "./version.ts";
import { CHALLENGE_BYTES, vncResponse } from "./vnc-response.ts";

/**
 * The client's side of RFB up to ClientInit (RFB, section 7.1 "Handshaking Messages" and 7.2 "Security Types"), as bytes in
 * and outputs out. The caller owns socket, TLS and the person who knows the password.
 * https://github.com/rfbproto/rfbproto/blob/master/rfbproto.rst#handshaking-messages
 */

/** A handshake is a few hundred bytes, and a server waits for our answers in it. */
const MAX_INBOX_BYTES = 64 * 1024;
/** A reason is a line; more is not shown to anybody. */
const MAX_REASON_BYTES = 16 * 1024;
/** Tight servers list a handful. */
const MAX_TIGHT_CAPABILITIES = 256;
const TIGHT_CAPABILITY_BYTES = 16;
/** Apple uses 128; more than this only burns our processor. */
const MAX_DIFFIE_HELLMAN_BYTES = 1024;
const MAX_PLAIN_FIELD_BYTES = 1024;

export interface RfbLogin {
  readonly userName: string;
  readonly password: string;
}

/** What the server sends for Diffie-Hellman Authentication (RFB, section 7.2.9). */
export interface DiffieHellmanChallenge {
  readonly generator: number;
  readonly prime: Uint8Array;
  readonly publicValue: Uint8Array;
}

export interface RfbClientOptions {
  /** False after a server whose VeNCrypt could not be used but which offers something else, too. */
  readonly canUseVeNCrypt: boolean;
  /** The server showed a certificate before; now to do without is refused, or anybody in between could take it away. */
  readonly mustUseCertificate?: boolean;
  /** Encrypted credentials and our public value. Needs MD5 and AES, which are not written here; without it the type is not chosen. */
  readonly answerDiffieHellman?: (challenge: DiffieHellmanChallenge, login: RfbLogin) => Uint8Array;
}

export type RfbFailure =
  /** The login that was given is wrong. */
  | { readonly kind: "login-refused"; readonly reason: string }
  | { readonly kind: "too-many-tries"; readonly reason: string }
  /** Refused before or without a login. */
  | { readonly kind: "refused"; readonly reason: string }
  /** `canDoWithout`: the same server offers a type outside of VeNCrypt that is supported. */
  | { readonly kind: "unsupported"; readonly method: string; readonly canDoWithout: boolean }
  /** VeNCrypt with TLS but without a certificate, which cannot be checked. */
  | { readonly kind: "anonymous-tls"; readonly canDoWithout: boolean }
  /** The server closed the connection in the middle. */
  | { readonly kind: "closed" };

export type RfbClientOutput =
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  /** Answer with `giveLogin`. */
  | { readonly kind: "login"; readonly needsUserName: boolean }
  /** Answer with `giveTls` when TLS is up; what it carries is received from then on. */
  | { readonly kind: "start-tls" }
  /** ClientInit is next. `isTight`: ServerInit comes with Tight's extension. `rest` came after the handshake. */
  | { readonly kind: "done"; readonly isTight: boolean; readonly rest: Uint8Array }
  | { readonly kind: "failed"; readonly failure: RfbFailure };

type Request = { readonly want: "bytes"; readonly count: number } | { readonly want: "login" | "tls" };
type Reply = Uint8Array | RfbLogin | undefined;
type Steps<T> = Generator<Request, T, Reply>;

/** Ends the steps from any depth; never leaves this module. */
class Failed extends Error {
  readonly failure: RfbFailure;

  constructor(failure: RfbFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

export class RfbClientHandshake {
  readonly #inbox = new ByteQueue({ maxBytes: MAX_INBOX_BYTES });
  readonly #options: RfbClientOptions;
  readonly #steps: Steps<{ isTight: boolean }>;
  #request: Request | undefined;
  #outputs: RfbClientOutput[] = [];
  #version: RfbVersion | undefined;
  #hasGivenLogin = false;
  /** Waiting for SecurityResult's reason, which a server may leave out. */
  #refusedStatus: number | undefined;
  #offered: readonly number[] = [];

  constructor(options: RfbClientOptions) {
    this.#options = options;
    this.#steps = this.#handshake();
    this.#advance(undefined);
  }

  receive(chunk: Uint8Array): RfbClientOutput[] {
    this.#inbox.push(chunk);
    this.#pump();
    return this.#takeOutputs();
  }

  /** The server closed its side. */
  end(): RfbClientOutput[] {
    if (this.#request !== undefined) {
      this.#request = undefined;
      this.#fail(
        this.#refusedStatus === undefined ? { kind: "closed" } : this.#refusal(this.#refusedStatus, "no reason given"),
      );
    }
    return this.#takeOutputs();
  }

  giveLogin(login: RfbLogin): RfbClientOutput[] {
    return this.#give("login", login);
  }

  giveTls(): RfbClientOutput[] {
    return this.#give("tls", undefined);
  }

  #give(want: "login" | "tls", reply: Reply): RfbClientOutput[] {
    if (this.#request?.want !== want) throw new Error(`nobody asked for ${want}`);
    this.#advance(reply);
    this.#pump();
    return this.#takeOutputs();
  }

  #takeOutputs(): RfbClientOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  #pump(): void {
    while (this.#request?.want === "bytes") {
      const bytes = this.#inbox.read(this.#request.count);
      if (bytes === undefined) {
        this.#refuseForeignProtocol();
        return;
      }
      this.#advance(bytes);
    }
  }

  /** Names another protocol by its first bytes: it may never send twelve. */
  #refuseForeignProtocol(): void {
    if (this.#version !== undefined) return;
    const start = this.#inbox.peek(Math.min(this.#inbox.length, 4)) ?? new Uint8Array(0);
    if (!"RFB ".startsWith(latin1(start))) throw new ProtocolError("mismatch", "the first bytes are not RFB");
  }

  #advance(reply: Reply): void {
    try {
      const step = this.#steps.next(reply);
      if (step.done === true) {
        this.#request = undefined;
        this.#outputs.push({ kind: "done", isTight: step.value.isTight, rest: this.#inbox.readAll() });
      } else {
        this.#request = step.value;
      }
    } catch (error) {
      this.#request = undefined;
      if (!(error instanceof Failed)) throw error;
      this.#fail(error.failure);
    }
  }

  #fail(failure: RfbFailure): void {
    this.#outputs.push({ kind: "failed", failure });
  }

  #send(bytes: Uint8Array): void {
    this.#outputs.push({ kind: "send", bytes });
  }

  *#handshake(): Steps<{ isTight: boolean }> {
    const { version, answer } = agreeVersion(yield* readBytes(VERSION_BYTES));
    this.#version = version;
    this.#send(answer);
    const type = version === "3.3" ? yield* this.#readDecidedType() : yield* this.#chooseType();
    if (this.#options.mustUseCertificate === true && type !== SECURITY_TYPE.veNCrypt) {
      throw new Failed(this.#unsupported([type]));
    }
    const isSilentSuccess = yield* this.#authenticate(type);
    if (!isSilentSuccess) yield* this.#readResult();
    return { isTight: type === SECURITY_TYPE.tight };
  }

  /** Version 3.3: the server decides. */
  *#readDecidedType(): Steps<number> {
    const type = (yield* readNumbers(4)).u32();
    if (type === SECURITY_TYPE.invalid) throw new Failed(refusalBeforeLogin(yield* readReason()));
    return type;
  }

  *#chooseType(): Steps<number> {
    const count = (yield* readNumbers(1)).u8();
    if (count === 0) throw new Failed(refusalBeforeLogin(yield* readReason()));
    this.#offered = [...(yield* readBytes(count))];
    const chosen = this.#supportedTypes().find((type) => this.#offered.includes(type));
    if (chosen === undefined) throw new Failed(this.#unsupported(this.#offered));
    this.#send(Uint8Array.of(chosen));
    return chosen;
  }

  /** Best first: encrypted, then without a question, then by password; Tight wraps what is above and changes ServerInit. */
  #supportedTypes(): number[] {
    if (this.#options.mustUseCertificate === true) return [SECURITY_TYPE.veNCrypt];
    return [
      ...(this.#options.canUseVeNCrypt ? [SECURITY_TYPE.veNCrypt] : []),
      SECURITY_TYPE.none,
      SECURITY_TYPE.vncAuthentication,
      ...(this.#options.answerDiffieHellman ? [SECURITY_TYPE.diffieHellman] : []),
      SECURITY_TYPE.tight,
    ];
  }

  #unsupported(types: readonly number[]): RfbFailure {
    return { kind: "unsupported", method: securityTypeNames(types), canDoWithout: this.#canDoWithoutVeNCrypt() };
  }

  #canDoWithoutVeNCrypt(): boolean {
    return (
      this.#options.canUseVeNCrypt &&
      this.#offered.some((type) => type !== SECURITY_TYPE.veNCrypt && this.#supportedTypes().includes(type))
    );
  }

  /** Returns true when the protocol goes on without a SecurityResult: None before 3.8. */
  *#authenticate(type: number): Steps<boolean> {
    switch (type) {
      case SECURITY_TYPE.none:
        return this.#version !== "3.8";
      case SECURITY_TYPE.vncAuthentication:
        return yield* this.#vncAuthentication();
      case SECURITY_TYPE.tight:
        return yield* this.#tight();
      case SECURITY_TYPE.veNCrypt:
        return yield* this.#veNCrypt();
      case SECURITY_TYPE.diffieHellman:
        return yield* this.#diffieHellman();
      default:
        throw new Failed(this.#unsupported([type]));
    }
  }

  *#askLogin(options: { needsUserName: boolean }): Steps<RfbLogin> {
    this.#outputs.push({ kind: "login", ...options });
    const login = yield { want: "login" };
    if (login === undefined || login instanceof Uint8Array) throw new Error("a login step was resumed without a login");
    this.#hasGivenLogin = true;
    return login;
  }

  /** RFB, section 7.2.2: each half of the challenge, encrypted with the password. */
  *#vncAuthentication(): Steps<false> {
    const challenge = yield* readBytes(CHALLENGE_BYTES);
    const { password } = yield* this.#askLogin({ needsUserName: false });
    this.#send(vncResponse(password, challenge));
    return false;
  }

  /** RFB, section "Plain subtype". */
  *#plain(): Steps<false> {
    const { userName, password } = yield* this.#askLogin({ needsUserName: true });
    const encoder = new TextEncoder();
    const user = encoder.encode(userName).subarray(0, MAX_PLAIN_FIELD_BYTES);
    const secret = encoder.encode(password).subarray(0, MAX_PLAIN_FIELD_BYTES);
    this.#send(new ByteWriter().u32(user.length).u32(secret.length).bytes(user).bytes(secret).finish());
    return false;
  }

  /** RFB, section "VeNCrypt", version 0.2. */
  *#veNCrypt(): Steps<boolean> {
    const version = yield* readNumbers(2);
    if (version.u8() === 0 && version.u8() < 2) throw new Failed(this.#unsupported([SECURITY_TYPE.veNCrypt]));
    this.#send(Uint8Array.of(0, 2));
    const isRefused = (yield* readNumbers(1)).u8() !== 0;
    if (isRefused) throw new Failed(this.#unsupported([SECURITY_TYPE.veNCrypt]));

    const count = (yield* readNumbers(1)).u8();
    const list = yield* readNumbers(count * 4);
    const offered = Array.from({ length: count }, () => list.u32());
    const { x509None, x509Vnc, x509Plain, plain, tlsNone, tlsVnc, tlsPlain } = VENCRYPT_SUBTYPE;
    const { none, vncAuthentication } = SECURITY_TYPE;
    const unchecked = this.#options.mustUseCertificate === true ? [] : [none, vncAuthentication, plain];
    const chosen = [x509None, x509Vnc, x509Plain, ...unchecked].find((type) => offered.includes(type));
    if (chosen === undefined) {
      if (!offered.some((type) => [tlsNone, tlsVnc, tlsPlain].some((anonymous) => anonymous === type))) {
        throw new Failed(this.#unsupported(offered));
      }
      throw new Failed({ kind: "anonymous-tls", canDoWithout: this.#canDoWithoutVeNCrypt() });
    }
    this.#send(new ByteWriter().u32(chosen).finish());
    if (chosen === none || chosen === vncAuthentication) return yield* this.#authenticate(chosen);
    if (chosen !== plain) yield* this.#startTls();
    if (chosen === x509Vnc) return yield* this.#vncAuthentication();
    if (chosen === x509Plain || chosen === plain) return yield* this.#plain();
    return false;
  }

  *#startTls(): Steps<void> {
    const isAccepted = (yield* readNumbers(1)).u8() === 1;
    if (!isAccepted) throw new Failed({ kind: "refused", reason: "the server cannot start TLS" });
    // The client speaks first in TLS: bytes that are here already were not sent by the holder of the certificate.
    if (this.#inbox.length > 0) throw new ProtocolError("malformed", "bytes before the TLS handshake");
    this.#outputs.push({ kind: "start-tls" });
    yield { want: "tls" };
  }

  /** RFB, section "Tight Security Type": no tunnel, then None or VNC Authentication. */
  *#tight(): Steps<boolean> {
    const tunnels = yield* readCapabilities();
    if (tunnels.length > 0) {
      if (!tunnels.includes(0)) throw new Failed(this.#unsupported([SECURITY_TYPE.tight]));
      this.#send(new ByteWriter().i32(0).finish());
    }
    const offered = yield* readCapabilities();
    const { none, vncAuthentication } = SECURITY_TYPE;
    if (offered.length === 0) return yield* this.#authenticate(none);
    const chosen = [none, vncAuthentication].find((type) => offered.includes(type));
    if (chosen === undefined) throw new Failed(this.#unsupported([SECURITY_TYPE.tight]));
    this.#send(new ByteWriter().i32(chosen).finish());
    return yield* this.#authenticate(chosen);
  }

  /** RFB, section "Diffie-Hellman Authentication", as Apple's Screen Sharing speaks it. */
  *#diffieHellman(): Steps<false> {
    const answer = this.#options.answerDiffieHellman;
    if (answer === undefined) throw new Failed(this.#unsupported([SECURITY_TYPE.diffieHellman]));
    const sizes = yield* readNumbers(4);
    const generator = sizes.u16();
    const keyBytes = sizes.u16();
    if (keyBytes === 0 || keyBytes > MAX_DIFFIE_HELLMAN_BYTES) {
      throw new ProtocolError("limit", `a Diffie-Hellman key of ${String(keyBytes)} bytes`);
    }
    const prime = yield* readBytes(keyBytes);
    const publicValue = yield* readBytes(keyBytes);
    const login = yield* this.#askLogin({ needsUserName: true });
    this.#send(answer({ generator, prime, publicValue }, login));
    return false;
  }

  /** RFB, section 7.1.3 "SecurityResult". */
  *#readResult(): Steps<void> {
    const status = (yield* readNumbers(4)).u32();
    if (status === 0) return;
    this.#refusedStatus = status;
    const reason = this.#version === "3.8" ? yield* readReason() : "no reason given";
    throw new Failed(this.#refusal(status, reason));
  }

  #refusal(status: number, reason: string): RfbFailure {
    if (status === 2 || isTooMany(reason)) return { kind: "too-many-tries", reason };
    return { kind: this.#hasGivenLogin ? "login-refused" : "refused", reason };
  }
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function isTooMany(reason: string): boolean {
  return /too many/i.test(reason);
}

function refusalBeforeLogin(reason: string): RfbFailure {
  return { kind: isTooMany(reason) ? "too-many-tries" : "refused", reason };
}

function* readBytes(count: number): Steps<Uint8Array> {
  const bytes = yield { want: "bytes", count };
  if (!(bytes instanceof Uint8Array)) throw new Error("a reading step was resumed without bytes");
  return bytes;
}

function* readNumbers(count: number): Steps<ByteReader> {
  return new ByteReader(yield* readBytes(count));
}

/** A U32 length and that many bytes; untrusted, so only what can be shown on one line is kept. */
function* readReason(): Steps<string> {
  const length = (yield* readNumbers(4)).u32();
  if (length > MAX_REASON_BYTES) throw new ProtocolError("limit", `a reason of ${String(length)} bytes`);
  const text = new TextDecoder().decode(yield* readBytes(length));
  const line = text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
  return line === "" ? "no reason given" : line.slice(0, 300);
}

/** The codes of a list of Tight capabilities; vendor and signature only repeat them. */
function* readCapabilities(): Steps<number[]> {
  const count = (yield* readNumbers(4)).u32();
  if (count > MAX_TIGHT_CAPABILITIES) throw new ProtocolError("limit", `${String(count)} Tight capabilities`);
  const list = yield* readNumbers(count * TIGHT_CAPABILITY_BYTES);
  return Array.from({ length: count }, () => {
    const code = list.i32();
    list.skip(TIGHT_CAPABILITY_BYTES - 4);
    return code;
  });
}
