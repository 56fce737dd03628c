import { addressText } from "../../transport/address.ts";
import { parseHttpProxy } from "../../transport/http-proxy.ts";
import type { SpicePlace } from "../../transport/spice-server.ts";
import type { AddressBookUri } from "./console-address.ts";
import { invalidAddress, portOf, splitAuthority, splitSocketPath } from "./uri-parts.ts";

export function isSpiceScheme(name: string): boolean {
  return name === "spice" || name === "spice+tls" || name === "spice+unix";
}

/**
 * `spice://[user[:password]@]host[:port][?tls-port=…]`, `spice+tls://host:port`, `spice+unix:///path`
 * (https://gitlab.freedesktop.org/spice/spice-common/-/blob/master/docs/spice_uri_scheme.txt: also the older parameters `port` and
 * `password`). Ours beside: `host-subject` and `proxy`, as in connection files. Other parameters are passed over.
 */
export function parseSpiceUri(uri: string, name: string): AddressBookUri {
  if (name === "spice+unix") {
    const socket = splitSocketPath(uri, name);
    const place = { kind: "unix", path: socket.path } as const;
    return {
      protocol: "spice",
      isTelnet: false,
      address: place,
      spice: { plain: place },
      uri: socket.uri,
      label: socket.path,
      userName: undefined,
      password: undefined,
    };
  }
  const { host, port, userName, password, parameters } = splitAuthority(uri, name);
  // "Clients SHOULD accept parameters in a case-insensitive manner."
  const valueByName = new Map([...parameters].map(([key, value]) => [key.toLowerCase(), value]));
  const tlsPort = name === "spice+tls" ? port : portOf(valueByName.get("tls-port"), uri);
  const plainPort = name === "spice+tls" ? undefined : (port ?? portOf(valueByName.get("port"), uri));
  const at = (number: number | undefined) =>
    number === undefined ? undefined : ({ kind: "tcp", host, port: number } as const);
  const [plain, secure] = [at(plainPort), at(tlsPort)];
  const address = plain ?? secure;
  if (address === undefined) throw invalidAddress(uri, `it needs a port: ${name}://${host}:5900`);
  const subject = valueByName.get("host-subject") || undefined;
  const proxyText = valueByName.get("proxy") || undefined;
  return {
    protocol: "spice",
    isTelnet: false,
    address,
    spice: {
      plain,
      secure,
      certificate: { subject },
      proxy: proxyText === undefined ? undefined : proxyOf(proxyText, uri),
    },
    uri: normalUri(host, { plain, secure, subject, proxy: proxyText }),
    label: addressText(host, address.port),
    userName,
    password: password ?? (valueByName.get("password") || undefined),
  };
}

function proxyOf(text: string, uri: string) {
  const proxy = parseHttpProxy(text);
  if (proxy === undefined) throw invalidAddress(uri, "its proxy is not http://host:port");
  // An address is kept; a password is not.
  if (proxy.password !== undefined) throw invalidAddress(uri, "its proxy has a password, which would be kept with it");
  return proxy;
}

function normalUri(
  host: string,
  parts: {
    readonly plain: (SpicePlace & { kind: "tcp" }) | undefined;
    readonly secure: (SpicePlace & { kind: "tcp" }) | undefined;
    readonly subject: string | undefined;
    readonly proxy: string | undefined;
  },
): string {
  const { plain, secure, subject, proxy } = parts;
  const parameters = [
    ...(plain !== undefined && secure !== undefined ? [`tls-port=${secure.port}`] : []),
    ...(subject === undefined ? [] : [`host-subject=${encodeURIComponent(subject)}`]),
    ...(proxy === undefined ? [] : [`proxy=${encodeURIComponent(proxy)}`]),
  ].join("&");
  const start = plain === undefined ? "spice+tls" : "spice";
  const text = `${start}://${addressText(host, (plain ?? secure)?.port ?? 0)}`;
  return parameters === "" ? text : `${text}?${parameters}`;
}
