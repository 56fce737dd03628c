import { isOn, parseOptionText } from "./option-text.ts";
import { absolutePath, portOf, reachableHost, UNKNOWN_FOLDER, type SocketAddress } from "./socket-address.ts";

/** One `-vnc` of a command line. */
export interface VncDisplay {
  /** As QMP names it; the first without an id is "default". */
  readonly id: string;
  readonly address: SocketAddress | undefined;
  /** Why there is no address. */
  readonly unavailable: string | undefined;
}

/** QEMU manual, "-vnc": a display number counts from this port. */
const VNC_BASE_PORT = 5900;

/**
 * `-vnc HOST:DISPLAY|unix:PATH|none[,to=…][,reverse=on][,id=…]…`. Password, SASL and TLS are met when the connection is
 * made; the WebSocket port is a second door to the same display. Undefined: no display.
 */
export function parseVncDisplay(text: string, folder: string | undefined): VncDisplay | undefined {
  const options = parseOptionText(text);
  const display = options.head ?? options.valueByKey.get("vnc") ?? "";
  const id = options.valueByKey.get("id") ?? "default";
  if (display === "none" || display === "") return undefined;
  const absent = (unavailable: string): VncDisplay => ({ id, address: undefined, unavailable });
  if (isOn(options, "reverse")) return absent("QEMU connects to a viewer that listens (reverse)");
  if (display.startsWith("unix:")) {
    const path = absolutePath(display.slice("unix:".length), folder);
    return path === undefined
      ? absent(UNKNOWN_FOLDER)
      : { id, address: { kind: "unix", path }, unavailable: undefined };
  }
  // QEMU takes the next free display up to `to`; the one here may be another guest's.
  if (options.valueByKey.has("to")) return absent("QEMU chose its port by itself (to=) and has no QMP socket to ask");
  const colon = display.lastIndexOf(":");
  const number = /^\d{1,5}$/.test(display.slice(colon + 1)) ? Number(display.slice(colon + 1)) : undefined;
  const port = number === undefined ? undefined : portOf(String(VNC_BASE_PORT + number));
  if (port === undefined) return absent("its display number is not understood");
  const host = reachableHost(display.slice(0, Math.max(colon, 0)));
  return { id, address: { kind: "tcp", host, port }, unavailable: undefined };
}
