import { basename } from "node:path";
import type { DiscoveryFinding } from "../../../shared/contracts/inventory.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { HostConfig, HostLink, Provider, ProviderContext } from "../provider.ts";
import { parseCommandLine } from "./command-line.ts";
import { LocalGuests } from "./local-guests.ts";
import { LocalHostLink } from "./local-host-link.ts";
import { textOfAddress } from "./open-socket.ts";
import { ProcessList } from "./process-list.ts";
import { LOCAL_URI, parseQemuUri } from "./qemu-uri.ts";
import { QmpHostLink } from "./qmp-host-link.ts";

const KIND = "qemu";
const LOCAL_HOST: HostConfig = { kind: KIND, uri: LOCAL_URI, label: "QEMU on this computer" };

/** Only Linux shows processes in /proc. */
const hasProc = process.platform === "linux";

function parse(uri: string): HostConfig | undefined {
  const parsed = parseQemuUri(uri);
  if (parsed === undefined) return undefined;
  if (parsed.kind === "local") return LOCAL_HOST;
  const { address } = parsed;
  return {
    kind: KIND,
    uri: parsed.uri,
    label: address.kind === "unix" ? `QEMU ${basename(address.path)}` : `QEMU ${textOfAddress(address)}`,
  };
}

/** Looks once before it is live, so that the first picture has the guests. */
async function connectLocal(context: ProviderContext, options: { signal: AbortSignal }): Promise<HostLink> {
  const guests = new LocalGuests({ processes: new ProcessList() });
  await guests.update(options);
  return new LocalHostLink(context, guests);
}

async function discover(): Promise<{ hosts: HostConfig[]; findings: DiscoveryFinding[] }> {
  const finding = (outcome: DiscoveryFinding["outcome"], note: string): DiscoveryFinding[] => [
    { what: "QEMU processes", where: "/proc", outcome, note },
  ];
  if (!hasProc) return { hosts: [], findings: finding("absent", "looked for on Linux only") };
  try {
    const processes = await new ProcessList().list();
    const lines = processes.map(({ argv, workingFolder }) => parseCommandLine(argv, workingFolder));
    const ours = lines.filter(({ isManagedByLibvirt }) => !isManagedByLibvirt).length;
    const note = ours === 0 ? "none runs outside libvirt" : ours === 1 ? "1 guest" : `${ours} guests`;
    return { hosts: [LOCAL_HOST], findings: finding(ours === 0 ? "absent" : "found", note) };
  } catch {
    return { hosts: [], findings: finding("denied", "the list of processes cannot be read") };
  }
}

/** QEMU without libvirt: processes of this machine, and QMP sockets that the user names. */
export const qemuProvider: Provider = {
  kind: KIND,
  examples: [
    { uri: LOCAL_URI, meaning: "QEMU processes of this computer that libvirt does not manage" },
    { uri: "qmp+unix:///run/vm/qmp.sock", meaning: "one QEMU by its QMP socket" },
    { uri: "qmp+tcp://host:4444", meaning: "one QEMU by its QMP port" },
  ],
  parse,
  connect(config, context, options): Promise<HostLink> {
    return Promise.resolve().then((): HostLink | Promise<HostLink> => {
      options.signal.throwIfAborted();
      const parsed = parseQemuUri(config.uri);
      if (parsed === undefined) {
        throw new AppError("URI_INVALID", "not QEMU's", { uri: config.uri, reason: "it is no address of QEMU" });
      }
      if (parsed.kind === "qmp") return QmpHostLink.connect(parsed.address, context, options);
      if (!hasProc) {
        throw new AppError("UNSUPPORTED", "no /proc", { what: "Finding QEMU processes", reason: "this is not Linux" });
      }
      return connectLocal(context, options);
    });
  },
  discover,
};
