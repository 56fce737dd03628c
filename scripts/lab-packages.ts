/** Installs the Debian packages that the end-to-end tests need; does nothing where they are there. */
import { spawnSync } from "node:child_process";

export const LAB_PACKAGES = [
  "chromium",
  "qemu-system-x86",
  "qemu-system-common",
  "qemu-utils",
  "ipxe-qemu",
  "seabios",
  "libvirt-daemon-system",
  "libvirt-clients",
  "libsasl2-modules",
  "sasl2-bin",
  "openssh-server",
  "openssh-client",
  "openssl",
  "tigervnc-standalone-server",
  "procps",
  "debootstrap",
  "e2fsprogs",
  "xvfb",
  "x11-utils",
  "x11-xserver-utils",
  "fonts-dejavu-core",
];

/** Only `npm run bench` needs these: the peers that it measures beside. */
export const BENCH_PACKAGES = [
  "tigervnc-viewer",
  "virt-viewer",
  "spice-client-gtk",
  "websockify",
  "xdotool",
  "imagemagick",
];

/** Throws with one clear line when they cannot be installed. */
export function ensurePackages(packages: readonly string[]): void {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  if (spawnSync("sh", ["-c", "command -v apt-get"]).status !== 0) {
    throw new Error(`the end-to-end tests need Debian's packages ${missing.join(" ")}, and there is no apt-get here`);
  }
  console.log(`Installing for the tests: ${missing.join(" ")}`);
  apt(["update", "-qq"]);
  apt(["install", "-y", "-qq", "--no-install-recommends", ...missing]);
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f", "${db:Status-Status}", name], { encoding: "utf8" });
  return stdout === "installed";
}

function apt(args: string[]): void {
  const isRoot = process.getuid?.() === 0;
  const [command = "", ...rest] = isRoot ? ["apt-get", ...args] : ["sudo", "-n", "apt-get", ...args];
  const { status } = spawnSync(command, rest, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status !== 0)
    throw new Error(
      `“${command} ${rest.slice(0, 3).join(" ")} …” failed; run the tests as root, or install the packages yourself`,
    );
}
