import type { Duplex } from "node:stream";
import { REMOTE_CALL, type RemoteDomain } from "../../../protocols/libvirt/remote-messages.ts";
import { DOMAIN_XML, ERROR_NUMBER } from "../../../protocols/libvirt/remote-procedures.ts";
import type { ConsoleId } from "../../../shared/contracts/ids.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { addressText } from "../../transport/address.ts";
import { StreamEndpoint } from "../../transport/stream-endpoint.ts";
import { openTcp } from "../../transport/tcp.ts";
import { openUnix } from "../../transport/unix.ts";
import { openSecuredVnc } from "../../transport/vnc-security.ts";
import type { Ask, ConsoleEndpoint, ProviderContext } from "../provider.ts";
import { graphicsTarget, textTarget, type ConsoleTarget } from "./console-target.ts";
import { parseDomainXml, type DomainDescription, type DomainGraphics, type DomainTextDevice } from "./domain-xml.ts";
import { domainConsoles, guestStateOf, type DomainConsole } from "./guest-snapshot.ts";
import type { LibvirtConnection } from "./libvirt-connection.ts";
import type { LibvirtRoute } from "./libvirt-route.ts";
import type { LibvirtAddress } from "./libvirt-uri.ts";
import { libvirtProtocolError, remoteErrorNumber, remoteReason } from "./remote-failure.ts";

interface SignalOption {
  readonly signal: AbortSignal;
}

/** What a console needs of its host's link. */
export interface ConsoleHost {
  readonly uri: string;
  readonly address: LibvirtAddress;
  readonly route: LibvirtRoute;
  readonly context: ProviderContext;
  readonly connection: LibvirtConnection;
  /** One more connection, so that a console whose reader is behind stops only itself. */
  openConnection(options: SignalOption): Promise<LibvirtConnection>;
}

function unavailable(reason: string, cause?: unknown): AppError {
  return new AppError("CONSOLE_UNAVAILABLE", "the console cannot be opened", { reason }, { cause });
}

/** Passwords are in the XML only for who may change the guest; all else works without. */
async function readSecureXml(host: ConsoleHost, domain: RemoteDomain, options: SignalOption): Promise<string> {
  const read = (flags: number): Promise<string> =>
    host.connection.call(REMOTE_CALL.domainGetXmlDesc, { domain, flags }, options);
  try {
    return await read(DOMAIN_XML.secure);
  } catch (error) {
    const number = remoteErrorNumber(error);
    if (number !== ERROR_NUMBER.operationDenied && number !== ERROR_NUMBER.accessDenied) throw error;
    return read(DOMAIN_XML.none);
  }
}

interface CurrentConsole {
  readonly description: DomainDescription;
  readonly found: DomainConsole;
}

/** The console as the domain describes it now; its port may have changed since the list was made. */
async function findConsole(console: OpenConsole, options: SignalOption): Promise<CurrentConsole> {
  const { host, domain, consoleId } = console;
  const [{ state }, xml] = await Promise.all([
    host.connection.call(REMOTE_CALL.domainGetState, { domain }, options),
    readSecureXml(host, domain, options),
  ]);
  const description = describeXml(xml, host.uri);
  const found = domainConsoles(description, host.address).find((each) => each.description.id === consoleId);
  if (found === undefined) throw new AppError("NOT_FOUND", "no such console", { what: "The console" });
  if (found.description.unavailable !== undefined) throw unavailable(found.description.unavailable);
  const guestState = guestStateOf(state);
  if (guestState === "off" || guestState === "crashed") throw new AppError("GUEST_OFF", "the guest is off");
  return { description, found };
}

function describeXml(xml: string, address: string): DomainDescription {
  try {
    return parseDomainXml(xml);
  } catch (error) {
    throw libvirtProtocolError(error, address);
  }
}

const DIRECT_FAILURES: readonly string[] = [
  "NAME_NOT_FOUND",
  "CONNECT_REFUSED",
  "CONNECT_TIMEOUT",
  "CONNECT_UNREACHABLE",
  "CONNECT_FAILED",
];

/** A byte stream to where a console listens. */
async function openTarget(host: ConsoleHost, target: ConsoleTarget, options: SignalOption): Promise<Duplex> {
  const { ssh } = host.route;
  switch (target.kind) {
    case "unavailable":
      throw unavailable(target.reason);
    case "not-yet":
      throw unavailable("the guest has not opened its port yet");
    case "unix":
      if (target.via === "direct") return openUnix(target.path, options);
      if (ssh === undefined) throw unavailable("there is no SSH connection to its host");
      return ssh.forwardUnix(target.path, options);
    case "tcp":
      if (target.via === "ssh") {
        if (ssh === undefined) throw unavailable("there is no SSH connection to its host");
        return ssh.forwardTcp(target.host, target.port, options);
      }
      try {
        return await openTcp(target, options);
      } catch (error) {
        // An alias of SSH's own configuration, or a firewall that lets only SSH through: it also listens on loopback.
        const isAny = ssh !== undefined && target.host === host.address.host;
        if (!isAny || !(error instanceof AppError) || !DIRECT_FAILURES.includes(error.code)) throw error;
        return ssh.forwardTcp("127.0.0.1", target.port, options);
      }
  }
}

/** Whose certificate is expected when the guest's VNC server wants TLS. */
function tlsPeer(host: ConsoleHost, target: ConsoleTarget): { host: string; port: number } | undefined {
  if (target.kind !== "tcp") return undefined;
  return { host: target.via === "ssh" ? (host.address.host ?? target.host) : target.host, port: target.port };
}

function targetText(target: ConsoleTarget, fallback: string): string {
  if (target.kind === "tcp") return addressText(target.host, target.port);
  return target.kind === "unix" ? target.path : fallback;
}

interface OpenConsole {
  readonly host: ConsoleHost;
  readonly domain: RemoteDomain;
  readonly consoleId: ConsoleId;
  readonly ask: Ask;
}

async function openVnc(
  console: OpenConsole,
  graphics: DomainGraphics,
  description: DomainDescription,
  options: SignalOption,
): Promise<Duplex> {
  const { host, domain, consoleId, ask } = console;
  const target = graphicsTarget(graphics, host.address);
  const peer = tlsPeer(host, target);
  return openSecuredVnc(
    () => openTarget(host, target, options),
    {
      target: description.name || targetText(target, domain.name),
      secrets: host.context.secrets,
      secretKey: `vnc ${host.uri} ${domain.uuid} ${consoleId}`,
      ask,
      pins: host.context.pins,
      password: graphics.password,
      tls: peer,
    },
    options,
  );
}

/** libvirt's console stream, on a connection of its own. */
async function openConsoleStream(
  console: OpenConsole,
  device: DomainTextDevice,
  options: SignalOption,
): Promise<Duplex> {
  const { host, domain } = console;
  const connection = await host.openConnection(options);
  try {
    const args = { domain, device: device.alias };
    const { stream } = await connection.openStream(REMOTE_CALL.domainOpenConsole, args, options);
    stream.once("close", () => connection.dispose());
    return stream;
  } catch (error) {
    connection.dispose();
    const reason = remoteReason(error);
    if (remoteErrorNumber(error) === undefined) throw error;
    // "Active console session exists for this domain": there is no error number of its own for it.
    if (/active console session/i.test(reason)) {
      throw new AppError("CONSOLE_BUSY", "somebody else has the console", {}, { cause: error });
    }
    throw unavailable(reason, error);
  }
}

async function openText(console: OpenConsole, device: DomainTextDevice, options: SignalOption): Promise<Duplex> {
  const target = textTarget(device, console.host.address);
  return target.kind === "stream"
    ? openConsoleStream(console, device, options)
    : openTarget(console.host, target, options);
}

/** Looks whether the console can be opened now; each stream looks again. */
export async function openGuestConsole(console: OpenConsole, options: SignalOption): Promise<ConsoleEndpoint> {
  const { found: first } = await findConsole(console, options);
  return new StreamEndpoint(first.description.protocol, async (opening) => {
    const { description, found } = await findConsole(console, opening);
    return "graphics" in found
      ? openVnc(console, found.graphics, description, opening)
      : openText(console, found.text, opening);
  });
}
