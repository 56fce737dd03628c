import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess, untilListening } from "./child-process.ts";
import { freePort } from "./free-port.ts";

/**
 * In a mount namespace of its own, where libvirtd finds its state empty, our mechanisms in /etc/sasl2 and no KVM, so that it does
 * not meet the machine's own libvirtd.
 */
const isolated = (folder: string): string =>
  [
    "mount --make-rprivate /",
    "mkdir -p /run/libvirt",
    "mount -t tmpfs none /run/libvirt",
    "mount -t tmpfs none /var/lib/libvirt",
    `mount --bind ${folder}/sasl2 /etc/sasl2`,
    "{ [ ! -e /dev/kvm ] || mount --bind /dev/null /dev/kvm; }",
    `exec libvirtd --config ${folder}/libvirtd.conf --pid-file ${folder}/pid --listen`,
  ].join(" && ");

/** A real libvirtd that lets in only who gives a user name and a password by SASL. */
export interface SaslLibvirtd {
  readonly socketPath: string;
  readonly tcpPort: number;
  stop(): Promise<void>;
}

export async function startSaslLibvirtd(options: {
  readonly mechanism: string;
  readonly userName: string;
  readonly password: string;
}): Promise<SaslLibvirtd> {
  const { mechanism, userName, password } = options;
  const folder = mkdtempSync(join(tmpdir(), "switchyard-sasl-"));
  const database = join(folder, "users.db");
  const tcpPort = await freePort();
  mkdirSync(join(folder, "sasl2"));
  writeFileSync(join(folder, "sasl2/libvirt.conf"), `mech_list: ${mechanism}\nsasldb_path: ${database}\n`);
  writeFileSync(
    join(folder, "libvirtd.conf"),
    [
      "listen_tls = 0",
      "listen_tcp = 1",
      'listen_addr = "127.0.0.1"',
      `tcp_port = "${tcpPort}"`,
      `unix_sock_dir = "${folder}"`,
      'auth_tcp = "sasl"',
      'auth_unix_rw = "sasl"',
    ].join("\n"),
  );
  const added = spawnSync("saslpasswd2", ["-p", "-c", "-f", database, "-a", "libvirt", userName], { input: password });
  if (added.status !== 0) throw new Error(`saslpasswd2: ${added.stderr.toString()}`);
  const daemon = startProcess("unshare", ["--mount", "sh", "-c", isolated(folder)]);
  const socketPath = join(folder, "libvirt-sock");
  await untilListening(socketPath, daemon);
  return {
    socketPath,
    tcpPort,
    async stop() {
      await daemon.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
