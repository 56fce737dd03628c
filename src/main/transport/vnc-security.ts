import type { Duplex } from "node:stream";
import { RfbClientHandshake, type RfbClientOutput, type RfbFailure } from "../../protocols/rfb/client-handshake.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Ask, CertificatePins, SecretMemory } from "../providers/provider.ts";
import { addressText } from "./address.ts";
import { answerDiffieHellman } from "./apple-login.ts";
import { lostStreamError } from "./connect-error.ts";
import { protocolAppError } from "./protocol-app-error.ts";
import { StreamReader } from "./stream-reader.ts";
import { upgradeToTls, type TlsTarget } from "./tls.ts";
import { VncConsoleStream } from "./vnc-console-stream.ts";

/** How often a person may give a password for one opening; servers lock out after about five. */
export const MAX_PASSWORD_TRIES = 3;
/** The server's share of the handshake, all waits together; a person's time is not counted. */
const RFB_HANDSHAKE_TIMEOUT_MS = 15_000;
/** VNC over TLS uses the console's own port; without one only a name for the pin is needed. */
const VNC_PORT = 5900;

export interface VncSecurityContext {
  /** For texts and errors: "rack-a:5900" or a guest's name. */
  readonly target: string;
  readonly secrets: SecretMemory;
  /** What the password opens, for `secrets`: "vnc rack-a:5900". */
  readonly secretKey: string;
  readonly ask: Ask;
  readonly pins: CertificatePins;
  /** Tried first, before `secrets` and before asking. */
  readonly password?: string | undefined;
  readonly userName?: string | undefined;
  /** Whose certificate is expected when the server wants TLS; without it the certificate has no name to be checked against and is asked for. */
  readonly tls?:
    | {
        readonly host: string;
        readonly port?: number | undefined;
        readonly caFile?: string | undefined;
        readonly certFile?: string | undefined;
        readonly keyFile?: string | undefined;
      }
    | undefined;
}

/** What one connection learned that the next one needs. */
interface Attempt {
  reason: "first" | "refused";
  isGivenPasswordRefused: boolean;
  canUseVeNCrypt: boolean;
  /** Where the last login came from. */
  source: "given" | "remembered" | "asked" | undefined;
  /** The person was asked something, and the server may have grown tired meanwhile. */
  hasAsked: boolean;
}

const firstAttempt = (): Attempt => ({
  reason: "first",
  isGivenPasswordRefused: false,
  canUseVeNCrypt: true,
  source: undefined,
  hasAsked: false,
});

function beginConnection(attempt: Attempt): void {
  attempt.source = undefined;
  attempt.hasAsked = false;
}

/** VeNCrypt cannot be used but the server offers another type; a fresh connection is needed. Does not leave this module. */
class TryWithoutVeNCrypt extends Error {
  readonly appError: AppError;

  constructor(appError: AppError) {
    super("the server offers another security type");
    this.appError = appError;
  }
}

function failureError(failure: RfbFailure, address: string): AppError {
  switch (failure.kind) {
    case "login-refused":
      return new AppError("LOGIN_REFUSED", "VNC login was refused", { address, reason: failure.reason });
    case "too-many-tries":
      return new AppError("LOGIN_TOO_MANY", "VNC server refuses further tries", { address, reason: failure.reason });
    case "refused":
      return new AppError("CONSOLE_UNAVAILABLE", "VNC server refused", { address, reason: failure.reason });
    case "unsupported":
      return new AppError("LOGIN_UNSUPPORTED", "no common security type", { address, method: failure.method });
    case "anonymous-tls":
      return new AppError("TLS_UNSUPPORTED", "only TLS without a certificate", { address });
    case "closed":
      return new AppError("REMOTE_CLOSED", "closed during the VNC handshake", { address });
  }
}

/** The login that is tried now: given, remembered, or asked. */
async function findLogin(
  context: VncSecurityContext,
  attempt: Attempt,
  options: { needsUserName: boolean; signal: AbortSignal },
): Promise<{ userName: string; password: string }> {
  const { needsUserName, signal } = options;
  const given = attempt.isGivenPasswordRefused ? undefined : context.password;
  if (given !== undefined && !(needsUserName && context.userName === undefined)) {
    attempt.source = "given";
    return { userName: context.userName ?? "", password: given };
  }
  const remembered = context.secrets.get(context.secretKey);
  if (remembered !== undefined && !(needsUserName && remembered.userName === undefined)) {
    attempt.source = "remembered";
    return { userName: remembered.userName ?? "", password: remembered.secret };
  }
  attempt.source = "asked";
  attempt.hasAsked = true;
  const answer = await context.ask(
    {
      kind: "password",
      service: "VNC",
      target: context.target,
      ...(needsUserName && { userName: context.userName ?? remembered?.userName ?? "" }),
      reason: attempt.reason,
    },
    { signal },
  );
  if (answer.kind !== "secret") {
    throw new AppError("LOGIN_NEEDED", "no password was given", { address: context.target });
  }
  const userName = answer.userName ?? context.userName;
  // Before it is known to be right, so that a server that hung up meanwhile is not a reason to ask again.
  context.secrets.remember(context.secretKey, {
    secret: answer.secret,
    ...(needsUserName && userName !== undefined && { userName }),
  });
  return { userName: userName ?? "", password: answer.secret };
}

/** Under which name the server's certificate is checked and pinned. */
function tlsTargetOf({ tls, target }: VncSecurityContext): TlsTarget {
  return tls === undefined ? { host: target, port: VNC_PORT } : { ...tls, port: tls.port ?? VNC_PORT };
}

function hasPinnedCertificate(context: VncSecurityContext): boolean {
  const { host, port } = tlsTargetOf(context);
  return context.pins.get(addressText(host, port)) !== undefined;
}

function startTls(stream: Duplex, context: VncSecurityContext, attempt: Attempt, signal: AbortSignal): Promise<Duplex> {
  const ask: Ask = (body, options) => {
    attempt.hasAsked = true;
    return context.ask(body, options);
  };
  return upgradeToTls(stream, tlsTargetOf(context), { pins: context.pins, ask }, { signal });
}

/** With TLS 1.3 a server sees our certificate only after the handshake; QEMU then closes without a word. */
function hungUpAfterTls(address: string): AppError {
  const reason = "the server hung up after the handshake; it may want a client certificate";
  return new AppError("TLS_FAILED", "closed right after TLS", { address, reason });
}

/** One connection's handshake. The stream is closed when it fails. */
async function handshakeOnce(
  stream: Duplex,
  context: VncSecurityContext,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Duplex> {
  const address = context.target;
  const budget = {
    budgetMs: RFB_HANDSHAKE_TIMEOUT_MS,
    limitError: () =>
      new AppError("PROTOCOL_TIMEOUT", "no answer in the VNC handshake", { address, act: "the VNC handshake" }),
  };
  let current = stream;
  let reader = new StreamReader(current, budget);
  let isTlsJustUp = false;
  const handshake = new RfbClientHandshake({
    canUseVeNCrypt: attempt.canUseVeNCrypt,
    mustUseCertificate: hasPinnedCertificate(context),
    answerDiffieHellman,
  });
  // A stream without an error listener would end the process; what went wrong is seen by whoever reads.
  stream.on("error", () => undefined);
  try {
    const outputs: RfbClientOutput[] = [];
    for (;;) {
      const output = outputs.shift();
      if (output === undefined) {
        const chunk = await reader.read({ signal, address });
        if (chunk === undefined && isTlsJustUp) throw hungUpAfterTls(address);
        isTlsJustUp = false;
        outputs.push(...(chunk === undefined ? handshake.end() : handshake.receive(chunk)));
      } else if (output.kind === "send") {
        if (current.destroyed) throw lostStreamError(undefined, address);
        current.write(output.bytes);
      } else if (output.kind === "login") {
        const login = await findLogin(context, attempt, { needsUserName: output.needsUserName, signal });
        outputs.push(...handshake.giveLogin(login));
      } else if (output.kind === "start-tls") {
        current = await startTls(current, context, attempt, signal);
        reader = new StreamReader(current, budget);
        isTlsJustUp = true;
        outputs.push(...handshake.giveTls());
      } else if (output.kind === "done") {
        return new VncConsoleStream(current, { address, isTight: output.isTight, rest: output.rest });
      } else {
        throw failed(output.failure, context, attempt);
      }
    }
  } catch (error) {
    current.destroy();
    throw error instanceof TryWithoutVeNCrypt ? error : protocolAppError(error, { address, protocol: "VNC" });
  }
}

function failed(failure: RfbFailure, context: VncSecurityContext, attempt: Attempt): AppError | TryWithoutVeNCrypt {
  if ((failure.kind === "unsupported" || failure.kind === "anonymous-tls") && hasPinnedCertificate(context)) {
    return new AppError("TLS_CHANGED", "no certificate where one was accepted", { address: context.target });
  }
  const error = failureError(failure, context.target);
  if (failure.kind === "login-refused") {
    if (attempt.source === "given") attempt.isGivenPasswordRefused = true;
    else context.secrets.forget(context.secretKey);
    attempt.reason = "refused";
  }
  const canDoWithout = "canDoWithout" in failure && failure.canDoWithout;
  return canDoWithout ? new TryWithoutVeNCrypt(error) : error;
}

/**
 * Performs the security handshake with a real VNC server and gives a stream whose first bytes are `RFB 003.008\n` and
 * which offers only security type None; from ClientInit on it is the server's own stream. LOGIN_REFUSED: the password
 * was wrong and is forgotten; a fresh connection is needed, which `openSecuredVnc` makes by itself.
 */
export async function secureVnc(
  stream: Duplex,
  context: VncSecurityContext,
  options: { signal: AbortSignal },
): Promise<Duplex> {
  try {
    return await handshakeOnce(stream, context, firstAttempt(), options.signal);
  } catch (error) {
    throw error instanceof TryWithoutVeNCrypt ? error.appError : error;
  }
}

/**
 * Like `secureVnc`, with a fresh connection for each login that is refused (the person gets MAX_PASSWORD_TRIES), for a server that
 * hung up while the person was asked, and for one whose TLS cannot be checked but that offers another type, too.
 */
export async function openSecuredVnc(
  openStream: () => Promise<Duplex>,
  context: VncSecurityContext,
  options: { signal: AbortSignal },
): Promise<Duplex> {
  const attempt = firstAttempt();
  let asked = 0;
  for (;;) {
    beginConnection(attempt);
    try {
      return await handshakeOnce(await openStream(), context, attempt, options.signal);
    } catch (error) {
      if (error instanceof TryWithoutVeNCrypt) {
        attempt.canUseVeNCrypt = false;
        continue;
      }
      if (!(error instanceof AppError)) throw error;
      if (attempt.hasAsked) asked += 1;
      const hasHungUp = attempt.hasAsked && (error.code === "CONNECTION_LOST" || error.code === "REMOTE_CLOSED");
      if ((error.code !== "LOGIN_REFUSED" && !hasHungUp) || asked >= MAX_PASSWORD_TRIES) throw error;
    }
  }
}
