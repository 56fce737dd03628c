import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { until } from "../child-process.ts";
import { freePort } from "../free-port.ts";
import { startSpiceGuest, type SpiceDevice, type SpiceGuest, type SpiceOptions } from "../spice/spice-guest.ts";
import { ensureDesktopImage, type DesktopImage } from "./desktop-image.ts";
import { GuestAgent, quoted } from "./guest-agent.ts";

/**
 * The desktop guest: Debian with an X server, SPICE's agents and programs. It boots once for each kind of card; then its state is
 * kept beside its disk, and every later start goes on from there in about two seconds.
 */
export interface DesktopGuest extends SpiceGuest {
  readonly agent: GuestAgent;
  /** TCP port of the loopback at which the guest's X server answers. */
  readonly xPort: number;
  /**
   * From now on the guest's screens take the sizes that their monitors wish for. A whole desktop environment does that; X and a
   * window manager alone do not.
   */
  followMonitors(): Promise<void>;
}

export type DesktopCard = "qxl" | "virtio";

export interface DesktopOptions {
  readonly name: string;
  readonly card?: DesktopCard;
  readonly spice?: Omit<SpiceOptions, "devices">;
}

const MEMORY_MIB = 768;
const BOOT_TIMEOUT_MS = 240_000;
const SAVE_TIMEOUT_MS = 60_000;
const RESTORE_TIMEOUT_MS = 60_000;

/** All that a test may want; the same for every guest, because a saved state fits only the machine that it was saved from. */
const DEVICES: readonly SpiceDevice[] = ["agent", "sound", "tablet", "usb", "folder", "port"];

const CARDS: Readonly<Record<DesktopCard, readonly string[]>> = {
  // Enough video memory for four heads, or one of 2560 x 1440 with its surfaces.
  qxl: ["-device", "qxl-vga,ram_size_mb=128,vram_size_mb=128,vgamem_mb=64,max_outputs=4"],
  virtio: ["-device", "virtio-vga,max_outputs=2"],
};

/** What is slow only the first time (fonts, themes, plug-ins), done before the state is saved. */
const WARM_UP = [
  "xterm -e true",
  "timeout 4 xclock; timeout 3 xeyes; xrefresh; xset m 1/1 0",
  "gst-launch-1.0 videotestsrc num-buffers=5 ! ximagesink audiotestsrc num-buffers=20 ! alsasink",
  "timeout 2 xclip -o; timeout 2 xwininfo -root; xrandr >/dev/null; aplay -l >/dev/null; true",
];

/** The kernel tells of each wish by an event of its graphics card. */
const FOLLOW_MONITORS = [
  "udevadm monitor --udev --subsystem-match=drm | while read -r event; do",
  "set --; left=;",
  "for name in $(xrandr | sed -n 's/ connected.*//p'); do",
  'set -- "$@" --output $name --auto ${left:+--right-of $left}; left=$name; done;',
  "for name in $(xrandr | sed -n 's/ disconnected.*//p'); do set -- \"$@\" --output $name --off; done;",
  'xrandr "$@"; done',
].join(" ");

function machineArguments(card: DesktopCard): string[] {
  return [
    ...["-smp", "2", "-cpu", "max", "-rtc", "base=utc,clock=vm", ...CARDS[card]],
    ...["-device", "virtio-net-pci,netdev=net0", "-device", "virtio-rng-pci"],
    ...["-device", "virtserialport,chardev=agent0,name=org.qemu.guest_agent.0"],
    ...["-device", "virtio-blk-pci,drive=disk0"],
  ];
}

/** Starts it, from its saved state; builds image and state where they are not there yet (about three minutes more). */
export async function startDesktopGuest(options: DesktopOptions): Promise<DesktopGuest> {
  const card = options.card ?? "qxl";
  const image = ensureDesktopImage();
  const state = await ensureState(image, card);
  const guest = await startMachine({
    ...options,
    card,
    image,
    disk: join(state, "disk.qcow2"),
    stateFile: join(state, "memory"),
  });
  await until("the desktop guest goes on", async () => (await statusOf(guest)) !== "inmigrate", RESTORE_TIMEOUT_MS);
  if ((await statusOf(guest)) !== "running") await guest.execute("cont");
  // What was in the card's memory is not in the saved state: the desktop draws itself again.
  await guest.agent.ping();
  await guest.agent.run("xrefresh");
  return guest;
}

/** The folder with the disk and the memory of a desktop that has just become ready. */
async function ensureState(image: DesktopImage, card: DesktopCard): Promise<string> {
  const version = spawnSync("qemu-system-x86_64", ["--version"], { encoding: "utf8" }).stdout.split("\n")[0] ?? "";
  const machine = JSON.stringify([version, MEMORY_MIB, DEVICES, machineArguments(card), WARM_UP]);
  const hash = createHash("sha256").update(machine).digest("hex").slice(0, 12);
  const folder = join(image.folder, `state-${card}-${hash}`);
  if (existsSync(folder)) return folder;
  const startedMs = Date.now();
  console.log(`Booting the desktop guest with its ${card} card, once on this machine …`);
  const work = mkdtempSync(join(image.folder, "saving-"));
  const disk = join(work, "disk.qcow2");
  makeOverlay(disk, { over: image.disk, format: "raw" });
  const guest = await startMachine({ name: "desktop-boot", card, image, disk, writesDisk: true });
  try {
    await guest.agent.untilReady(BOOT_TIMEOUT_MS);
    await guest.agent.run("until [ -e /run/desktop-is-ready ] && pidof openbox; do sleep 0.3; done", {
      timeoutMs: BOOT_TIMEOUT_MS,
    });
    for (const command of WARM_UP) await guest.agent.run(`${command}; true`, { timeoutMs: BOOT_TIMEOUT_MS });
    await guest.agent.run("rm -f /root/.xsession-errors; sync");
    await save(guest, join(work, "memory"));
  } catch (error) {
    await guest.stop();
    rmSync(work, { recursive: true, force: true });
    throw error;
  }
  await guest.stop();
  try {
    renameSync(work, folder);
  } catch (error) {
    // Another run was first.
    rmSync(work, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  console.log(`The desktop guest is ready (${((Date.now() - startedMs) / 1000).toFixed(0)} s)`);
  return folder;
}

async function save(guest: SpiceGuest, file: string): Promise<void> {
  await guest.execute("stop");
  await guest.execute("migrate-set-parameters", { "max-bandwidth": 2 ** 33 });
  await guest.execute("migrate", { uri: `exec:cat > ${file}` });
  await until(
    "the desktop guest's state is saved",
    async () => {
      const { status } = (await guest.execute("query-migrate")) as { status?: string };
      if (status === "failed" || status === "cancelled") throw new Error(`saving the desktop guest's state ${status}`);
      return status === "completed";
    },
    SAVE_TIMEOUT_MS,
  );
}

interface MachineOptions extends DesktopOptions {
  readonly card: DesktopCard;
  readonly image: DesktopImage;
  readonly disk: string;
  /** The disk itself is written; else an overlay that goes with the guest. */
  readonly writesDisk?: boolean;
  readonly stateFile?: string;
}

async function startMachine(options: MachineOptions): Promise<DesktopGuest> {
  const { card, image, stateFile } = options;
  const xPort = await freePort();
  const agentSocketIn = (folder: string): string => join(folder, "agent.sock");
  const argumentsIn = (folder: string): string[] => {
    const disk = options.writesDisk === true ? options.disk : join(folder, "disk.qcow2");
    if (options.writesDisk !== true && !existsSync(disk)) makeOverlay(disk, { over: options.disk, format: "qcow2" });
    return [
      ...["-kernel", image.kernel, "-initrd", image.initrd, "-append", "quiet loglevel=3 mitigations=off"],
      ...["-drive", `file=${disk},format=qcow2,if=none,id=disk0,cache=unsafe`],
      ...["-netdev", `user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:${xPort}-10.0.2.15:6000`],
      ...["-chardev", `socket,id=agent0,path=${agentSocketIn(folder)},server=on,wait=off`],
      ...machineArguments(card),
      ...(stateFile === undefined ? [] : ["-incoming", `exec:cat ${stateFile}`]),
    ];
  };
  const guest = await startSpiceGuest({
    name: options.name,
    hasNetwork: false,
    vga: "none",
    memoryMiB: MEMORY_MIB,
    spice: { ...options.spice, devices: DEVICES },
    args: argumentsIn,
  });
  const agent = await GuestAgent.open(agentSocketIn(guest.folder));
  return {
    ...guest,
    agent,
    xPort,
    async followMonitors() {
      await agent.start(`sh -c ${quoted(FOLLOW_MONITORS)}`);
    },
    async stop() {
      agent.close();
      await guest.stop();
    },
  };
}

function makeOverlay(file: string, base: { over: string; format: "raw" | "qcow2" }): void {
  const { status, stderr } = spawnSync(
    "qemu-img",
    ["create", "-q", "-f", "qcow2", "-b", base.over, "-F", base.format, file],
    {
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(`qemu-img create: ${stderr}`);
}

async function statusOf(guest: SpiceGuest): Promise<string> {
  const { status } = (await guest.execute("query-status")) as { status: string };
  return status;
}
