import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

/**
 * Builds the desktop guest's disk, kernel and first disk from Debian's packages: an X server with the qxl driver, a window manager,
 * SPICE's agents, and programs that draw, play and answer. Once on a machine: the result stays in a cache, named by its recipe.
 */
export interface DesktopImage {
  readonly folder: string;
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

const HERE = import.meta.dirname;
const MIRROR = process.env.SWITCHYARD_DEBIAN_MIRROR ?? "http://deb.debian.org/debian";
const SUITE = "bookworm";
const DISK_SIZE = "1400M";

/** In the order: system, X, desktop programs, agents, sound and moving pictures, what the folder and USB tests use. */
const PACKAGES = [
  ...["udev", "kmod", "dbus", "busybox-static", "procps"],
  ...[
    "xserver-xorg-core",
    "xserver-xorg-video-qxl",
    "xserver-xorg-input-libinput",
    "xfonts-base",
    "x11-xserver-utils",
    "fonts-dejavu-core",
  ],
  ...["openbox", "xterm", "x11-apps", "x11-utils", "xclip"],
  ...["spice-vdagent", "qemu-guest-agent", "spice-webdavd", "curl"],
  ...["alsa-utils", "gstreamer1.0-tools", "gstreamer1.0-plugins-base", "gstreamer1.0-x", "gstreamer1.0-alsa"],
  ...["usbutils"],
];

/** Loaded by the first disk, so that the real one can be mounted. */
const DISK_MODULES = ["virtio_pci", "virtio_blk", "ext4"];

/** Loaded by the guest itself; udev finds nothing more than what is on the disk. */
const GUEST_MODULES = [
  ...["virtio_console", "virtio_net", "virtio_balloon", "virtio_input", "virtio_rng", "qxl", "virtio-gpu", "bochs"],
  ...["evdev", "psmouse", "uinput", "hid_generic", "usbhid", "xhci_pci", "uhci_hcd", "ehci_pci"],
  ...["usb_storage", "sd_mod", "cdc_acm", "snd_hda_intel", "snd_hda_codec_generic", "snd_seq", "fuse"],
];

/** Nobody reads them in the guest. */
const LEFT_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"];

const RECIPE_FILES = ["init.sh", "xorg.conf", "xorg-qxl.conf", "initrd-init.sh"];

/** Where what is slow to make is kept: `SWITCHYARD_LAB_CACHE`, else the user's own cache. */
export function labCacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const folder = process.env.SWITCHYARD_LAB_CACHE ?? join(cache, "switchyard-lab");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Changes with everything that decides what is in the image. */
export function desktopRecipeHash(): string {
  const hash = createHash("sha256");
  for (const file of [...RECIPE_FILES, "desktop-image.ts"]) hash.update(readFileSync(join(HERE, file)));
  hash.update(MIRROR);
  return hash.digest("hex").slice(0, 16);
}

/** Takes about three minutes where the image is not there yet. Throws with the failed command's last words. */
export function ensureDesktopImage(): DesktopImage {
  const cache = labCacheFolder();
  const folder = join(cache, `desktop-${desktopRecipeHash()}`);
  const image = {
    folder,
    disk: join(folder, "disk.img"),
    kernel: join(folder, "vmlinuz"),
    initrd: join(folder, "initrd.img"),
  };
  if (existsSync(folder)) return image;
  // Only one recipe is kept: a guest is most of a gigabyte.
  for (const name of readdirSync(cache)) {
    if (/^desktop-[0-9a-f]{16}$/.test(name)) rmSync(join(cache, name), { recursive: true, force: true });
  }
  const work = mkdtempSync(join(cache, "building-"));
  const startedMs = Date.now();
  console.log("Building the desktop guest, once on this machine …");
  try {
    buildInto(work);
    renameSync(join(work, "out"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  console.log(`The desktop guest is built (${((Date.now() - startedMs) / 1000).toFixed(0)} s)`);
  return image;
}

function buildInto(work: string): void {
  const root = join(work, "root");
  const out = join(work, "out");
  mkdirSync(out);
  run("debootstrap", ["--variant=minbase", "--include=ca-certificates", SUITE, root, MIRROR]);
  writeFileSync(
    join(root, "etc/dpkg/dpkg.cfg.d/lab"),
    ["force-unsafe-io", ...LEFT_OUT.map((path) => `path-exclude=${path}`)].join("\n"),
  );
  // No service is started in the chroot.
  writeFileSync(join(root, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  inRoot(root, ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...PACKAGES]);
  const kernel = unpackKernel(root);
  copyFileSync(join(root, KERNEL_TREE, "boot", `vmlinuz-${kernel}`), join(out, "vmlinuz"));
  installModules(root, kernel);
  makeInitrd({ root, kernel, tree: join(work, "initrd"), file: join(out, "initrd.img") });
  rmSync(join(root, KERNEL_TREE), { recursive: true });
  writeFileSync(join(root, "etc/modules"), `${GUEST_MODULES.join("\n")}\n`);
  mkdirSync(join(root, "etc/X11/xorg.conf.d"), { recursive: true });
  copyFileSync(join(HERE, "xorg.conf"), join(root, "etc/X11/xorg.conf.d/lab.conf"));
  copyFileSync(join(HERE, "xorg-qxl.conf"), join(root, "etc/X11/xorg.conf.d/qxl.conf"));
  rmSync(join(root, "sbin/init"), { force: true });
  writeFileSync(join(root, "sbin/init"), readFileSync(join(HERE, "init.sh")), { mode: 0o755 });
  for (const path of ["var/cache/apt", "var/lib/apt/lists"]) rmSync(join(root, path), { recursive: true, force: true });
  run("truncate", ["-s", DISK_SIZE, join(out, "disk.img")]);
  run("mke2fs", ["-q", "-t", "ext4", "-F", "-O", "^has_journal", "-d", root, join(out, "disk.img")]);
}

/** Where the kernel's package is unpacked, seen from the guest's root. Its scripts would make a first disk that is not used. */
const KERNEL_TREE = "tmp/kernel";

/** Returns the kernel's version. */
function unpackKernel(root: string): string {
  const depends = inRoot(root, ["apt-cache", "depends", "linux-image-amd64"]);
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (name === undefined) throw new Error(`linux-image-amd64 names no kernel: ${depends}`);
  const version = name.replace("linux-image-", "");
  inRoot(root, [
    "sh",
    "-c",
    `cd /tmp && apt-get download -qq -o APT::Sandbox::User=root ${name} && dpkg-deb -x ${name}_*.deb kernel`,
  ]);
  inRoot(root, ["sh", "-c", "rm /tmp/*.deb"]);
  inRoot(root, ["depmod", "-b", `/${KERNEL_TREE}`, version]);
  return version;
}

/** Paths below the kernel's tree of modules and of all that they need, in the order in which they are loaded. */
function modulePaths(root: string, kernel: string, names: readonly string[]): string[] {
  const paths = names.flatMap((name) => {
    const shown = inRoot(root, ["modprobe", "-d", `/${KERNEL_TREE}`, "-S", kernel, "--show-depends", name]);
    return [...shown.matchAll(/^insmod (\S+)/gm)].map((match) => (match[1] ?? "").slice(KERNEL_TREE.length + 2));
  });
  return [...new Set(paths)];
}

function installModules(root: string, kernel: string): void {
  const tree = join(root, KERNEL_TREE);
  for (const path of modulePaths(root, kernel, [...DISK_MODULES, ...GUEST_MODULES])) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(join(tree, path), join(root, path));
  }
  for (const file of ["modules.order", "modules.builtin", "modules.builtin.modinfo"]) {
    copyFileSync(join(tree, "lib/modules", kernel, file), join(root, "lib/modules", kernel, file));
  }
  inRoot(root, ["depmod", kernel]);
}

function makeInitrd(parts: { root: string; kernel: string; tree: string; file: string }): void {
  const { root, kernel, tree, file } = parts;
  for (const folder of ["bin", "modules", "proc", "sys", "dev", "disk"])
    mkdirSync(join(tree, folder), { recursive: true });
  copyFileSync(join(root, "bin/busybox"), join(tree, "bin/busybox"));
  writeFileSync(join(tree, "init"), readFileSync(join(HERE, "initrd-init.sh")), { mode: 0o755 });
  const paths = modulePaths(root, kernel, DISK_MODULES);
  const names = paths.map((path, index) => `${index}-${basename(path)}`);
  for (const [index, path] of paths.entries()) {
    copyFileSync(join(root, KERNEL_TREE, path), join(tree, "modules", names[index] ?? ""));
  }
  writeFileSync(join(tree, "modules/order"), `${names.join("\n")}\n`);
  run("sh", ["-c", `find . | "${join(root, "bin/busybox")}" cpio -o -H newc | gzip -1 > "${file}"`], { cwd: tree });
}

function inRoot(root: string, command: readonly string[]): string {
  return run("chroot", [root, ...command], { env: { DEBIAN_FRONTEND: "noninteractive", LANG: "C.UTF-8" } });
}

function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  if (status !== 0) {
    const lastWords = (error?.message ?? `${stdout}\n${stderr}`).trim().slice(-600);
    throw new Error(`building the desktop guest: “${command} ${args.slice(0, 4).join(" ")} …” failed: ${lastWords}`);
  }
  return stdout;
}
