import type { Duplex } from "node:stream";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Ask, CertificatePins, SecretMemory } from "../providers/provider.ts";

export interface VncSecurityContext {
  /** For texts and errors: "rack-a:5900" or a guest's name. */
  readonly target: string;
  readonly secrets: SecretMemory;
  /** What the password opens, for `secrets`: "vnc rack-a:5900". */
  readonly secretKey: string;
  readonly ask: Ask;
  readonly pins: CertificatePins;
  readonly password?: string | undefined;
  readonly userName?: string | undefined;
  /** With whom TLS is spoken when the server wants it; without it the certificate's name is not known and the user is asked. */
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

/**
 * Performs the security handshake with a real VNC server and gives a stream whose first bytes are `RFB 003.008\n` and
 * which offers only security type None. LOGIN_REFUSED: the password was wrong, is forgotten, and a fresh connection is
 * needed; `openSecuredVnc` does that.
 */
export function secureVnc(
  stream: Duplex,
  context: VncSecurityContext,
  options: { signal: AbortSignal },
): Promise<Duplex> {
  options.signal.throwIfAborted();
  stream.destroy();
  return Promise.reject(
    new AppError("LOGIN_UNSUPPORTED", "not there yet", { address: context.target, method: "not there yet" }),
  );
}

/** Like `secureVnc`, with a fresh connection for each password that is refused. */
export async function openSecuredVnc(
  openStream: () => Promise<Duplex>,
  context: VncSecurityContext,
  options: { signal: AbortSignal },
): Promise<Duplex> {
  return secureVnc(await openStream(), context, options);
}
