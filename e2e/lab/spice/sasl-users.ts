import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for SASL_CONF_PATH, with which QEMU knows one user and takes one mechanism. */
export function makeSaslFolder(options: {
  readonly mechanism: string;
  readonly userName: string;
  readonly password: string;
}): string {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-spice-sasl-"));
  const database = join(folder, "users.db");
  writeFileSync(join(folder, "qemu.conf"), `mech_list: ${options.mechanism}\nsasldb_path: ${database}\n`);
  const added = spawnSync("saslpasswd2", ["-p", "-c", "-f", database, "-a", "qemu", options.userName], {
    input: options.password,
  });
  if (added.status !== 0) throw new Error(`saslpasswd2: ${added.stderr.toString()}`);
  return folder;
}
