import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startProcess, until, type LabProcess } from "./child-process.ts";

/** The true program, serving its page; each with a configuration folder of its own. */
export interface Switchyard {
  /** With its start token. */
  readonly address: string;
  readonly configFolder: string;
  readonly process: LabProcess;
  /** Everything that it wrote: log and both outputs. */
  everythingWritten(): string;
  stop(): Promise<void>;
}

/** Nothing of this machine is looked for unless a test asks for it, so that tests do not meet each other's guests. */
const QUIET_DISCOVERY = { libvirt: false, qemu: false, mdns: false };

export interface SwitchyardOptions {
  readonly args?: readonly string[];
  readonly settings?: object;
  /** Keeps what an earlier run left. */
  readonly configFolder?: string;
  readonly env?: Record<string, string>;
}

/** A configuration folder that the caller keeps over several starts, and removes. */
export function makeConfigFolder(settings: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-config-"));
  writeFileSync(join(folder, "settings.json"), JSON.stringify({ version: 1, discovery: QUIET_DISCOVERY, ...settings }));
  return folder;
}

export async function startSwitchyard(options: SwitchyardOptions = {}): Promise<Switchyard> {
  const configFolder = options.configFolder ?? makeConfigFolder(options.settings);
  const program = startProcess(
    process.execPath,
    [resolve("bin/switchyard.mjs"), "start", "--web", "--config", configFolder, ...(options.args ?? [])],
    options.env === undefined ? {} : { env: options.env },
  );
  const address = await until(
    "Switchyard prints its address",
    () => {
      if (program.hasEnded()) throw new Error(`Switchyard ended: ${program.output()}`);
      return /Switchyard is at (http:\S+)/.exec(program.output())?.[1];
    },
    60_000,
  );
  return {
    address,
    configFolder,
    process: program,
    everythingWritten: () =>
      program.output() +
      readdirSync(configFolder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(configFolder, entry.name), "utf8"))
        .join("\n"),
    async stop() {
      await program.stop();
      if (options.configFolder === undefined) rmSync(configFolder, { recursive: true, force: true });
    },
  };
}
