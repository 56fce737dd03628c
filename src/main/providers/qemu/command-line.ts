import { posix } from "node:path";
import { isOn, parseOptionText, parseOptionTextOrJson, type OptionText } from "./option-text.ts";
import { absolutePath, portOf, reachableHost, UNKNOWN_FOLDER, type SocketAddress } from "./socket-address.ts";
import { parseSpiceDisplay, type SpiceDisplay } from "./spice-display.ts";
import { parseVncDisplay, type VncDisplay } from "./vnc-display.ts";

/** The outer end of a character device, as far as a console can be made of it. */
export type Backend =
  | { readonly kind: "socket"; readonly address: SocketAddress; readonly isTelnet: boolean }
  /** `path` is known only to QMP. */
  | { readonly kind: "pty"; readonly path: string | undefined }
  /** It exists, and this is why it cannot be opened. */
  | { readonly kind: "unavailable"; readonly reason: string };

export interface SerialPort {
  /** QEMU's label of the character device: "serial0" or the id that was given. */
  readonly label: string;
  readonly backend: Backend;
}

/** What a QEMU process says of itself by its command line. */
export interface QemuCommandLine {
  readonly name: string | undefined;
  readonly uuid: string | undefined;
  readonly isManagedByLibvirt: boolean;
  readonly qmpAddresses: readonly SocketAddress[];
  readonly vncDisplays: readonly VncDisplay[];
  readonly spice: SpiceDisplay | undefined;
  readonly serialPorts: readonly SerialPort[];
}

/** More of one kind than this is no guest that a person set up. */
const MAX_PORTS = 24;

const QEMU_PROGRAM = /^\.?(?:qemu-system-[\w.-]+|qemu-kvm|kvm|qemu)(?:-wrapped)?$/;

export function isQemuProgram(program: string): boolean {
  return QEMU_PROGRAM.test(posix.basename(program));
}

/** Options that are read here, all with a value. */
const READ_OPTIONS = new Set([
  "name",
  "uuid",
  "qmp",
  "qmp-pretty",
  "mon",
  "chardev",
  "vnc",
  "display",
  "spice",
  "serial",
  "device",
  "object",
]);

/** Devices that are a text console to the guest. */
const TEXT_CONSOLE_DEVICE =
  /^(?:isa-serial|pci-serial(?:-2x|-4x)?|usb-serial|virtconsole|sclpconsole|sclplmconsole|spapr-vty)$/;

/** Every libvirt since 0.6 gives its monitor this id, and its secrets come from a file of this name. */
const LIBVIRT_MONITOR_ID = "charmonitor";
const LIBVIRT_KEY_FILE = "/master-key.aes";
/** libvirt starts QEMU without a guest for a second, to ask what that QEMU can do. */
const LIBVIRT_PROBE_SOCKET = "/qmp.monitor";

function valuesByOption(argv: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (let at = 1; at < argv.length; at += 1) {
    const argument = argv[at] ?? "";
    const option = /^--?([a-z][\w-]*)$/.exec(argument)?.[1];
    const value = argv[at + 1];
    if (option === undefined || value === undefined || !READ_OPTIONS.has(option)) continue;
    const known = values.get(option);
    if (known === undefined) values.set(option, [value]);
    else known.push(value);
    at += 1;
  }
  return values;
}

function unixBackend(path: string, options: OptionText, folder: string | undefined): Backend {
  if (isOn(options, "abstract")) return { kind: "unavailable", reason: "it is an abstract socket" };
  const whole = absolutePath(path, folder);
  if (whole === undefined) return { kind: "unavailable", reason: UNKNOWN_FOLDER };
  return { kind: "socket", address: { kind: "unix", path: whole }, isTelnet: isOn(options, "telnet") };
}

function tcpBackend(host: string, port: string | undefined, options: OptionText, isTelnet: boolean): Backend {
  const number = portOf(port);
  if (number === undefined) return { kind: "unavailable", reason: "its port is not a number" };
  if (isOn(options, "websocket")) return { kind: "unavailable", reason: "it speaks WebSocket" };
  if (options.valueByKey.has("tls-creds")) return { kind: "unavailable", reason: "it speaks TLS" };
  return { kind: "socket", address: { kind: "tcp", host: reachableHost(host), port: number }, isTelnet };
}

function serverOnly(options: OptionText, backend: Backend): Backend {
  return isOn(options, "server") ? backend : { kind: "unavailable", reason: "QEMU is the client of its connection" };
}

/** `-chardev BACKEND,id=…`. Undefined: nothing to connect to (null, vc, stdio, file, …). */
function parseChardev(options: OptionText, folder: string | undefined): Backend | undefined {
  const kind = options.head ?? options.valueByKey.get("backend");
  if (kind === "pty") return { kind: "pty", path: undefined };
  if (kind !== "socket") return undefined;
  if (options.valueByKey.has("fd")) return { kind: "unavailable", reason: "it has only a file descriptor" };
  const path = options.valueByKey.get("path");
  if (path !== undefined) return serverOnly(options, unixBackend(path, options, folder));
  const { valueByKey } = options;
  const host = valueByKey.get("host") ?? "";
  return serverOnly(options, tcpBackend(host, valueByKey.get("port"), options, isOn(options, "telnet")));
}

/** The older form, in `-serial` and `-qmp`: `unix:PATH,server`, `tcp:HOST:PORT,server`, `telnet:…`, `pty`, `mon:…`. */
function parseDevice(
  text: string,
  backendById: ReadonlyMap<string, Backend>,
  folder: string | undefined,
): Backend | undefined {
  const [scheme = "", ...others] = text.split(":");
  const rest = others.join(":");
  if (scheme === "mon") return parseDevice(rest, backendById, folder);
  if (scheme === "chardev") return backendById.get(rest);
  if (text === "pty") return { kind: "pty", path: undefined };
  if (scheme === "unix") {
    const options = parseOptionText(rest);
    return serverOnly(options, unixBackend(options.head ?? "", options, folder));
  }
  if (scheme !== "tcp" && scheme !== "telnet") return undefined;
  const options = parseOptionText(rest);
  const address = options.head ?? "";
  const colon = address.lastIndexOf(":");
  const backend = tcpBackend(address.slice(0, colon), address.slice(colon + 1), options, scheme === "telnet");
  return serverOnly(options, backend);
}

function socketOf(backend: Backend | undefined): SocketAddress[] {
  return backend?.kind === "socket" && !backend.isTelnet ? [backend.address] : [];
}

/** Reads the arguments of a QEMU process. Never throws: what is not understood is left out. */
export function parseCommandLine(argv: readonly string[], folder: string | undefined): QemuCommandLine {
  const byOption = valuesByOption(argv);
  const all = (option: string): readonly string[] => byOption.get(option) ?? [];

  const backendById = new Map<string, Backend>();
  for (const value of all("chardev")) {
    const options = parseOptionText(value);
    const backend = parseChardev(options, folder);
    const id = options.valueByKey.get("id");
    if (id !== undefined && backend !== undefined) backendById.set(id, backend);
  }

  const controlMonitors = all("mon")
    .map((value) => parseOptionText(value))
    .filter(({ valueByKey }) => valueByKey.get("mode") === "control")
    .map((options) => backendById.get(options.valueByKey.get("chardev") ?? options.head ?? ""));
  const qmpMonitors = [...all("qmp"), ...all("qmp-pretty")].map((value) => parseDevice(value, backendById, folder));

  const displays = [
    ...all("vnc"),
    ...all("display").flatMap((value) => (/^vnc[=,]/.test(value) ? [value.replace(/^vnc[=,]/, "")] : [])),
  ];

  const name = all("name").at(-1);
  const nameOptions = name === undefined ? undefined : parseOptionText(name);
  return {
    name: nameOptions?.valueByKey.get("guest") ?? nameOptions?.head,
    uuid: all("uuid").at(-1)?.toLowerCase(),
    isManagedByLibvirt:
      backendById.has(LIBVIRT_MONITOR_ID) ||
      all("object").some((value) => value.includes(LIBVIRT_KEY_FILE)) ||
      [...all("qmp"), ...all("chardev")].some((value) => value.includes(LIBVIRT_PROBE_SOCKET)),
    qmpAddresses: [...qmpMonitors, ...controlMonitors].flatMap(socketOf),
    vncDisplays: displays.flatMap((value) => parseVncDisplay(value, folder) ?? []).slice(0, MAX_PORTS),
    spice: spiceOf(all("spice").at(-1), all("display"), folder),
    serialPorts: serialPortsOf(all("serial"), all("device"), backendById, folder).slice(0, MAX_PORTS),
  };
}

function spiceOf(
  option: string | undefined,
  displays: readonly string[],
  folder: string | undefined,
): SpiceDisplay | undefined {
  if (option !== undefined) return parseSpiceDisplay(option, folder);
  if (!displays.some((value) => value.startsWith("spice-app"))) return undefined;
  return {
    addresses: undefined,
    unavailable: "only QEMU knows its socket (spice-app), and it has no QMP socket to ask",
  };
}

function serialPortsOf(
  serials: readonly string[],
  devices: readonly string[],
  backendById: ReadonlyMap<string, Backend>,
  folder: string | undefined,
): SerialPort[] {
  const ports: SerialPort[] = [];
  for (const [index, value] of serials.entries()) {
    const backend = parseDevice(value, backendById, folder);
    const label = value.startsWith("chardev:") ? value.slice("chardev:".length) : `serial${index}`;
    if (backend !== undefined) ports.push({ label, backend });
  }
  for (const value of devices) {
    const options = parseOptionTextOrJson(value, "driver");
    const id = options.valueByKey.get("chardev") ?? "";
    const backend = backendById.get(id);
    const driver = options.head ?? options.valueByKey.get("driver") ?? "";
    if (backend !== undefined && TEXT_CONSOLE_DEVICE.test(driver)) ports.push({ label: id, backend });
  }
  return ports;
}
