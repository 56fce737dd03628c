import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { ReadStream } from "node:tty";
import { AppError } from "../../../shared/errors/app-error.ts";
import { drop } from "../../../shared/lifecycle/drop.ts";
import { createSpiceEndpoint } from "../../transport/spice-endpoint.ts";
import type { SpiceServer } from "../../transport/spice-server.ts";
import { openSecuredVnc } from "../../transport/vnc-security.ts";
import type { ConsoleEndpoint, OpenConsoleOptions, ProviderContext } from "../provider.ts";
import type { ConsoleTarget, GuestConsole } from "./guest-consoles.ts";
import { openSocket, textOfAddress } from "./open-socket.ts";
import type { SpiceAddresses } from "./spice-display.ts";
import type { SocketAddress } from "./socket-address.ts";
import { StreamEndpoint } from "../../transport/stream-endpoint.ts";
import { TelnetStream } from "../../transport/telnet-stream.ts";

/** `handleStreamEnd` hears of each stream that ended, whoever ended it. */
export function openGuestConsole(
  guestConsole: GuestConsole,
  context: ProviderContext,
  options: OpenConsoleOptions,
  handleStreamEnd?: () => void,
): ConsoleEndpoint {
  const { description, target } = guestConsole;
  if (target === undefined) {
    const reason = description.unavailable ?? "it cannot be reached";
    throw new AppError("CONSOLE_UNAVAILABLE", "console cannot be opened", { reason });
  }
  if (target.kind === "spice") return openSpice(target.addresses, context, options, handleStreamEnd);
  return new StreamEndpoint(description.protocol, async ({ signal }) => {
    const stream = await openTarget(target, context, { ...options, signal });
    if (handleStreamEnd !== undefined) stream.once("close", handleStreamEnd);
    return stream;
  });
}

function openSpice(
  { plain, secure }: SpiceAddresses,
  context: ProviderContext,
  { ask }: OpenConsoleOptions,
  handleStreamEnd?: () => void,
): ConsoleEndpoint {
  const address = plain ?? secure;
  const label = address === undefined ? "QEMU" : textOfAddress(address);
  const server: SpiceServer = {
    label,
    plain,
    secure,
    way: "direct",
    open: async (place, opening) => {
      const stream = await openSocket(place, opening);
      if (handleStreamEnd !== undefined) stream.once("close", handleStreamEnd);
      return stream;
    },
  };
  const { secrets, pins } = context;
  return createSpiceEndpoint(() => Promise.resolve(server), { secrets, pins, ask, secretKey: `spice ${label}` });
}

async function openTarget(
  target: Exclude<ConsoleTarget, { kind: "spice" }>,
  context: ProviderContext,
  options: OpenConsoleOptions,
): Promise<Duplex> {
  switch (target.kind) {
    case "vnc":
      return openVnc(target.address, context, options);
    case "serial": {
      const socket = await openSocket(target.address, options);
      return target.isTelnet ? new TelnetStream(socket, { address: textOfAddress(target.address) }) : socket;
    }
    case "pty":
      return openTerminal(target.path, options);
  }
}

function openVnc(address: SocketAddress, context: ProviderContext, options: OpenConsoleOptions): Promise<Duplex> {
  const { signal, ask } = options;
  const text = textOfAddress(address);
  const security = {
    target: text,
    secrets: context.secrets,
    secretKey: `vnc ${text}`,
    ask,
    pins: context.pins,
    tls: address.kind === "tcp" ? { host: address.host, port: address.port } : undefined,
  };
  return openSecuredVnc(() => openSocket(address, { signal }), security, { signal });
}

/** The slave side of a pseudo terminal that QEMU opened and set to raw mode; bytes go both ways unchanged. */
async function openTerminal(path: string, options: { signal: AbortSignal }): Promise<Duplex> {
  options.signal.throwIfAborted();
  try {
    const file = await open(path, constants.O_RDWR | constants.O_NOCTTY);
    // Despite its name it also writes: libuv opens the terminal in the mode of the descriptor.
    const terminal = new ReadStream(file.fd);
    terminal.once("close", () => drop(file.close()));
    // Without a listener an error would end the process. The owner sees "close".
    terminal.on("error", () => terminal.destroy());
    return terminal;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new AppError("SOCKET_MISSING", "no such terminal", { path }, { cause: error });
    if (code === "EACCES") throw new AppError("SOCKET_DENIED", "no permission for it", { path }, { cause: error });
    throw new AppError("CONNECT_FAILED", "could not open", { address: path, reason: code ?? "?" }, { cause: error });
  }
}
