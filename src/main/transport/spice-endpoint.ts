import type { Duplex } from "node:stream";
import type { LinkFailure } from "../../protocols/spice/link/client-link.ts";
import type { ChannelRequest } from "../../shared/contracts/api.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Ask, CertificatePins, ConsoleEndpoint, OpenStreamOptions, SecretMemory } from "../providers/provider.ts";
import { channelName, MAIN_CHANNEL_REQUEST } from "./spice-channels.ts";
import { linkSpice, type SpiceLinkEnd, type SpiceLogin } from "./spice-link.ts";
import { SpiceLogins } from "./spice-logins.ts";
import { isPrivatePlace, movedServer, type SpicePlace, type SpiceServer } from "./spice-server.ts";
import { shareQuestions } from "./shared-ask.ts";
import { StreamEndpoint } from "./stream-endpoint.ts";
import { upgradeToTls, type TlsTarget } from "./tls.ts";

/** Ports, logins and a server that grew tired: no honest server needs more tries for one channel. */
const MAX_LINKS_PER_CHANNEL = 12;
/** How often a person may give a password for one channel. */
const MAX_PASSWORD_TRIES = 3;
/** The port of a place that has none, for the name under which a certificate is pinned. */
const SPICE_PORT = 5900;

export interface SpiceContext {
  readonly secrets: SecretMemory;
  /** What the password opens, for `secrets`: "spice rack-a:5900". */
  readonly secretKey: string;
  readonly ask: Ask;
  readonly pins: CertificatePins;
}

type Security = "plain" | "secure";

/**
 * A SPICE console: one stream a channel, each connected, secured, linked and logged in. `findServer` is asked again for each new
 * session, since a guest that was restarted listens elsewhere. Channels that open together ask a person one question.
 */
export function createSpiceEndpoint(
  findServer: (options: { signal: AbortSignal }) => Promise<SpiceServer>,
  context: SpiceContext,
): ConsoleEndpoint {
  const console = new SpiceConsole(findServer, context);
  return new StreamEndpoint("spice", (options) => console.openChannel(options));
}

class SpiceConsole {
  readonly #findServer: (options: { signal: AbortSignal }) => Promise<SpiceServer>;
  readonly #trust: { readonly pins: CertificatePins; readonly ask: Ask };
  readonly #logins: SpiceLogins;
  #server: SpiceServer | undefined;
  /** What the last channel was told, so that the next one goes there at once. */
  #lastSecurity: Security | undefined;

  constructor(findServer: (options: { signal: AbortSignal }) => Promise<SpiceServer>, context: SpiceContext) {
    this.#findServer = findServer;
    const ask = shareQuestions(context.ask);
    this.#trust = { pins: context.pins, ask };
    this.#logins = new SpiceLogins({ ...context, ask });
  }

  async openChannel({ signal, channel = MAIN_CHANNEL_REQUEST }: OpenStreamOptions): Promise<Duplex> {
    const server = await this.#serverFor(channel, signal);
    const name = channelName(channel.type);
    if (server.disabledChannels?.includes(name) === true) {
      const reason = `its connection file turns the ${name} channel off`;
      throw new AppError("CONSOLE_UNAVAILABLE", "the channel is turned off", { reason });
    }
    return await new ChannelOpening(server, channel, this.#trust, this.#logins).open(
      this.#firstSecurity(server, name),
      (security) => {
        this.#lastSecurity = security;
      },
      signal,
    );
  }

  async #serverFor({ sessionId, target }: ChannelRequest, signal: AbortSignal): Promise<SpiceServer> {
    const isNewSession = sessionId === 0 && target === undefined;
    if (isNewSession || this.#server === undefined) {
      this.#server = await this.#findServer({ signal });
      this.#lastSecurity = undefined;
      this.#logins.give(this.#server);
    }
    return target === undefined ? this.#server : movedServer(this.#server, target);
  }

  #firstSecurity(server: SpiceServer, channel: string): Security {
    const { plain, secure, secureChannels } = server;
    if (plain === undefined) return "secure";
    if (secure === undefined) return "plain";
    if (secureChannels !== undefined) {
      return secureChannels.includes(channel) || secureChannels.includes("all") ? "secure" : "plain";
    }
    return this.#lastSecurity ?? (isPrivatePlace(server, plain) ? "plain" : "secure");
  }
}

/** The tries for one channel: the other port, the next login, once more. */
class ChannelOpening {
  readonly #server: SpiceServer;
  readonly #channel: ChannelRequest;
  readonly #trust: { readonly pins: CertificatePins; readonly ask: Ask };
  readonly #logins: SpiceLogins;
  readonly #refusedSecurities = new Set<Security>();
  #login: SpiceLogin | undefined;
  #hasBeenLeft = false;
  #askedCount = 0;

  constructor(
    server: SpiceServer,
    channel: ChannelRequest,
    trust: { readonly pins: CertificatePins; readonly ask: Ask },
    logins: SpiceLogins,
  ) {
    this.#server = server;
    this.#channel = channel;
    this.#trust = trust;
    this.#logins = logins;
    this.#login = logins.known();
  }

  async open(first: Security, learn: (security: Security) => void, signal: AbortSignal): Promise<Duplex> {
    let security = first;
    for (let links = 0; links < MAX_LINKS_PER_CHANNEL; links += 1) {
      const end = await this.#linkOnce(security, signal);
      if (end === undefined) continue;
      if (end.kind === "linked") {
        learn(security);
        return end.stream;
      }
      if (end.kind === "login-needed") {
        this.#login = await this.#askPerson({ needsUserName: true, reason: "first" }, signal);
      } else if (end.failure.kind === "login-refused") {
        this.#login = await this.#nextLogin(this.#login, signal);
      } else {
        security = this.#otherSecurity(security, end.failure);
      }
    }
    throw this.#refused("it sends the client to and fro");
  }

  /** After a refusal: what another channel learned meanwhile, else what a person says. */
  async #nextLogin(refused: SpiceLogin | undefined, signal: AbortSignal): Promise<SpiceLogin> {
    if (refused !== undefined) this.#logins.forget(refused);
    const needsUserName = refused?.userName !== undefined;
    const reason = refused === undefined ? "first" : "refused";
    return this.#logins.known() ?? (await this.#askPerson({ needsUserName, reason }, signal));
  }

  async #askPerson(
    about: { needsUserName: boolean; reason: "first" | "refused" },
    signal: AbortSignal,
  ): Promise<SpiceLogin> {
    const target = this.#server.label;
    if (this.#askedCount >= MAX_PASSWORD_TRIES) {
      throw new AppError("LOGIN_REFUSED", "SPICE login was refused", { address: target });
    }
    this.#askedCount += 1;
    return this.#logins.ask({ ...about, target, signal });
  }

  /** Undefined: the server hung up while a person read its certificate, which happens once. */
  async #linkOnce(security: Security, signal: AbortSignal): Promise<SpiceLinkEnd | undefined> {
    const { label, plain, secure } = this.#server;
    const place = security === "plain" ? plain : secure;
    if (place === undefined) throw this.#refused("its place is not known");
    let stream = await this.#server.open(place, { signal });
    if (security === "secure") {
      try {
        stream = await upgradeToTls(stream, tlsTargetOf(this.#server, place), this.#trust, { signal });
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "CONNECTION_LOST" || this.#hasBeenLeft) throw error;
        this.#hasBeenLeft = true;
        return undefined;
      }
    }
    const { sessionId, type, id, capabilities } = this.#channel;
    const request = { connectionId: sessionId, channelType: type, channelId: id, channelCapabilities: capabilities };
    const isSecure = security === "secure";
    const host = tlsTargetOf(this.#server, place).host;
    return linkSpice(stream, { request, address: label, host, isSecure, login: this.#login }, { signal });
  }

  /** The port that the server wants instead; throws what the failure means when there is none. */
  #otherSecurity(security: Security, failure: LinkFailure): Security {
    const { label, plain, secure } = this.#server;
    this.#refusedSecurities.add(security);
    const canSwitch = (to: Security): boolean =>
      (to === "plain" ? plain : secure) !== undefined && !this.#refusedSecurities.has(to);
    switch (failure.kind) {
      case "need-secured":
      case "sasl-needs-tls":
        if (canSwitch("secure")) return "secure";
        throw new AppError("TLS_NEEDED", failure.kind, { address: label });
      case "need-unsecured":
        if (canSwitch("plain")) return "plain";
        throw this.#refused("it wants it without TLS, and its port without TLS is not known");
      case "login-unsupported":
        throw new AppError("LOGIN_UNSUPPORTED", "no login in common", { address: label, method: failure.method });
      case "closed":
        throw new AppError("REMOTE_CLOSED", "closed during the SPICE link", { address: label });
      case "session-unknown":
        throw this.#refused("it does not know this session any more");
      case "channel-unavailable":
        throw this.#refused("it does not have it");
      case "refused":
        throw this.#refused(failure.reason);
      case "login-refused":
        throw new AppError("LOGIN_REFUSED", "SPICE login was refused", { address: label });
    }
  }

  #refused(reason: string): AppError {
    const detail = { address: this.#server.label, channel: channelName(this.#channel.type), reason };
    return new AppError("CHANNEL_REFUSED", "the channel was refused", detail);
  }
}

function tlsTargetOf({ label, certificate }: SpiceServer, place: SpicePlace): TlsTarget {
  const host = certificate?.name ?? (place.kind === "unix" ? label : place.host);
  return { ...certificate, host, port: place.kind === "unix" ? SPICE_PORT : place.port };
}
