import { ProtocolError } from "../bytes/protocol-error.ts";

/**
 * Connection files of virt-viewer (`.vv`), as oVirt, Proxmox and others hand them out: one console and what its server's
 * certificate must be. The form is GLib's key file, the keys are those of section `[virt-viewer]` in
 * https://gitlab.com/virt-viewer/virt-viewer/-/blob/master/man/remote-viewer.pod ("CONNECTION FILE"). Unknown keys are passed over.
 */

/** A file has some KiB, most of it a certificate. */
export const MAX_CONNECTION_FILE_CHARACTERS = 256 * 1024;
const MAX_LIST_ENTRIES = 64;
const MAX_TEXT_CHARACTERS = 4096;
const GROUP = "virt-viewer";

export interface ConnectionFile {
  readonly type: "spice" | "vnc";
  /** May be a ticket that only `proxy` understands (Proxmox). */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
  /** In place of host and port. */
  readonly unixPath: string | undefined;
  readonly userName: string | undefined;
  /** A secret. */
  readonly password: string | undefined;
  readonly title: string | undefined;
  /** PEM of the authorities that are trusted. */
  readonly ca: string | undefined;
  readonly hostSubject: string | undefined;
  readonly tlsCiphers: string | undefined;
  /** The address of an HTTP proxy. */
  readonly proxy: string | undefined;
  readonly secureChannels: readonly string[] | undefined;
  readonly disableChannels: readonly string[] | undefined;
  /** The file is to be deleted once it was read. */
  readonly shouldDeleteFile: boolean;
  readonly isFullscreen: boolean;
  /** Hotkeys in virt-viewer's words ("shift+f11"): for its own window. */
  readonly toggleFullscreen: string | undefined;
  readonly releaseCursor: string | undefined;
  readonly secureAttention: string | undefined;
  readonly shouldShareUsb: boolean | undefined;
  readonly usbFilter: string | undefined;
}

function malformed(reason: string): ProtocolError {
  return new ProtocolError("malformed", reason);
}

/** Reads a connection file. Throws ProtocolError, which names the key that is wrong; never with its value. */
export function parseConnectionFile(text: string): ConnectionFile {
  if (text.length > MAX_CONNECTION_FILE_CHARACTERS) throw new ProtocolError("limit", "it is too long");
  const keys = new KeyFileGroup(readGroup(text));
  const type = keys.text("type")?.toLowerCase();
  if (type === undefined) throw malformed("it has no type");
  if (type !== "spice" && type !== "vnc") throw malformed("its type is neither spice nor vnc");
  const file: ConnectionFile = {
    type,
    host: keys.text("host"),
    port: keys.port("port"),
    tlsPort: keys.port("tls-port"),
    unixPath: keys.text("unix-path"),
    userName: keys.text("username"),
    password: keys.text("password"),
    title: keys.text("title"),
    ca: keys.text("ca", MAX_CONNECTION_FILE_CHARACTERS),
    hostSubject: keys.text("host-subject"),
    tlsCiphers: keys.text("tls-ciphers"),
    proxy: keys.text("proxy"),
    secureChannels: keys.list("secure-channels"),
    disableChannels: keys.list("disable-channels"),
    shouldDeleteFile: keys.flag("delete-this-file") ?? false,
    isFullscreen: keys.flag("fullscreen") ?? false,
    toggleFullscreen: keys.text("toggle-fullscreen"),
    releaseCursor: keys.text("release-cursor"),
    secureAttention: keys.text("secure-attention"),
    shouldShareUsb: keys.flag("enable-usb-autoshare"),
    usbFilter: keys.text("usb-filter"),
  };
  if (file.unixPath === undefined) {
    if (file.host === undefined) throw malformed("it has no host");
    if (file.port === undefined && file.tlsPort === undefined) throw malformed("it has no port");
  }
  return file;
}

/** Whether a text is such a file, by its first section. */
export function isConnectionFile(text: string): boolean {
  return /^\uFEFF?(?:\s|#[^\n]*\n)*\[virt-viewer\]/.test(text.slice(0, MAX_CONNECTION_FILE_CHARACTERS));
}

/** Keys of the one section that counts; of a key that stands twice, the last one is taken, as GLib does. */
function readGroup(text: string): ReadonlyMap<string, string> {
  const valueByKey = new Map<string, string>();
  let group: string | undefined;
  let hasGroup = false;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const heading = /^\[([^[\]]*)\]$/.exec(trimmed)?.[1];
    if (heading !== undefined) {
      group = heading;
      hasGroup ||= group === GROUP;
      continue;
    }
    if (group !== GROUP) continue;
    const equals = line.indexOf("=");
    if (equals <= 0) throw malformed("a line of it is no key=value");
    valueByKey.set(line.slice(0, equals).trim(), line.slice(equals + 1).trimStart());
  }
  if (!hasGroup) throw malformed("it has no section [virt-viewer]");
  return valueByKey;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", s: " ", t: "\t", r: "\r", "\\": "\\" };

class KeyFileGroup {
  readonly #valueByKey: ReadonlyMap<string, string>;

  constructor(valueByKey: ReadonlyMap<string, string>) {
    this.#valueByKey = valueByKey;
  }

  /** Undefined when it is not there or empty. */
  text(key: string, limit = MAX_TEXT_CHARACTERS): string | undefined {
    const raw = this.#valueByKey.get(key);
    if (raw === undefined || raw === "") return undefined;
    const text = raw.replace(/\\(.?)/gs, (_, letter: string) => {
      const meant = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
      if (meant === undefined) throw malformed(`its ${key} has a wrong escape`);
      return meant;
    });
    if (text.length > limit) throw new ProtocolError("limit", `its ${key} is too long`);
    if (text.includes("\0")) throw malformed(`its ${key} has a NUL`);
    return text;
  }

  /** "0" and "-1" mean: none. */
  port(key: string): number | undefined {
    const text = this.text(key)?.trim();
    if (text === undefined || text === "0" || text === "-1") return undefined;
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port < 1 || port > 65_535) throw malformed(`its ${key} is not between 1 and 65535`);
    return port;
  }

  flag(key: string): boolean | undefined {
    const text = this.text(key)?.trim().toLowerCase();
    if (text === undefined) return undefined;
    if (["1", "true", "yes"].includes(text)) return true;
    if (["0", "false", "no"].includes(text)) return false;
    throw malformed(`its ${key} is neither 0 nor 1`);
  }

  list(key: string): readonly string[] | undefined {
    const entries = this.text(key)
      ?.split(/[;,]/)
      .map((entry) => entry.trim().toLowerCase())
      .filter((entry) => entry !== "");
    if (entries !== undefined && entries.length > MAX_LIST_ENTRIES) {
      throw new ProtocolError("limit", `its ${key} has too many entries`);
    }
    return entries;
  }
}
