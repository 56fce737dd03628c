import type { Duplex } from "node:stream";
import type { MigrationTarget } from "../../shared/contracts/api.ts";
import { isLoopbackHost } from "./address.ts";

/** Where the bytes of a SPICE channel are to be had. */
export type SpicePlace =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** What its certificate must be. Without a subject it must have the name that is connected to. */
export interface SpiceCertificate {
  /** PEM of the authorities that are trusted instead of the system's. */
  readonly ca?: string | undefined;
  readonly caFile?: string | undefined;
  /** "O=Lab,CN=rack-a" */
  readonly subject?: string | undefined;
  readonly ciphers?: string | undefined;
  /** The name that it must have, where that is not the one that is connected to. */
  readonly name?: string | undefined;
}

/** A SPICE server and the way to it. One of `plain` and `secure` at least. */
export interface SpiceServer {
  /** For texts and questions: "rack-a:5900", a guest's name. Never a ticket. */
  readonly label: string;
  readonly plain?: SpicePlace | undefined;
  /** What speaks TLS. */
  readonly secure?: SpicePlace | undefined;
  readonly certificate?: SpiceCertificate | undefined;
  /** The way to its places: a proxy sees what passes, and what a loopback address means is the proxy's business. */
  readonly way: "direct" | "ssh" | "proxy";
  /** Opens a byte stream to a place, of this server or of another that its guest is moved to, by the same way. */
  readonly open: (place: SpicePlace, options: { signal: AbortSignal }) => Promise<Duplex>;
  /** Channels that must be encrypted, by name; the others need not be. Undefined: nothing is said, and TLS goes first. */
  readonly secureChannels?: readonly string[] | undefined;
  /** Tried before any other. */
  readonly password?: string | undefined;
  readonly userName?: string | undefined;
  /** Channels that are not to be opened, by name. */
  readonly disabledChannels?: readonly string[] | undefined;
}

/** The server that a guest is moved to: the same way, other places, its own certificate. */
export function movedServer(server: SpiceServer, target: MigrationTarget): SpiceServer {
  const { host, port, securePort, certificateSubject } = target;
  const place = (number: number | undefined): SpicePlace | undefined =>
    number === undefined ? undefined : { kind: "tcp", host, port: number };
  return {
    ...server,
    label: host,
    plain: place(port),
    secure: place(securePort),
    certificate: {
      ...server.certificate,
      name: undefined,
      subject: certificateSubject === undefined || certificateSubject === "" ? undefined : certificateSubject,
    },
  };
}

/** Nobody can listen in on the way to a place, even without TLS: it is on this computer, or SSH's at the other end. */
export function isPrivatePlace({ way }: SpiceServer, place: SpicePlace): boolean {
  return place.kind === "unix" || (way !== "proxy" && isLoopbackHost(place.host));
}
