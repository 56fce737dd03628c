import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess, until, untilListening, type LabProcess } from "./child-process.ts";

const SOCKET = "/run/libvirt/libvirt-sock";

/**
 * libvirtd in a mount namespace where /dev/kvm is /dev/null: on machines whose KVM hangs, its probe of KVM takes over a minute
 * for the first guest that is defined.
 */
const WITHOUT_KVM =
  "mount --make-rprivate / && { [ ! -e /dev/kvm ] || mount --bind /dev/null /dev/kvm; } && exec libvirtd";

/** A real libvirtd of this machine, started by the suite when none runs. */
export interface Libvirt {
  /** Runs virsh on qemu:///system; fails when it fails. */
  virsh(...args: string[]): string;
  /** Defines a guest that QEMU runs under emulation. */
  define(guest: LibvirtGuest): void;
  /** Ends and forgets a guest, whatever its state. */
  remove(name: string): void;
  /** Its process ends and starts anew; guests go on. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface LibvirtGuest {
  readonly name: string;
  /** Attributes and children of <graphics>; "" for none. */
  readonly graphics?: string;
  readonly devices?: string;
  /** SeaBIOS and iPXE speak on the serial port too. */
  readonly hasSerialFirmware?: boolean;
}

export async function startLibvirt(): Promise<Libvirt> {
  const isOurs = !existsSync(SOCKET) || spawnSync("virsh", ["-c", "qemu:///system", "version"]).status !== 0;
  let logger: LabProcess | undefined;
  let daemon: LabProcess | undefined;
  const startDaemon = async (): Promise<void> => {
    daemon = startProcess("unshare", ["--mount", "sh", "-c", WITHOUT_KVM]);
    await untilListening(SOCKET, daemon);
  };
  if (isOurs) {
    logger = startProcess("virtlogd", []);
    await untilListening("/run/libvirt/virtlogd-sock", logger);
    await startDaemon();
  }
  const virsh = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync("virsh", ["-c", "qemu:///system", ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(`virsh ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  return {
    virsh,
    define({
      name,
      graphics = "<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>",
      devices = "",
      hasSerialFirmware = false,
    }) {
      const xml = `<domain type='qemu'>
        <name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
        <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='network'/>
          ${hasSerialFirmware ? "<bios useserial='yes'/>" : ""}</os>
        <features><acpi/></features>
        <devices>
          <emulator>/usr/bin/qemu-system-x86_64</emulator>
          ${graphics}
          <video><model type='vga'/></video>
          <serial type='pty'><target port='0'/></serial><console type='pty'><target type='serial' port='0'/></console>
          ${devices}
        </devices></domain>`;
      const file = join(mkdtempSync(join(tmpdir(), "switchyard-domain-")), "domain.xml");
      writeFileSync(file, xml);
      virsh("define", file);
    },
    remove(name) {
      for (const act of ["destroy", "undefine"]) spawnSync("virsh", ["-c", "qemu:///system", act, name]);
    },
    async restart() {
      if (daemon === undefined) throw new Error("libvirtd was not started by the suite, so it is not restarted");
      await daemon.stop("SIGKILL");
      await until("the socket is gone or dead", () => daemon?.hasEnded());
      await startDaemon();
    },
    async stop() {
      await daemon?.stop();
      await logger?.stop();
    },
  };
}

/** The exact pixels of a libvirt guest: QEMU's screendump, asked through libvirtd, since QEMU runs as a user of its own. */
export function screendumpOf(libvirt: Libvirt, name: string): Buffer {
  const file = join(mkdtempSync(join(tmpdir(), "switchyard-screen-")), "screen.png");
  libvirt.virsh("screenshot", name, file);
  return readFileSync(file);
}
