import { AppError } from "../../../shared/errors/app-error.ts";
import type { Provider } from "../provider.ts";
import { discoverLocalLibvirt } from "./libvirt-discovery.ts";
import { LibvirtLink } from "./libvirt-link.ts";
import { hostConfigOf, LIBVIRT_KIND, parseLibvirtUri } from "./libvirt-uri.ts";

/** Guests of libvirt daemons, here and elsewhere, over libvirt's own protocol. */
export const libvirtProvider: Provider = {
  kind: LIBVIRT_KIND,
  examples: [
    { uri: "qemu:///system", meaning: "the guests of this machine" },
    { uri: "qemu:///session", meaning: "your own guests on this machine" },
    { uri: "qemu+ssh://user@host/system", meaning: "the guests of another machine, over SSH" },
    { uri: "qemu+tls://host/system", meaning: "the guests of another machine, over TLS with certificates" },
    { uri: "qemu+tcp://host/system", meaning: "the guests of another machine, not encrypted" },
    { uri: "xen+ssh://root@host/", meaning: "Xen; the same with lxc, ch, bhyve, vbox and vz" },
    { uri: "test:///default", meaning: "libvirt's mock driver, for trying things" },
  ],
  parse(uri) {
    const parsed = parseLibvirtUri(uri);
    return parsed === undefined ? undefined : hostConfigOf(parsed);
  },
  async connect(config, context, options) {
    const parsed = parseLibvirtUri(config.uri);
    if (parsed === undefined) {
      throw new AppError("URI_INVALID", "not a libvirt address", { uri: config.uri, reason: "unknown scheme" });
    }
    return LibvirtLink.open(config, parsed.address, context, options);
  },
  discover: () => discoverLocalLibvirt(),
};
