import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import type { DiscoveryFinding } from "../../../shared/contracts/inventory.ts";
import type { HostConfig } from "../provider.ts";
import { currentUser, localSocketPaths, type LocalUser } from "./libvirt-route.ts";
import { hostConfigOf, parseLibvirtUri } from "./libvirt-uri.ts";

/** Looks at a socket without connecting to it; tests pass their own. */
export type SocketProbe = (path: string) => Promise<"found" | "absent" | "denied">;

async function probeSocket(path: string): Promise<"found" | "absent" | "denied"> {
  try {
    if (!(await stat(path)).isSocket()) return "absent";
    // Connecting needs the right to write (unix(7)).
    await access(path, constants.W_OK);
    return "found";
  } catch (error) {
    const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
    return code === "EACCES" || code === "EPERM" ? "denied" : "absent";
  }
}

const PLACES = [
  { uri: "qemu:///system", what: "libvirt (system)", absent: "no socket: libvirt is not installed or not started" },
  { uri: "qemu:///session", what: "libvirt (session)", absent: "no socket: no libvirt of your own is running" },
] as const;

const DENIED = "no permission: join the group libvirt, then log in again";

/** The local daemons that are worth connecting to, and what was looked for. */
export async function discoverLocalLibvirt(
  options: { user?: LocalUser; probe?: SocketProbe } = {},
): Promise<{ hosts: HostConfig[]; findings: DiscoveryFinding[] }> {
  const { user = currentUser(), probe = probeSocket } = options;
  // Root's session is at the system's daemon: the same guests twice.
  const places = PLACES.filter(({ uri }) => user.uid !== 0 || uri === "qemu:///system");
  const hosts: HostConfig[] = [];
  const findings: DiscoveryFinding[] = [];
  for (const { uri, what, absent } of places) {
    const parsed = parseLibvirtUri(uri);
    if (parsed === undefined) continue;
    const paths = localSocketPaths(parsed.address, user);
    const outcomes = await Promise.all(paths.map(probe));
    const at = (outcome: string): string | undefined => paths[outcomes.findIndex((each) => each === outcome)];
    const found = at("found");
    const denied = at("denied");
    if (found !== undefined) {
      hosts.push(hostConfigOf(parsed));
      findings.push({ what, where: found, outcome: "found", note: uri });
    } else if (denied !== undefined) findings.push({ what, where: denied, outcome: "denied", note: DENIED });
    else findings.push({ what, where: paths.join(", ").slice(0, 500), outcome: "absent", note: absent });
  }
  return { hosts, findings };
}
