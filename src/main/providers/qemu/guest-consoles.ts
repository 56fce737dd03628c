import type { ConsoleDescription, ConsoleProtocol } from "../../../shared/contracts/inventory.ts";
import { ConsoleId } from "../../../shared/contracts/ids.ts";
import type { Backend, QemuCommandLine, SerialPort } from "./command-line.ts";
import { parseOptionText } from "./option-text.ts";
import type { QmpFacts, QmpSpice, QmpVncServers } from "./qmp-facts.ts";
import type { SpiceAddresses } from "./spice-display.ts";
import { portOf, reachableHost, type SocketAddress } from "./socket-address.ts";

/** One console and how it is reached. */
export interface GuestConsole {
  readonly description: ConsoleDescription;
  /** Absent when it is unavailable. */
  readonly target: ConsoleTarget | undefined;
}

export type ConsoleTarget =
  | { readonly kind: "vnc"; readonly address: SocketAddress }
  | { readonly kind: "spice"; readonly addresses: SpiceAddresses }
  | { readonly kind: "serial"; readonly address: SocketAddress; readonly isTelnet: boolean }
  | { readonly kind: "pty"; readonly path: string };

const MAX_LABEL_LENGTH = 100;

function makeConsole(
  id: string,
  protocol: ConsoleProtocol,
  label: string,
  reach: ConsoleTarget | string,
): GuestConsole {
  const description = { id: ConsoleId.parse(id.slice(0, 128)), protocol, label: label.slice(0, MAX_LABEL_LENGTH) };
  return typeof reach === "string"
    ? { description: { ...description, unavailable: reach }, target: undefined }
    : { description, target: reach };
}

/** Ids stay the same over a restart of the guest: they come from labels and their order, not from ports. */
function vncConsole(index: number, id: string, reach: SocketAddress | string): GuestConsole {
  const target = typeof reach === "string" ? reach : ({ kind: "vnc", address: reach } as const);
  return index === 0 ? makeConsole("vnc", "vnc", "VNC", target) : makeConsole(`vnc-${id}`, "vnc", `VNC ${id}`, target);
}

function serialConsole({ label, backend }: SerialPort): GuestConsole {
  const number = /^(?:char)?serial(\d+)$/.exec(label)?.[1];
  const text = number === undefined ? `Serial ${label}` : `Serial ${number}`;
  return makeConsole(`serial-${label}`, "serial", text, serialTarget(backend));
}

function serialTarget(backend: Backend): ConsoleTarget | string {
  switch (backend.kind) {
    case "socket":
      return { kind: "serial", address: backend.address, isTelnet: backend.isTelnet };
    case "pty":
      return backend.path === undefined
        ? "only QEMU knows which terminal it is, and it has no QMP socket to ask"
        : { kind: "pty", path: backend.path };
    case "unavailable":
      return backend.reason;
  }
}

function spiceConsole(reach: SpiceAddresses | string): GuestConsole {
  return makeConsole(
    "spice",
    "spice",
    "SPICE",
    typeof reach === "string" ? reach : { kind: "spice", addresses: reach },
  );
}

/** Of the command line, unless only QMP knows it. */
function localSpiceConsoles({ spice }: QemuCommandLine, facts: QmpFacts | undefined): GuestConsole[] {
  if (spice === undefined) return [];
  if (spice.addresses !== undefined) return [spiceConsole(spice.addresses)];
  const asked = facts?.spice === undefined ? undefined : spiceAddressesOf(facts.spice, { kind: "here" });
  const isKnown = asked !== undefined && typeof asked !== "string";
  return [spiceConsole(isKnown ? asked : (spice.unavailable ?? "its address is not known"))];
}

/** Of a guest whose process is here: its command line, completed by what only QMP knows (chosen ports, terminals). */
export function consolesOfCommandLine(line: QemuCommandLine, facts: QmpFacts | undefined): GuestConsole[] {
  const vnc = line.vncDisplays.map((display, index) => {
    const asked = display.address === undefined ? facts?.vncServers.find(({ id }) => id === display.id) : undefined;
    const reach = display.address ?? (asked === undefined ? undefined : localVncAddress(asked));
    return vncConsole(index, display.id, reach ?? display.unavailable ?? "its address is not known");
  });
  const serial = line.serialPorts.map((port) => {
    if (port.backend.kind !== "pty") return serialConsole(port);
    const path = ptyPathOf(facts?.chardevs.find(({ label }) => label === port.label)?.filename);
    return serialConsole({ label: port.label, backend: { kind: "pty", path } });
  });
  // SPICE first: it has sound, devices and several screens, where VNC to the same guest is the simpler view of it.
  return [...localSpiceConsoles(line, facts), ...vnc, ...serial];
}

/** Where QEMU itself runs, seen from here: says which of its addresses mean anything to us. */
export type QemuPlace = { readonly kind: "here" } | { readonly kind: "remote"; readonly host: string };

/** Labels of character devices that are no text console: monitors, agents, other programs' channels. */
const NO_TEXT_CONSOLE = /mon|qmp|hmp|agent|qga|spice|vdagent|tpm|vhost|net|usbredir|parallel|debug|gdb/i;

/** Of a guest that is known by its QMP socket alone. */
export function consolesOfFacts(facts: QmpFacts, place: QemuPlace): GuestConsole[] {
  // QMP lists the newest first; the one without an id is the guest's first.
  const servers = [...facts.vncServers].sort((a, b) => rank(a.id) - rank(b.id) || a.id.localeCompare(b.id));
  const vnc = servers.map((server, index) => vncConsole(index, server.id, vncAddressAt(server, place)));
  const serial = facts.chardevs
    .filter(({ label }) => !NO_TEXT_CONSOLE.test(label))
    .sort((a, b) => a.label.localeCompare(b.label, "en", { numeric: true }))
    .flatMap(({ label, filename }) => {
      const backend = backendOfFilename(filename, place);
      return backend === undefined ? [] : [serialConsole({ label, backend })];
    });
  const spice = facts.spice === undefined ? [] : [spiceConsole(spiceAddressesOf(facts.spice, place))];
  return [...spice, ...vnc.slice(0, 24), ...serial.slice(0, 24)];
}

const rank = (id: string): number => (id === "default" ? 0 : 1);

function localVncAddress(server: QmpVncServers[number]): SocketAddress | undefined {
  const reach = vncAddressAt(server, { kind: "here" });
  return typeof reach === "string" ? undefined : reach;
}

const ONLY_THERE = "it listens only on the computer that runs QEMU";

function isLoopback(host: string): boolean {
  return host === "::1" || host === "localhost" || host.startsWith("127.");
}

/** An address of QEMU's computer as it is reached from here. */
function addressAt(listenHost: string, port: number, place: QemuPlace): SocketAddress | string {
  const isEverywhere = ["", "0.0.0.0", "::", "*"].includes(listenHost);
  if (place.kind === "here" || isLoopback(place.host)) {
    return { kind: "tcp", host: reachableHost(listenHost), port };
  }
  if (isEverywhere) return { kind: "tcp", host: place.host, port };
  return isLoopback(listenHost) ? ONLY_THERE : { kind: "tcp", host: listenHost, port };
}

function vncAddressAt(entry: QmpVncServers[number], place: QemuPlace): SocketAddress | string {
  const server = entry.server.find(({ websocket }) => !websocket);
  if (server === undefined) return "it listens nowhere";
  if (server.family === "unix") {
    return place.kind === "here" && server.service.startsWith("/")
      ? { kind: "unix", path: server.service }
      : ONLY_THERE;
  }
  const port = portOf(server.service);
  return port === undefined ? "its port is not a number" : addressAt(server.host, port, place);
}

function spiceAddressesOf({ host, port, tlsPort }: QmpSpice, place: QemuPlace): SpiceAddresses | string {
  if (port === undefined && tlsPort === undefined) {
    const reach = unixAt(host, place);
    return typeof reach === "string" ? reach : { plain: reach, secure: undefined };
  }
  const at = (number: number | undefined) => (number === undefined ? undefined : addressAt(host, number, place));
  const [plain, secure] = [at(port), at(tlsPort)];
  if (typeof plain === "string") return plain;
  return typeof secure === "string" ? secure : { plain, secure };
}

function ptyPathOf(filename: string | undefined): string | undefined {
  return /^pty:(\/dev\/pts\/\d+)$/.exec(filename ?? "")?.[1];
}

/** query-chardev's `filename`: "disconnected:unix:/run/a.sock,server=on", "tcp:127.0.0.1:4772,server=on <-> …", "pty:/dev/pts/0". */
function backendOfFilename(filename: string, place: QemuPlace): Backend | undefined {
  const whole = filename.replace(/^disconnected:/, "").replace(/ <-> .*$/, "");
  const pty = ptyPathOf(whole);
  if (pty !== undefined) {
    return place.kind === "here" ? { kind: "pty", path: pty } : { kind: "unavailable", reason: ONLY_THERE };
  }
  const [, scheme = "", rest = ""] = /^(unix|tcp|telnet):(.*)$/s.exec(whole) ?? [];
  const options = parseOptionText(rest);
  if (scheme === "" || options.valueByKey.get("server") !== "on") return undefined;
  const address = options.head ?? "";
  const reach = scheme === "unix" ? unixAt(address, place) : tcpAt(address, place);
  return typeof reach === "string"
    ? { kind: "unavailable", reason: reach }
    : { kind: "socket", address: reach, isTelnet: scheme === "telnet" };
}

function unixAt(path: string, place: QemuPlace): SocketAddress | string {
  if (place.kind !== "here") return ONLY_THERE;
  return path.startsWith("/") ? { kind: "unix", path } : "its path is relative to QEMU's folder";
}

function tcpAt(address: string, place: QemuPlace): SocketAddress | string {
  const colon = address.lastIndexOf(":");
  const port = portOf(address.slice(colon + 1));
  const host = address.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, "$1");
  return port === undefined ? "its port is not a number" : addressAt(host, port, place);
}
