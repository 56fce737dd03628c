import { join } from "node:path";
import { makeCertificates } from "../certificates.ts";
import { freePort } from "../free-port.ts";
import { startQemu, type QemuGuest, type QemuOptions } from "../qemu-guest.ts";

/** Every value of `image-compression` that QEMU's `-spice` takes. */
export const IMAGE_COMPRESSIONS = ["off", "quic", "lz", "glz", "auto_glz", "auto_lz"] as const;
export type ImageCompression = (typeof IMAGE_COMPRESSIONS)[number];

/** How a guest's SPICE server is set up; each left out is QEMU's own default. */
export interface SpiceOptions {
  readonly imageCompression?: ImageCompression;
  readonly jpegWan?: "auto" | "never" | "always";
  readonly zlibGlzWan?: "auto" | "never" | "always";
  readonly streamingVideo?: "off" | "all" | "filter";
  readonly playbackCompression?: "on" | "off";
  /** No ticket is asked for without it. */
  readonly password?: string;
  /** By SASL instead of a ticket: a folder of `makeSaslFolder`. */
  readonly saslFolder?: string;
  /** "tls" has no plain port at all. */
  readonly transport?: "tcp" | "tls" | "unix";
  /** An agent's channel, a sound card, a tablet: what a desktop has. */
  readonly devices?: readonly SpiceDevice[];
}

export type SpiceDevice = "agent" | "sound" | "tablet" | "usb" | "folder" | "port";

/** A real guest with a SPICE server in its QEMU. */
export interface SpiceGuest extends QemuGuest {
  /** Undefined where only a Unix socket is there. */
  readonly port: number | undefined;
  readonly spiceSocket: string;
  /** `spice://`, `spice+tls://` or `spice+unix://`. */
  readonly address: string;
  /** Of the server's certificate; empty without TLS. */
  readonly fingerprint: string;
  /** The folder with ca-cert.pem; empty without TLS. */
  readonly certificateFolder: string;
}

export async function startSpiceGuest(options: QemuOptions & { readonly spice: SpiceOptions }): Promise<SpiceGuest> {
  const { spice } = options;
  const transport = spice.transport ?? "tcp";
  const port = transport === "unix" ? undefined : await freePort();
  const certificates = transport === "tls" ? makeCertificates() : undefined;
  const socketIn = (folder: string): string => join(folder, "spice.sock");
  const placeIn = (folder: string): string[] => {
    if (transport === "unix") return ["unix=on", `addr=${socketIn(folder)}`];
    if (certificates === undefined) return ["addr=127.0.0.1", `port=${port ?? 0}`];
    return ["addr=127.0.0.1", `tls-port=${port ?? 0}`, `x509-dir=${certificates.folder}`];
  };
  const { args = [] } = options;
  const guest = await startQemu({
    ...options,
    ...(spice.saslFolder !== undefined && { env: { SASL_CONF_PATH: spice.saslFolder } }),
    args: (folder) => [
      ...spiceArguments(spice, placeIn(folder)),
      ...(typeof args === "function" ? args(folder) : args),
    ],
  });
  const spiceSocket = socketIn(guest.folder);
  const address =
    transport === "unix"
      ? `spice+unix://${spiceSocket}`
      : `${transport === "tls" ? "spice+tls" : "spice"}://127.0.0.1:${port ?? 0}`;
  return {
    ...guest,
    port,
    spiceSocket,
    address,
    fingerprint: certificates?.fingerprint() ?? "",
    certificateFolder: certificates?.folder ?? "",
  };
}

function spiceArguments(spice: SpiceOptions, place: readonly string[]): string[] {
  const choices = [
    ...place,
    ...loginChoices(spice),
    ...optional("image-compression", spice.imageCompression),
    ...optional("jpeg-wan-compression", spice.jpegWan),
    ...optional("zlib-glz-wan-compression", spice.zlibGlzWan),
    ...optional("streaming-video", spice.streamingVideo),
    ...optional("playback-compression", spice.playbackCompression),
  ];
  return [
    ...(spice.password === undefined ? [] : ["-object", `secret,id=spice-password,data=${spice.password}`]),
    ...["-spice", choices.join(",")],
    ...deviceArguments(spice.devices ?? []),
  ];
}

function loginChoices({ password, saslFolder }: SpiceOptions): string[] {
  if (saslFolder !== undefined) return ["sasl=on"];
  return password === undefined ? ["disable-ticketing=on"] : ["password-secret=spice-password"];
}

function optional(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${value}`];
}

const DEVICE_ARGUMENTS: Readonly<Record<SpiceDevice, readonly string[]>> = {
  agent: [
    "-chardev",
    "spicevmc,id=vdagent,name=vdagent",
    "-device",
    "virtserialport,chardev=vdagent,name=com.redhat.spice.0",
  ],
  sound: ["-audiodev", "spice,id=sound", "-device", "intel-hda", "-device", "hda-duplex,audiodev=sound"],
  tablet: ["-device", "usb-tablet"],
  usb: ["-chardev", "spicevmc,id=usb0,name=usbredir", "-device", "usb-redir,chardev=usb0"],
  folder: [
    ...["-chardev", "spiceport,id=webdav,name=org.spice-space.webdav.0"],
    ...["-device", "virtserialport,chardev=webdav,name=org.spice-space.webdav.0"],
  ],
  port: [
    ...["-chardev", "spiceport,id=text,name=org.switchyard.text"],
    ...["-device", "virtserialport,chardev=text,name=org.switchyard.text"],
  ],
};

/** Always in the same order: the bus places of a saved guest's devices depend on it. */
const DEVICE_ORDER: readonly SpiceDevice[] = ["agent", "folder", "port", "sound", "tablet", "usb"];

function deviceArguments(devices: readonly SpiceDevice[]): string[] {
  const has = (device: SpiceDevice): boolean => devices.includes(device);
  return [
    ...(has("agent") || has("folder") || has("port") ? ["-device", "virtio-serial-pci"] : []),
    ...(has("tablet") || has("usb") ? ["-device", "qemu-xhci"] : []),
    ...DEVICE_ORDER.filter(has).flatMap((device) => DEVICE_ARGUMENTS[device]),
  ];
}
