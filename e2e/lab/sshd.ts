import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { startProcess, untilListening, type LabProcess } from "./child-process.ts";

/** A real sshd on the loopback, with host key and user key of its own. */
export interface SshServer {
  readonly port: number;
  readonly folder: string;
  /** A private key that it accepts. */
  readonly keyFile: string;
  /** "SHA256:…" of its host key. */
  fingerprint(): string;
  knownHostsLine(): string;
  /** As after a new installation: another host key on the same port. */
  changeHostKey(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSshd(options: { passphrase?: string } = {}): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-sshd-"));
  const port = await freePort();
  const hostKey = join(folder, "host_key");
  const keyFile = join(folder, "user_key");
  const makeKey = (file: string, passphrase: string): void => {
    rmSync(file, { force: true });
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", file]);
  };
  makeKey(hostKey, "");
  makeKey(keyFile, options.passphrase ?? "");
  writeFileSync(join(folder, "authorized_keys"), readFileSync(`${keyFile}.pub`));
  writeFileSync(
    join(folder, "sshd_config"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin yes",
      "StrictModes no",
      "UsePAM no",
      `PidFile ${join(folder, "sshd.pid")}`,
    ].join("\n"),
  );
  mkdirSync("/run/sshd", { recursive: true });
  let running: LabProcess;
  const start = async (): Promise<void> => {
    running = startProcess("/usr/sbin/sshd", ["-D", "-e", "-f", join(folder, "sshd_config")]);
    await untilListening(port, running);
  };
  await start();
  return {
    port,
    folder,
    keyFile,
    fingerprint: () =>
      /SHA256:\S+/.exec(spawnSync("ssh-keygen", ["-lf", `${hostKey}.pub`], { encoding: "utf8" }).stdout)?.[0] ?? "",
    knownHostsLine: () => `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, "utf8")}`,
    async changeHostKey() {
      // Sessions are processes of their own, which outlive the one that listens.
      spawnSync("pkill", ["-KILL", "-P", String(running.pid)]);
      await running.stop();
      makeKey(hostKey, "");
      await start();
    },
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
