import { parseArgs } from "node:util";

/** What the command line asks for. */
export type Invocation =
  | { readonly command: "start"; readonly options: StartOptions }
  | { readonly command: "list"; readonly options: ListOptions }
  | { readonly command: "help" }
  | { readonly command: "version" }
  /** One clear line; exit code 2. */
  | { readonly command: "wrong"; readonly reason: string };

interface CommonOptions {
  readonly connectUris: readonly string[];
  /** Paths of connection files (`.vv`). */
  readonly connectionFiles: readonly string[];
  readonly configFolder: string | undefined;
  readonly isDemo: boolean;
}

export interface StartOptions extends CommonOptions {
  readonly isWeb: boolean;
  readonly port: number;
  readonly openNames: readonly string[];
  /** Addresses of single consoles to open at once; they are among `connectUris`, too. */
  readonly openUris: readonly string[];
  readonly isKiosk: boolean;
}

export interface ListOptions extends CommonOptions {
  readonly isJson: boolean;
}

export const HELP_TEXT = `Switchyard: one window for every guest

  switchyard [start] [options]            open the window
  switchyard [start] [options] CONSOLE    open it and show a console: spice://host:5900, vnc://host:5900 or a .vv file
  switchyard list [options]               print hosts, guests, states and consoles

Options of start
  --web            open no window; print the address instead
  --port N         listen on this port of 127.0.0.1 (0, the default: any free one)
  --demo           sample guests only
  --connect URI    connect to this host as well, or open the console of a .vv file (repeatable)
  --open NAME      open the guest with this name (repeatable)
  --kiosk          full screen, nothing else
  --config DIR     keep settings and log in this folder

Options of list
  --json           as JSON
  --connect URI    list this host only (repeatable)
  --demo           sample guests only
  --config DIR     take settings from this folder

  --version, --help

Addresses: qemu:///system, qemu+ssh://user@host/system, qemu+tls://host/system, test:///default,
qmp+unix:///path, spice://host:5900?tls-port=5901, spice+tls://host:5901, spice+unix:///path,
vnc://host:5900, vnc+unix:///path, telnet://host:23, tcp://host:port
`;

const COMMON = {
  connect: { type: "string", multiple: true },
  config: { type: "string" },
  demo: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

const START = {
  ...COMMON,
  web: { type: "boolean" },
  port: { type: "string" },
  open: { type: "string", multiple: true },
  kiosk: { type: "boolean" },
} as const;

const LIST = { ...COMMON, json: { type: "boolean" } } as const;

/** One console, as a desktop hands it over; hosts are named by --connect. */
const CONSOLE_ADDRESS = /^(?:vnc|spice|telnet|serial|tcp)(?:\+(?:unix|tls))?:\/\//i;

/** A word that names a connection file rather than an address. */
export function isConnectionFilePath(word: string): boolean {
  return /\.vv$/i.test(word) && !/^[a-z][a-z0-9+.-]*:\/\//i.test(word);
}

export function parseArguments(argv: readonly string[]): Invocation {
  const [first, ...others] = argv;
  try {
    if (first === "list") return parseList(others);
    return parseStart(first === "start" ? others : argv);
  } catch (error) {
    // parseArgs explains in several sentences; the first one names the option.
    const [reason = "the options were not understood"] = (error as Error).message.split(/\.\s|\n/);
    return { command: "wrong", reason };
  }
}

function parseStart(argv: readonly string[]): Invocation {
  const { values, positionals } = parseArgs({ args: [...argv], options: START, allowPositionals: true });
  const extra = positionals.find((word) => !isConnectionFilePath(word) && !CONSOLE_ADDRESS.test(word));
  if (extra !== undefined) {
    return { command: "wrong", reason: `“${extra}” is neither a command, an option nor the address of a console` };
  }
  if (values.help === true) return { command: "help" };
  if (values.version === true) return { command: "version" };
  const port = values.port ?? "0";
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return { command: "wrong", reason: `--port takes a number from 0 to 65535, not “${port}”` };
  }
  const problem = emptyValue(values);
  if (problem !== undefined) return { command: "wrong", reason: problem };
  return {
    command: "start",
    options: {
      ...commonOf({ ...values, connect: [...(values.connect ?? []), ...positionals] }),
      openUris: positionals.filter((word) => !isConnectionFilePath(word)),
      isWeb: values.web === true,
      port: Number(port),
      openNames: values.open ?? [],
      isKiosk: values.kiosk === true,
    },
  };
}

function parseList(argv: readonly string[]): Invocation {
  const { values, positionals } = parseArgs({ args: [...argv], options: LIST, allowPositionals: true });
  const [extra] = positionals;
  if (extra !== undefined) return { command: "wrong", reason: `list takes options only, not “${extra}”` };
  if (values.help === true) return { command: "help" };
  if (values.version === true) return { command: "version" };
  const problem = emptyValue(values);
  if (problem !== undefined) return { command: "wrong", reason: problem };
  return { command: "list", options: { ...commonOf(values), isJson: values.json === true } };
}

function commonOf(values: {
  connect?: string[] | undefined;
  config?: string | undefined;
  demo?: boolean | undefined;
}): CommonOptions {
  const words = values.connect ?? [];
  return {
    connectUris: words.filter((word) => !isConnectionFilePath(word)),
    connectionFiles: words.filter(isConnectionFilePath),
    configFolder: values.config,
    isDemo: values.demo === true,
  };
}

function emptyValue(values: Record<string, unknown>): string | undefined {
  for (const [name, value] of Object.entries(values)) {
    if (value === "" || (Array.isArray(value) && value.includes(""))) return `--${name} needs a value`;
  }
  return undefined;
}
