import { z } from "zod";
import { ConsoleId, GuestId, HostId } from "./ids.ts";
import { ErrorReport } from "./error-report.ts";

export const ConsoleProtocol = z.enum(["vnc", "spice", "serial", "rdp", "tn3270"]);
export type ConsoleProtocol = z.infer<typeof ConsoleProtocol>;

/** One way to see a guest. */
export const ConsoleDescription = z.object({
  id: ConsoleId,
  protocol: ConsoleProtocol,
  /** For the choice between several: "VNC", "Serial 0". */
  label: z.string().max(200),
  /** Present when it exists but cannot be opened; says why in a lower-case clause ("it listens only on a file descriptor"). */
  unavailable: z.string().max(500).optional(),
});
export type ConsoleDescription = z.infer<typeof ConsoleDescription>;

export const GuestState = z.enum(["running", "paused", "suspended", "off", "crashed", "unknown"]);
export type GuestState = z.infer<typeof GuestState>;

export const PowerAction = z.enum(["start", "shutdown", "reboot", "reset", "force-off", "pause", "resume"]);
export type PowerAction = z.infer<typeof PowerAction>;

/** What an action is called in a menu and in an error. */
export const POWER_ACTION_NAMES: Readonly<Record<PowerAction, string>> = {
  start: "Start",
  shutdown: "Shut down",
  reboot: "Reboot",
  reset: "Reset",
  "force-off": "Force off",
  pause: "Pause",
  resume: "Resume",
};

/** One virtual machine, container or partition, as last heard of. */
export const GuestSnapshot = z.object({
  id: GuestId,
  hostId: HostId,
  name: z.string().max(1024),
  /** A longer, human title, where the host has one. */
  title: z.string().max(1024).optional(),
  /** A folder in the tree below the host (address book groups). */
  group: z.string().max(200).optional(),
  state: GuestState,
  consoles: z.array(ConsoleDescription).max(64),
  /** What the host can do with it in this state; empty where it cannot. */
  actions: z.array(PowerAction),
  /** True when the host can make a picture of it without opening a console. */
  hasScreenshot: z.boolean(),
});
export type GuestSnapshot = z.infer<typeof GuestSnapshot>;

export const HostState = z.discriminatedUnion("phase", [
  z.object({ phase: z.literal("connecting") }),
  z.object({ phase: z.literal("live") }),
  /** `retryInMs`: when the next try starts, counted from the message; absent when only the user can help. */
  z.object({ phase: z.literal("failed"), error: ErrorReport, retryInMs: z.number().optional() }),
]);
export type HostState = z.infer<typeof HostState>;

/** One hypervisor, cluster or book that we are connected to, without its guests. */
export const HostSnapshot = z.object({
  id: HostId,
  kind: z.string().max(64),
  /** The address, without any password. */
  uri: z.string().max(2048),
  label: z.string().max(200),
  state: HostState,
  /** "automatic": found by itself; "configured": in the settings; "option": from the command line. */
  origin: z.enum(["automatic", "configured", "option"]),
  /** Whether entries can be added to it (the address book). */
  isAddressBook: z.boolean(),
});
export type HostSnapshot = z.infer<typeof HostSnapshot>;

/** What was looked for on this machine; the first-run page tells it. */
export const DiscoveryFinding = z.object({
  /** "libvirt (system)", "QEMU processes", "VNC servers on the network". */
  what: z.string().max(200),
  /** Where: a socket path, "/proc", "mDNS". */
  where: z.string().max(500),
  outcome: z.enum(["found", "absent", "denied"]),
  /** One clause: "3 guests", "no socket", "you are not in the group libvirt". */
  note: z.string().max(500),
});
export type DiscoveryFinding = z.infer<typeof DiscoveryFinding>;

/** A change of the inventory. A page first gets `reset`, then changes, in order. */
export const InventoryChange = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("reset"),
    hosts: z.array(HostSnapshot),
    guests: z.array(GuestSnapshot),
    findings: z.array(DiscoveryFinding),
  }),
  z.object({ kind: z.literal("host"), host: HostSnapshot }),
  z.object({ kind: z.literal("host-removed"), hostId: HostId }),
  /** Guests of one host that are new or differ, and those that are gone. */
  z.object({ kind: z.literal("guests"), hostId: HostId, changed: z.array(GuestSnapshot), removed: z.array(GuestId) }),
  z.object({ kind: z.literal("findings"), findings: z.array(DiscoveryFinding) }),
]);
export type InventoryChange = z.infer<typeof InventoryChange>;
