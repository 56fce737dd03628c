import { isIP } from "node:net";
import {
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Ask, CertificatePins } from "../providers/provider.ts";
import { addressText } from "./address.ts";
import { isExpectedSubject } from "./certificate-subject.ts";
import { readCertificates, type CertificateSource } from "./certificate-file.ts";
import { lostStreamError, reasonOf, tlsReasonOf } from "./connect-error.ts";
import { waitWithLimit } from "./limited-wait.ts";
import { openTcp } from "./tcp.ts";

/** From the first byte to the finished handshake, without the time in which a person reads a certificate. */
const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;
/** Longest text that a certificate question takes. */
const MAX_NAME_LENGTH = 512;

/** With whom TLS is spoken. */
export interface TlsTarget extends CertificateSource {
  readonly host: string;
  readonly port: number;
  /** The name that the certificate must have, when it is not `host`. */
  readonly servername?: string | undefined;
  /** The subject that the certificate must have, then instead of any name ("O=Lab,CN=rack-a"). */
  readonly subject?: string | undefined;
  /** OpenSSL's cipher list, where the default is not what the server wants. */
  readonly ciphers?: string | undefined;
}

/** How a certificate is trusted that no authority vouches for. */
export interface CertificateTrust {
  readonly pins: CertificatePins;
  readonly ask: Ask;
}

type Handshake = { readonly socket: TLSSocket; readonly problem: string | undefined };

/** Our own word among Node's and OpenSSL's. */
const SUBJECT_MISMATCH = "SUBJECT_MISMATCH";

const PROBLEM_BY_CODE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is signed by itself, not by an authority",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not one that is trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "its authority is not one that is trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is not one that is trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its authority is not one that is trusted here",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  CERT_REVOKED: "it was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is made out to another name",
  [SUBJECT_MISMATCH]: "it is made out to another subject",
};

function problemOf(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  // Typed as Error, but it is the bare code unless the host name check failed.
  const error: unknown = socket.authorizationError;
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
  return PROBLEM_BY_CODE[code] ?? `it could not be verified (${code})`;
}

/** Node calls it with a certificate that an authority vouches for. */
function subjectCheck(expected: string): (host: string, certificate: PeerCertificate) => Error | undefined {
  return (_, certificate) => {
    if (isExpectedSubject(new X509Certificate(certificate.raw).subject, expected)) return undefined;
    return Object.assign(new Error("another subject"), { code: SUBJECT_MISMATCH });
  };
}

function handshake(
  stream: Duplex,
  target: TlsTarget,
  certificates: Awaited<ReturnType<typeof readCertificates>>,
  signal: AbortSignal,
): Promise<Handshake> {
  const address = addressText(target.host, target.port);
  const seconds = TLS_HANDSHAKE_TIMEOUT_MS / 1000;
  const limits = {
    signal,
    limitMs: TLS_HANDSHAKE_TIMEOUT_MS,
    limitError: () =>
      new AppError("TLS_FAILED", "no handshake in time", { address, reason: `no answer within ${seconds} s` }),
  };
  const name = target.servername ?? target.host;
  return waitWithLimit<Handshake>(limits, (resolve, reject, owned) => {
    let secureContext;
    try {
      secureContext = createSecureContext({
        ...certificates,
        minVersion: "TLSv1.2",
        ...(target.ciphers !== undefined && { ciphers: target.ciphers }),
      });
    } catch (error) {
      const path = target.certFile ?? target.caFile ?? "given";
      throw new AppError("TLS_FILE", "certificate is unusable", { path, reason: tlsReasonOf(error) }, { cause: error });
    }
    const socket = connect({
      socket: stream,
      secureContext,
      // Node checks the certificate against this name; as SNI only a name is allowed, not an address (RFC 6066).
      host: name,
      ...(isIP(name) === 0 && { servername: name }),
      ...(target.subject !== undefined && { checkServerIdentity: subjectCheck(target.subject) }),
      // The certificate is judged below, before a byte of ours is sent: by authority, by pin, or by the user.
      rejectUnauthorized: false,
    });
    let isSecure = false;
    owned.defer(() => {
      if (!isSecure) socket.destroy();
    });
    // Stays: a stream without an error listener would end the process. Its owner sees "close".
    socket.on("error", (error) => {
      reject(new AppError("TLS_FAILED", "handshake failed", { address, reason: tlsReasonOf(error) }, { cause: error }));
    });
    socket.once("close", () => {
      reject(new AppError("TLS_FAILED", "closed in the handshake", { address, reason: "the connection was closed" }));
    });
    socket.once("secureConnect", () => {
      isSecure = true;
      resolve({ socket, problem: problemOf(socket) });
    });
  });
}

function nameText(name: DetailedPeerCertificate["subject"] | undefined): string {
  return Object.entries(name ?? {})
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join(", ") : String(value)}`)
    .join(", ")
    .slice(0, MAX_NAME_LENGTH);
}

/** Returns when the certificate may be trusted; throws TLS_CHANGED or TLS_UNTRUSTED otherwise. */
async function judge(
  { socket, problem }: Handshake,
  address: string,
  trust: CertificateTrust,
  signal: AbortSignal,
): Promise<void> {
  if (problem === undefined) return;
  const certificate = socket.getPeerCertificate(true);
  const fingerprint = certificate.fingerprint256 as string | undefined;
  if (fingerprint === undefined) {
    throw new AppError("TLS_UNSUPPORTED", "no certificate was shown", { address });
  }
  const pinned = trust.pins.get(address);
  if (pinned === fingerprint) return;
  if (pinned !== undefined) throw new AppError("TLS_CHANGED", "certificate differs from the accepted one", { address });
  const answer = await trust.ask(
    {
      kind: "certificate",
      target: address,
      subject: nameText(certificate.subject),
      issuer: nameText(certificate.issuer),
      validFrom: certificate.valid_from,
      validTo: certificate.valid_to,
      fingerprint,
      problem,
    },
    { signal },
  );
  if (answer.kind !== "accept") {
    throw new AppError("TLS_UNTRUSTED", "certificate was not accepted", { address, reason: problem });
  }
  trust.pins.pin(address, fingerprint, { isLasting: answer.remember });
  if (socket.destroyed) throw lostStreamError(undefined, address);
}

/**
 * Speaks TLS over an open stream. The certificate is good when an authority vouches for it and it has the host's name; else
 * when it is the pinned one; else the user is asked. It is never accepted silently. The given stream belongs to the
 * result, and is closed when this fails. CONNECTION_LOST: the far side hung up while the user was reading; the
 * certificate is pinned by then, so a second try does not ask.
 */
export async function upgradeToTls(
  stream: Duplex,
  target: TlsTarget,
  trust: CertificateTrust,
  options: { signal: AbortSignal },
): Promise<Duplex> {
  const { signal } = options;
  try {
    const done = await handshake(stream, target, await readCertificates(target), signal);
    try {
      await judge(done, addressText(target.host, target.port), trust, signal);
      return done.socket;
    } catch (error) {
      done.socket.destroy();
      throw error;
    }
  } catch (error) {
    stream.destroy();
    if (error instanceof AppError) throw error;
    const address = addressText(target.host, target.port);
    throw new AppError("TLS_FAILED", "TLS failed", { address, reason: reasonOf(error) }, { cause: error });
  }
}

/** Connects and speaks TLS; see `upgradeToTls`. */
export async function openTls(
  target: TlsTarget,
  trust: CertificateTrust,
  options: { signal: AbortSignal },
): Promise<Duplex> {
  const openOnce = async (): Promise<Duplex> => upgradeToTls(await openTcp(target, options), target, trust, options);
  try {
    return await openOnce();
  } catch (error) {
    // Only a far side that grew tired while the user was reading; the pin answers now.
    if (error instanceof AppError && error.code === "CONNECTION_LOST") return openOnce();
    throw error;
  }
}
