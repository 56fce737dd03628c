import type { Duplex } from "node:stream";
import { REMOTE_CALL, type RemoteDomain } from "../../../protocols/libvirt/remote-messages.ts";
import { CONSOLE_FORCE, DOMAIN_XML, ERROR_NUMBER } from "../../../protocols/libvirt/remote-procedures.ts";
import type { ConsoleId } from "../../../shared/contracts/ids.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { StreamEndpoint } from "../../transport/stream-endpoint.ts";
import { createSpiceEndpoint } from "../../transport/spice-endpoint.ts";
import { openSecuredVnc } from "../../transport/vnc-security.ts";
import type { Ask, ConsoleEndpoint } from "../provider.ts";
import { graphicsTarget, textTarget } from "./console-target.ts";
import { parseDomainXml, type DomainDescription, type DomainGraphics, type DomainTextDevice } from "./domain-xml.ts";
import { domainConsoles, guestStateOf, type DomainConsole } from "./guest-snapshot.ts";
import { openTarget, targetText, tlsPeer, unavailable, type ConsoleHost } from "./open-target.ts";
import { libvirtProtocolError, remoteErrorNumber, remoteReason } from "./remote-failure.ts";
import { spiceServerOf } from "./spice-place.ts";

interface SignalOption {
  readonly signal: AbortSignal;
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

/** libvirt's console stream. It has one user at a time, who is only sent away when a person says so. */
async function openConsoleStream(
  console: OpenConsole,
  device: DomainTextDevice,
  options: SignalOption,
): Promise<Duplex> {
  try {
    return await openStreamOnce(console, device, 0, options);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "CONSOLE_BUSY") throw error;
    const answer = await console.ask({ kind: "take-over", target: console.domain.name }, options);
    if (answer.kind !== "accept") throw error;
    return openStreamOnce(console, device, CONSOLE_FORCE, options);
  }
}

/** On a connection of its own. CONSOLE_BUSY when somebody has the console and `flags` does not take it. */
async function openStreamOnce(
  console: OpenConsole,
  device: DomainTextDevice,
  flags: number,
  options: SignalOption,
): Promise<Duplex> {
  const { host, domain } = console;
  const connection = await host.openConnection(options);
  try {
    const args = { domain, device: device.alias, flags };
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

function openSpice(console: OpenConsole): ConsoleEndpoint {
  const { host, domain, consoleId, ask } = console;
  const { secrets, pins } = host.context;
  const secretKey = `spice ${host.uri} ${domain.uuid} ${consoleId}`;
  return createSpiceEndpoint(
    async (options) => {
      const { description, found } = await findConsole(console, options);
      if (!("graphics" in found)) throw new AppError("NOT_FOUND", "no such console", { what: "The console" });
      return spiceServerOf(host, found.graphics, description.name || domain.name);
    },
    { secrets, pins, ask, secretKey },
  );
}

/** Looks whether the console can be opened now; each stream looks again, SPICE once a session. */
export async function openGuestConsole(console: OpenConsole, options: SignalOption): Promise<ConsoleEndpoint> {
  const { found: first } = await findConsole(console, options);
  if (first.description.protocol === "spice") return openSpice(console);
  return new StreamEndpoint(first.description.protocol, async (opening) => {
    const { description, found } = await findConsole(console, opening);
    return "graphics" in found
      ? openVnc(console, found.graphics, description, opening)
      : openText(console, found.text, opening);
  });
}
