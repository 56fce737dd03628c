import { REMOTE_CALL } from "../../../protocols/libvirt/remote-messages.ts";
import { AUTH_TYPE, DRIVER_FEATURE, ERROR_NUMBER } from "../../../protocols/libvirt/remote-procedures.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { ProviderContext } from "../provider.ts";
import type { LibvirtConnection } from "./libvirt-connection.ts";
import { libvirtProtocolError, reasonText, remoteErrorNumber, remoteReason } from "./remote-failure.ts";
import { chooseSaslExchange, knowsSaslMechanism } from "../../transport/sasl.ts";
import { type SaslCredentials } from "../../transport/sasl-exchange.ts";

/** A person reads a dialog of the desktop's polkit agent and types a password there. */
const POLKIT_LIMIT_MS = 120_000;
/** A SASL exchange has three rounds; a server that never comes to an end is refused. */
const MAX_SASL_ROUNDS = 10;

export interface LoginOptions {
  /** For errors and questions: "rack-a:16514", a socket path. */
  readonly address: string;
  /** What the daemon is asked to open: "qemu:///system". */
  readonly connectName: string;
  /** Under which name a password is remembered. */
  readonly secretKey: string;
  readonly userName: string | undefined;
  readonly password: string | undefined;
  /** TLS, SSH or a local socket: nobody can listen in. */
  readonly isPrivate: boolean;
  readonly reason: "first" | "refused";
  readonly context: Pick<ProviderContext, "ask" | "secrets" | "log">;
  readonly signal: AbortSignal;
}

async function credentialsFor(options: LoginOptions): Promise<SaslCredentials> {
  const { context, secretKey, userName, password, reason, address, signal } = options;
  const known = context.secrets.get(secretKey);
  if (known !== undefined) return { userName: known.userName ?? userName ?? "", password: known.secret };
  if (password !== undefined && userName !== undefined && reason === "first") return { userName, password };
  const question = { kind: "password", service: "libvirt", target: address, userName: userName ?? "", reason } as const;
  const answer = await context.ask(question, { signal });
  if (answer.kind !== "secret") throw new AppError("LOGIN_NEEDED", "no password was given", { address });
  const given = { userName: answer.userName ?? userName ?? "", password: answer.secret };
  context.secrets.remember(secretKey, { userName: given.userName, secret: given.password });
  return given;
}

/** "rack-a:16514" without its port; this machine for a socket's path. */
function hostOf(address: string): string {
  return address.includes("/") ? "localhost" : address.replace(/:\d+$/, "").replaceAll(/[[\]]/g, "");
}

/** What a refusal by the daemon means; anything else stays what it is. */
function refusalOf(error: unknown, address: string): unknown {
  const number = remoteErrorNumber(error);
  if (number !== ERROR_NUMBER.authFailed) return error;
  return new AppError("LOGIN_REFUSED", "the daemon refused the login", { address }, { cause: error });
}

/**
 * On a connection that others can read, libvirt offers only mechanisms that encrypt it by themselves (remote_daemon_dispatch.c:
 * at least 56 bits), of which we know none.
 */
function adviceFor({ isPrivate }: LoginOptions): string {
  return isPrivate ? "" : "; with qemu+tls:// or qemu+ssh:// it would offer others";
}

/** In libvirt's words, which may be separated by anything. */
async function saslMechanisms(connection: LibvirtConnection, options: LoginOptions): Promise<string> {
  const { address, signal } = options;
  try {
    return (await connection.call(REMOTE_CALL.authSaslInit, undefined, { signal })).mechanisms;
  } catch (error) {
    // Nobody has tried a password yet: this is how libvirt 9.0 says that its SASL has no mechanism for such a connection.
    if (remoteErrorNumber(error) !== ERROR_NUMBER.authFailed) throw error;
    const method = `SASL without a mechanism for this connection${adviceFor(options)}`;
    throw new AppError(
      "LOGIN_UNSUPPORTED",
      "the daemon offers no SASL mechanism",
      { address, method },
      { cause: error },
    );
  }
}

async function loginBySasl(connection: LibvirtConnection, options: LoginOptions): Promise<void> {
  const { address, isPrivate, signal } = options;
  const offered = (await saslMechanisms(connection, options))
    .split(/[\s,]+/)
    .filter((name) => name !== "")
    .map((name) => name.toUpperCase());
  const saslOptions = { isPrivate, service: { name: "libvirt", host: hostOf(address) } };
  if (!knowsSaslMechanism(offered, saslOptions)) {
    const method = reasonText(`SASL ${offered.join(", ")}`) + adviceFor(options);
    throw new AppError("LOGIN_UNSUPPORTED", "no SASL mechanism in common", { address, method });
  }
  const exchange = chooseSaslExchange(offered, await credentialsFor(options), saslOptions);
  if (exchange === undefined) throw new AppError("BUG", "a known SASL mechanism is not there");
  try {
    const first = { mechanism: exchange.mechanism, data: exchange.start() };
    let reply = await connection.call(REMOTE_CALL.authSaslStart, first, { signal });
    for (let round = 0; !reply.isComplete; round += 1) {
      if (round >= MAX_SASL_ROUNDS) {
        const reason = "its login never ends";
        throw new AppError("PROTOCOL_ERROR", "SASL has too many rounds", { address, protocol: "SASL", reason });
      }
      const data = await exchange.step(reply.data ?? new Uint8Array(0));
      reply = await connection.call(REMOTE_CALL.authSaslStep, { data }, { signal });
    }
    // With success the last message of the server may come along: for SCRAM its proof, which must be right.
    if (reply.data !== undefined && reply.data.length > 0) await exchange.step(reply.data);
  } catch (error) {
    throw refusalOf(libvirtProtocolError(error, address), address);
  }
}

async function loginByPolkit(connection: LibvirtConnection, options: LoginOptions): Promise<void> {
  const { address, signal } = options;
  try {
    await connection.call(REMOTE_CALL.authPolkit, undefined, { signal, limitMs: POLKIT_LIMIT_MS });
  } catch (error) {
    const number = remoteErrorNumber(error);
    const isRefusal =
      number === ERROR_NUMBER.authFailed ||
      number === ERROR_NUMBER.authCancelled ||
      number === ERROR_NUMBER.authUnavailable;
    if (!isRefusal) throw error;
    throw new AppError(
      "LOGIN_NOT_ALLOWED",
      "polkit said no",
      { address, reason: remoteReason(error) },
      { cause: error },
    );
  }
}

async function authenticate(connection: LibvirtConnection, options: LoginOptions): Promise<void> {
  const { address, signal } = options;
  const types = await connection.call(REMOTE_CALL.authList, undefined, { signal });
  if (types.length === 0 || types.includes(AUTH_TYPE.none)) return;
  if (types.includes(AUTH_TYPE.polkit)) await loginByPolkit(connection, options);
  else if (types.includes(AUTH_TYPE.sasl)) await loginBySasl(connection, options);
  else throw new AppError("LOGIN_UNSUPPORTED", "unknown login", { address, method: `number ${types.join(", ")}` });
}

/** Logs in and opens the driver; after this the connection takes every call. */
export async function openDriver(connection: LibvirtConnection, options: LoginOptions): Promise<void> {
  const { connectName, signal } = options;
  await authenticate(connection, options);
  const feature = { feature: DRIVER_FEATURE.programKeepalive };
  const { isSupported } = await connection.call(REMOTE_CALL.connectSupportsFeature, feature, { signal });
  if (isSupported) connection.startKeepalive();
  await connection.call(REMOTE_CALL.connectOpen, { name: connectName }, { signal });
}
