import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";

/**
 * The part of libvirt's domain XML that says what a guest is called and how it can be seen
 * (https://libvirt.org/formatdomain.html). What does not fit throws ProtocolError; unknown parts are passed over.
 */

/** A domain has at most a handful of each; a peer that sends more is not described further. */
const MAX_DEVICES_OF_A_KIND = 32;
/** The format nests eight deep or so; metadata of other programs a little more. */
const MAX_NESTED_TAGS = 64;

const ATTRIBUTE = "@";
const TEXT = "#text";

/** Elements that may be there several times: always a list, so that one is no special case. */
const LISTS: ReadonlySet<string> = new Set([
  "graphics",
  "listen",
  "serial",
  "console",
  "source",
  "protocol",
  "target",
  "alias",
  "video",
  "channel",
]);

const PARSER = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  textNodeName: TEXT,
  // Every element is an object then, also an empty one.
  alwaysCreateTextNode: true,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Only the five of XML itself, which are all that libvirt writes: a document type, which could declare more, is refused.
  processEntities: true,
  htmlEntities: false,
  maxNestedTags: MAX_NESTED_TAGS,
  // Nobody here looks at paths, and making them as texts costs a quarter of the time.
  jPath: false,
  isArray: (name) => LISTS.has(name),
});

// Speed matters here (1,000 domains within a second): plain objects and arrays, no unions and no preprocessing.
const Text = z.string().max(4096).optional();
const TextElement = z.object({ [TEXT]: Text }).optional();

const GraphicsElement = z.object({
  "@type": Text,
  "@port": Text,
  "@tlsPort": Text,
  "@listen": Text,
  "@socket": Text,
  "@passwd": Text,
  "@defaultMode": Text,
  channel: z.array(z.object({ "@name": Text, "@mode": Text })).optional(),
  listen: z.array(z.object({ "@type": Text, "@address": Text, "@socket": Text })).optional(),
});

const CharacterDeviceElement = z.object({
  "@type": Text,
  source: z.array(z.object({ "@mode": Text, "@path": Text, "@host": Text, "@service": Text })).optional(),
  protocol: z.array(z.object({ "@type": Text })).optional(),
  target: z.array(z.object({ "@type": Text, "@port": Text })).optional(),
  alias: z.array(z.object({ "@name": Text })).optional(),
});

const Document = z.object({
  domain: z.object({
    "@type": Text,
    name: TextElement,
    uuid: TextElement,
    title: TextElement,
    devices: z
      .object({
        graphics: z.array(GraphicsElement).optional(),
        serial: z.array(CharacterDeviceElement).optional(),
        console: z.array(CharacterDeviceElement).optional(),
        video: z.array(z.unknown()).optional(),
      })
      .optional(),
  }),
});

/** Where a graphical console listens, as the XML says it. A port that is not decided yet is absent. */
export interface DomainGraphics {
  readonly type: string;
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
  /** Undefined: the hypervisor's default, which is the loopback interface. */
  readonly address: string | undefined;
  readonly socket: string | undefined;
  /** "none": only by a file descriptor that libvirt hands out. */
  readonly listenType: string | undefined;
  /** There only when asked for with VIR_DOMAIN_XML_SECURE. A secret. */
  readonly password: string | undefined;
  /** SPICE: channels that are open over TLS only, "all" of them by default; undefined when the XML leaves it to the client. */
  readonly secureChannels: readonly string[] | undefined;
}

/** A text console: `<serial>` or `<console>`. */
export interface DomainTextDevice {
  readonly element: "serial" | "console";
  /** Chardev type: "pty", "unix", "tcp", "file", … */
  readonly type: string;
  /** Its place among the elements of its name. Not the target's port: libvirt 9.0 numbers those anew. */
  readonly index: number;
  /** libvirt's name for it; only while the domain runs. */
  readonly alias: string | undefined;
  /** For type "unix" and "tcp". */
  readonly source: {
    readonly mode: string | undefined;
    readonly path: string | undefined;
    readonly host: string | undefined;
    readonly service: string | undefined;
  };
  /** "raw", "telnet", … for type "tcp". */
  readonly protocol: string | undefined;
}

export interface DomainDescription {
  /** "kvm", "qemu", "lxc", "test", … */
  readonly type: string;
  readonly name: string;
  readonly uuid: string;
  readonly title: string | undefined;
  readonly graphics: readonly DomainGraphics[];
  readonly textDevices: readonly DomainTextDevice[];
  readonly hasVideo: boolean;
}

const MAX_PORT = 65_535;

/** "-1" and "0" mean: not decided yet. */
function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port > 0 && port <= MAX_PORT ? port : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

function describeGraphics(element: z.infer<typeof GraphicsElement>): DomainGraphics {
  const listen = element.listen?.[0];
  return {
    type: element["@type"] ?? "",
    port: parsePort(element["@port"]),
    tlsPort: parsePort(element["@tlsPort"]),
    address: nonEmpty(listen?.["@address"]) ?? nonEmpty(element["@listen"]),
    socket: nonEmpty(listen?.["@socket"]) ?? nonEmpty(element["@socket"]),
    listenType: listen?.["@type"],
    password: nonEmpty(element["@passwd"]),
    secureChannels: secureChannelsOf(element),
  };
}

/** `<graphics type='spice' defaultMode='secure'><channel name='main' mode='insecure'/>`: a hint, the server decides. */
function secureChannelsOf(element: z.infer<typeof GraphicsElement>): string[] | undefined {
  const channels = (element.channel ?? []).slice(0, MAX_DEVICES_OF_A_KIND);
  const isSaid = (mode: string | undefined): boolean => mode === "secure" || mode === "insecure";
  const defaultMode = element["@defaultMode"];
  if (!isSaid(defaultMode) && !channels.some((channel) => isSaid(channel["@mode"]))) return undefined;
  const named = channels.flatMap((channel) => (channel["@mode"] === "secure" ? [channel["@name"] ?? ""] : []));
  return defaultMode === "secure" ? ["all", ...named] : named;
}

function describeTextDevice(
  element: "serial" | "console",
  device: z.infer<typeof CharacterDeviceElement>,
  index: number,
): DomainTextDevice {
  const source = device.source?.[0];
  return {
    element,
    type: device["@type"] ?? "pty",
    index,
    alias: nonEmpty(device.alias?.[0]?.["@name"]),
    source: {
      mode: source?.["@mode"],
      path: nonEmpty(source?.["@path"]),
      host: nonEmpty(source?.["@host"]),
      service: nonEmpty(source?.["@service"]),
    },
    protocol: device.protocol?.[0]?.["@type"],
  };
}

export function parseDomainXml(xml: string): DomainDescription {
  if (/<!DOCTYPE/i.test(xml)) throw new ProtocolError("malformed", "domain XML declares a document type");
  let document: unknown;
  try {
    document = PARSER.parse(xml);
  } catch {
    throw new ProtocolError("malformed", "domain XML is not XML");
  }
  const parsed = Document.safeParse(document);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join(".") ?? "";
    throw new ProtocolError("malformed", `domain XML does not have the expected form (at ${where.slice(0, 100)})`);
  }
  const { domain } = parsed.data;
  const { graphics = [], serial = [], console = [], video = [] } = domain.devices ?? {};
  const serials = serial.map((device, index) => describeTextDevice("serial", device, index));
  const consoles = console
    .map((device, index) => ({ device, index }))
    // The first console of most guests is their first serial port under its old name.
    .filter(({ device }) => serials.length === 0 || device.target?.[0]?.["@type"] !== "serial")
    .map(({ device, index }) => describeTextDevice("console", device, index));
  return {
    type: domain["@type"] ?? "",
    name: domain.name?.[TEXT] ?? "",
    uuid: domain.uuid?.[TEXT] ?? "",
    title: nonEmpty(domain.title?.[TEXT]),
    graphics: graphics.slice(0, MAX_DEVICES_OF_A_KIND).map(describeGraphics),
    textDevices: [...serials, ...consoles].slice(0, MAX_DEVICES_OF_A_KIND),
    hasVideo: video.length > 0,
  };
}
