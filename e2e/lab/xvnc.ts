import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vncAuthenticationAnswer } from "../../src/testing/vnc-authentication.ts";
import { startProcess, untilListening } from "./child-process.ts";
import { freePort } from "./free-port.ts";
import { freeDisplay } from "./x-display.ts";

/** TigerVNC's own X server: a desktop without a guest below it. */
export interface XvncServer {
  readonly port: number;
  /** One colour for the whole screen: "#rrggbb". */
  setRoot(colour: string): void;
  /** "WIDTHxHEIGHT", as X itself says it. */
  size(): string;
  stop(): Promise<void>;
}

/** All VNC servers hide their password file with this key (TigerVNC, common/rfb/obfuscate.cxx). */
const FILE_KEY = String.fromCharCode(23, 82, 107, 6, 35, 78, 88, 7);
const PASSWORD_BYTES = 8;

/** As `vncpasswd -f` writes it: one DES block, the same cipher as the login's. */
function passwordFileOf(password: string): Uint8Array {
  const block = Buffer.alloc(PASSWORD_BYTES);
  block.write(password, "latin1");
  return vncAuthenticationAnswer(block, FILE_KEY);
}

export async function startXvnc(options: { password: string; args: readonly string[] }): Promise<XvncServer> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-xvnc-"));
  const passwordFile = join(folder, "passwd");
  writeFileSync(passwordFile, passwordFileOf(options.password), { mode: 0o600 });
  const port = await freePort();
  const display = freeDisplay();
  const server = startProcess("Xvnc", [
    ...[display, "-rfbport", String(port), "-localhost", "-geometry", "640x480", "-depth", "24"],
    ...["-rfbauth", passwordFile, "-AlwaysShared", ...options.args],
  ]);
  await untilListening(port, server);
  const env = { ...process.env, DISPLAY: display };
  return {
    port,
    setRoot(colour) {
      const { status, stderr } = spawnSync("xsetroot", ["-solid", colour], { env, encoding: "utf8" });
      if (status !== 0) throw new Error(`xsetroot: ${stderr}`);
    },
    size: () => {
      const { stdout: facts } = spawnSync("xdpyinfo", [], { env, encoding: "utf8" });
      return /dimensions:\s+(\d+x\d+)/.exec(facts)?.[1] ?? "";
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
