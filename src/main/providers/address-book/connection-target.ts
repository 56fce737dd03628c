import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { ConnectionFile } from "../../../protocols/connection-file/connection-file.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import { addressText } from "../../transport/address.ts";
import { parseHttpProxy, type HttpProxy } from "../../transport/http-proxy.ts";
import type { AddressBookUri, ConsoleAddress } from "./console-address.ts";

/** How Proxmox's host names begin that only its own proxy understands. */
const PROXMOX_TICKET = "pvespiceproxy:";

function invalid(reason: string): AppError {
  return new AppError("CONNECTION_FILE_INVALID", "connection file not understood", { reason });
}

/** What a connection file leads to. Its address is a name made of its content: host and password may be tickets. */
export function targetOfConnectionFile(file: ConnectionFile): AddressBookUri {
  const { host, port, tlsPort, unixPath, proxy: proxyText } = file;
  const at = (number: number | undefined): ConsoleAddress | undefined =>
    host === undefined || number === undefined ? undefined : { kind: "tcp", host, port: number };
  const plain: ConsoleAddress | undefined = unixPath === undefined ? at(port) : { kind: "unix", path: unixPath };
  const secure = at(tlsPort);
  const address = plain ?? (file.type === "spice" ? secure : undefined);
  if (address === undefined) throw invalid("it has no port");
  const proxy = proxyText === undefined ? undefined : parseHttpProxy(proxyText);
  if (proxyText !== undefined && proxy === undefined) throw invalid("its proxy is not http://host:port");
  if (file.type === "vnc" && proxy !== undefined) throw invalid("it wants VNC through a proxy, which is not supported");
  // A host that only the proxy understands is not for showing.
  const place = proxy === undefined ? placeText(address) : `through ${addressText(proxy.host, proxy.port)}`;
  return {
    protocol: file.type,
    isTelnet: false,
    address,
    ...(file.type === "spice" && {
      spice: {
        plain,
        secure,
        certificate: {
          ca: file.ca,
          subject: file.hostSubject,
          ciphers: file.tlsCiphers,
          name: certificateName(file, proxy),
        },
        secureChannels: file.secureChannels,
        disabledChannels: file.disableChannels,
        proxy,
      },
    }),
    uri: `connection-file:${createHash("sha256").update(JSON.stringify(file)).digest("base64url").slice(0, 22)}`,
    label: (file.title ?? place).slice(0, 200),
    userName: file.userName,
    password: file.password,
  };
}

/** Proxmox's ticket is no name: what asks for a certificate then names the proxy, and the subject says whose it is. */
function certificateName({ host = "" }: ConnectionFile, proxy: HttpProxy | undefined): string | undefined {
  return proxy !== undefined && isIP(host) === 0 && host.includes(":") ? proxy.host : undefined;
}

/**
 * A connection file as an address that may be kept. Secrets and certificates stay behind: who opens it later is asked. Throws
 * CONNECTION_FILE_INVALID for a file that holds only for one time.
 */
export function keptAddressOf(file: ConnectionFile): { readonly name: string; readonly uri: string } {
  const target = targetOfConnectionFile(file);
  const { host = "", hostSubject, proxy, unixPath } = file;
  if (file.type === "spice" && host.startsWith(PROXMOX_TICKET)) {
    throw invalid("its host is a ticket of Proxmox, which holds for one time: open the file instead");
  }
  if (unixPath !== undefined) return { name: target.label, uri: `${file.type}+unix://${encodeURI(unixPath)}` };
  const place = `${file.type}://${addressText(host, target.address.kind === "tcp" ? target.address.port : 0)}`;
  if (file.type === "vnc") return { name: target.label, uri: place };
  const isTlsOnly = file.port === undefined;
  const parameters = new URLSearchParams({
    ...(!isTlsOnly && file.tlsPort !== undefined && { "tls-port": String(file.tlsPort) }),
    ...(hostSubject !== undefined && { "host-subject": hostSubject }),
    ...(proxy !== undefined && { proxy }),
  }).toString();
  const uri = isTlsOnly ? place.replace("spice:", "spice+tls:") : place;
  return { name: target.label, uri: parameters === "" ? uri : `${uri}?${parameters}` };
}

function placeText(address: ConsoleAddress): string {
  return address.kind === "unix" ? address.path : addressText(address.host, address.port);
}
