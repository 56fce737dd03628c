import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess, until, untilListening, type LabProcess } from "./child-process.ts";
import { Qmp } from "./qmp.ts";

/** A real guest: QEMU under emulation. Without a disk it shows SeaBIOS, then iPXE's shell. */
export interface QemuGuest {
  readonly name: string;
  readonly folder: string;
  readonly vncSocket: string;
  readonly qmpSocket: string;
  readonly serialSocket: string;
  /** The exact pixels of the guest, as PNG: the ground truth. */
  screendump(): Promise<Buffer>;
  execute(command: string, args?: object): Promise<unknown>;
  /** Its text screen, read from video memory: independent of any picture. */
  screenText(): Promise<string>;
  /** Waits for iPXE's shell, which echoes what is typed. */
  untilShell(): Promise<void>;
  /** Ends the process at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts the same guest again, at the same sockets. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface QemuOptions {
  readonly name: string;
  /** Replaces the Unix socket: "127.0.0.1:5,password=on". */
  readonly vnc?: string;
  /** The guest's folder is removed with it; sockets belong there. */
  readonly args?: readonly string[] | ((folder: string) => readonly string[]);
  /** The guest boots iPXE's shell from a network inside QEMU; else it settles on "No bootable device". */
  readonly hasNetwork?: boolean;
  /** QEMU's name of the graphics card; "none" where `args` bring one. */
  readonly vga?: "std" | "qxl" | "virtio" | "none";
  readonly memoryMiB?: number;
  readonly env?: Record<string, string>;
}

export async function startQemu(options: QemuOptions): Promise<QemuGuest> {
  const folder = mkdtempSync(join(tmpdir(), `switchyard-${options.name}-`));
  writeFileSync(join(folder, "shell.ipxe"), "#!ipxe\nshell\n");
  const vncSocket = join(folder, "vnc.sock");
  const qmpSocket = join(folder, "qmp.sock");
  // A monitor of the tests' own: QMP serves one client at a time, and the program may use the other.
  const testSocket = join(folder, "test-qmp.sock");
  const serialSocket = join(folder, "serial.sock");
  const network =
    options.hasNetwork === false
      ? ["-nic", "none"]
      : ["-nic", `user,model=virtio,restrict=on,tftp=${folder},bootfile=shell.ipxe`, "-boot", "n"];
  const args = [
    ...["-name", options.name, "-accel", "tcg", "-m", String(options.memoryMiB ?? 64), "-vga", options.vga ?? "std"],
    ...["-display", "none", "-no-user-config"],
    ...network,
    ...["-vnc", options.vnc ?? `unix:${vncSocket}`],
    ...["-qmp", `unix:${qmpSocket},server=on,wait=off`, "-qmp", `unix:${testSocket},server=on,wait=off`],
    ...["-serial", `unix:${serialSocket},server=on,wait=off`],
    ...(typeof options.args === "function" ? options.args(folder) : (options.args ?? [])),
  ];
  let running: LabProcess;
  let qmp: Qmp;
  const start = async (): Promise<void> => {
    running = startProcess("qemu-system-x86_64", args, options.env === undefined ? {} : { env: options.env });
    await untilListening(testSocket, running);
    qmp = await Qmp.open(testSocket);
  };
  await start();
  return {
    name: options.name,
    folder,
    vncSocket,
    qmpSocket,
    serialSocket,
    async screendump() {
      const file = join(folder, "screen.png");
      await qmp.execute("screendump", { filename: file, format: "png" });
      return readFileSync(file);
    },
    execute: async (command, commandArgs) => await qmp.execute(command, commandArgs),
    screenText: async () => await readScreenText(qmp),
    async untilShell() {
      await until("iPXE's shell opens", async () => /iPXE>/.test(await readScreenText(qmp)), 60_000);
    },
    async kill() {
      qmp.close();
      await running.stop("SIGKILL");
    },
    restart: start,
    async stop() {
      qmp.close();
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** VGA text memory is at 0xb8000, two bytes a cell, 80 x 25 cells. */
async function readScreenText(qmp: Qmp): Promise<string> {
  const dump = (await qmp.execute("human-monitor-command", { "command-line": "xp /2000hx 0xb8000" })) as string;
  const cells = [...dump.matchAll(/0x([0-9a-f]{4})/g)].map((match) => parseInt(match[1] ?? "0", 16) & 0xff);
  const characters = cells.map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : " ")).join("");
  return (characters.match(/.{1,80}/g) ?? []).map((line) => line.trimEnd()).join("\n");
}
