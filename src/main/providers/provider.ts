import type { Duplex } from "node:stream";
import type { ConnectionFile } from "../../protocols/connection-file/connection-file.ts";
import type { Disposable } from "../../shared/lifecycle/disposable.ts";
import type { Event } from "../../shared/lifecycle/event.ts";
import type { AppError } from "../../shared/errors/app-error.ts";
import type { ChannelRequest } from "../../shared/contracts/api.ts";
import type { ConsoleId, GuestId, HostId } from "../../shared/contracts/ids.ts";
import type {
  ConsoleProtocol,
  DiscoveryFinding,
  GuestSnapshot,
  PowerAction,
} from "../../shared/contracts/inventory.ts";
import type { Answer, QuestionBody } from "../../shared/contracts/question.ts";
import type { AddressBookEntry } from "../../shared/contracts/settings.ts";

/** Where a host is, understood by the provider whose `parse` made it. */
export interface HostConfig {
  readonly kind: string;
  /** Normalised, without password; the same host always gives the same text, and the host id is derived from it. */
  readonly uri: string;
  /** For the tree when the user gave none: "This computer", "rack-a". */
  readonly label: string;
  /** A password that stood in the URI that the user typed. Kept in memory only. */
  readonly password?: string;
  /** The connection file that the host is, with its secrets. Kept in memory only. */
  readonly connectionFile?: ConnectionFile;
}

export interface Logger {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

export interface AskOptions {
  readonly signal: AbortSignal;
}

/** Asks the person at the screen. Rejects with CANCELLED when the signal aborts and with LOGIN_NEEDED when nobody can answer. */
export type Ask = (body: QuestionBody, options: AskOptions) => Promise<Answer>;

/**
 * Passwords that were given in this run, in memory only, by what they open ("ssh root@rack-a:22"). So a password is asked
 * once, also over reconnects. Forget it when the far side refuses it.
 */
export interface SecretMemory {
  get(key: string): { readonly userName?: string; readonly secret: string } | undefined;
  remember(key: string, value: { readonly userName?: string; readonly secret: string }): void;
  forget(key: string): void;
}

/**
 * Certificates that the user accepted, by target ("rack-a:16514"), SHA-256 fingerprints. Kept in a file of the configuration folder.
 * SSH host keys are in OpenSSH's own known_hosts files instead.
 */
export interface CertificatePins {
  get(target: string): string | undefined;
  /** `isLasting` false: for this run only. */
  pin(target: string, fingerprint: string, options: { isLasting: boolean }): void;
  forget(target: string): void;
}

/** What a provider and a transport get from the core. All per host: a question from here is shown at that host. */
export interface ProviderContext {
  readonly hostId: HostId;
  readonly log: Logger;
  readonly ask: Ask;
  readonly secrets: SecretMemory;
  readonly pins: CertificatePins;
}

/** A change in what a host has. The first one that a watcher gets is always "all". */
export type GuestChange =
  | { readonly kind: "all"; readonly guests: readonly GuestSnapshot[] }
  | { readonly kind: "changed"; readonly guests: readonly GuestSnapshot[] }
  | { readonly kind: "removed"; readonly guestIds: readonly GuestId[] };

export interface Picture {
  readonly mediaType: "image/png" | "image/jpeg" | "image/x-portable-pixmap";
  readonly bytes: Uint8Array;
}

/** What a host can do beyond showing consoles; absent when it cannot. */
export interface Capabilities {
  readonly power?: (guestId: GuestId, action: PowerAction, options: { signal: AbortSignal }) => Promise<void>;
  /** A picture of the guest's screen, made by the host. Must not touch any console. */
  readonly screenshot?: (guestId: GuestId, options: { signal: AbortSignal }) => Promise<Picture>;
  /** Only the address book has it. */
  readonly setEntries?: (entries: readonly AddressBookEntry[]) => void;
}

export interface OpenStreamOptions {
  readonly signal: AbortSignal;
  /** SPICE only; without it the stream is the main channel of a new session. */
  readonly channel?: ChannelRequest | undefined;
}

/** An open console: how to get its byte streams. Disposing it closes all of them. */
export interface ConsoleEndpoint extends Disposable {
  readonly protocol: ConsoleProtocol;
  /**
   * Once for VNC and serial, once a channel for SPICE. The stream is past TLS, SSH and login: for VNC its first bytes
   * are a server's ProtocolVersion that offers security type None, whatever the real server asked for; for SPICE they are
   * the server's link reply as it was sent, then the link result 0. Errors are AppErrors that name the hop.
   */
  openStream(options: OpenStreamOptions): Promise<Duplex>;
  /** For text consoles whose far side has a notion of size. */
  resize?(columns: number, rows: number): void;
}

/** A live connection to one host. */
export interface HostLink extends Disposable {
  readonly capabilities: Capabilities;
  /** The connection ended by itself; the core disposes the link and connects anew with growing pauses. Fires once. */
  readonly onClosed: Event<AppError>;
  /** Whole picture first, then changes, until disposed. One watcher at a time. */
  watch(publish: (change: GuestChange) => void): Disposable;
  openConsole(guestId: GuestId, consoleId: ConsoleId, options: OpenConsoleOptions): Promise<ConsoleEndpoint>;
}

export interface OpenConsoleOptions {
  readonly signal: AbortSignal;
  /** Questions on the way to this console (its password, its certificate) are shown over the console. */
  readonly ask: Ask;
}

/** The plug-in that speaks to one kind of host; one folder each. Stateless: what lives is in its links. */
export interface Provider {
  readonly kind: string;
  /** For the add-host dialog and docs: example addresses with a word on each. */
  readonly examples: readonly { readonly uri: string; readonly meaning: string }[];
  /** Undefined: not an address of this provider. Throws URI_INVALID when it is, but wrong. */
  parse(uri: string): HostConfig | undefined;
  /** Limits its own waits; rejects with an AppError that names the hop. */
  connect(config: HostConfig, context: ProviderContext, options: { signal: AbortSignal }): Promise<HostLink>;
  /** Hosts on this machine that are worth connecting to without being told, and what was looked for. */
  discover?(options: { signal: AbortSignal }): Promise<{
    readonly hosts: readonly HostConfig[];
    readonly findings: readonly DiscoveryFinding[];
  }>;
}
