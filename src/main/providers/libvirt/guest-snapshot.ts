import { ConsoleId, guestIdOf, type HostId } from "../../../shared/contracts/ids.ts";
import type {
  ConsoleDescription,
  ConsoleProtocol,
  GuestSnapshot,
  GuestState,
  PowerAction,
} from "../../../shared/contracts/inventory.ts";
import { DOMAIN_STATE } from "../../../protocols/libvirt/remote-procedures.ts";
import { graphicsTarget, textTarget } from "./console-target.ts";
import type { DomainDescription, DomainGraphics, DomainTextDevice } from "./domain-xml.ts";
import type { LibvirtAddress } from "./libvirt-uri.ts";

const MAX_NAME_CHARACTERS = 1024;

const STATE_BY_NUMBER: Readonly<Record<number, GuestState>> = {
  [DOMAIN_STATE.noState]: "unknown",
  [DOMAIN_STATE.running]: "running",
  [DOMAIN_STATE.blocked]: "running",
  [DOMAIN_STATE.paused]: "paused",
  // It is about to be off; what it shows is still there.
  [DOMAIN_STATE.shutdown]: "running",
  [DOMAIN_STATE.shutoff]: "off",
  [DOMAIN_STATE.crashed]: "crashed",
  [DOMAIN_STATE.pmSuspended]: "suspended",
};

export function guestStateOf(domainState: number): GuestState {
  return STATE_BY_NUMBER[domainState] ?? "unknown";
}

const ACTIONS_BY_STATE: Readonly<Record<GuestState, readonly PowerAction[]>> = {
  running: ["shutdown", "reboot", "reset", "force-off", "pause"],
  paused: ["resume", "reset", "force-off"],
  suspended: ["resume", "force-off"],
  off: ["start"],
  crashed: ["start", "force-off"],
  unknown: [],
};

/** What a driver has no call for. */
const MISSING_BY_DRIVER: Readonly<Record<string, readonly PowerAction[]>> = {
  lxc: ["reset", "pause", "resume"],
};

/** A console together with the device that it stands for. */
export type DomainConsole =
  | { readonly description: ConsoleDescription; readonly graphics: DomainGraphics }
  | { readonly description: ConsoleDescription; readonly text: DomainTextDevice };

/** Kinds of graphics that have a far end to connect to; the others draw in a window of the host. */
const GRAPHICAL: Readonly<Record<string, { readonly protocol: ConsoleProtocol; readonly label: string }>> = {
  vnc: { protocol: "vnc", label: "VNC" },
  spice: { protocol: "spice", label: "SPICE" },
  rdp: { protocol: "rdp", label: "RDP" },
};

function reasonOf(target: { kind: string; reason?: string }): { unavailable?: string } {
  return target.kind === "unavailable" && target.reason !== undefined ? { unavailable: target.reason } : {};
}

function describeGraphics(graphics: DomainGraphics, index: number, place: LibvirtAddress): DomainConsole[] {
  const known = GRAPHICAL[graphics.type];
  if (known === undefined) return [];
  const { protocol, label } = known;
  const later = protocol !== "rdp" ? {} : { unavailable: `${label} consoles come in a later version` };
  const suffix = index === 0 ? "" : String(index);
  return [
    {
      graphics,
      description: {
        id: ConsoleId.parse(`${protocol}${suffix}`),
        protocol,
        label: index === 0 ? label : `${label} ${index + 1}`,
        ...reasonOf(graphicsTarget(graphics, place)),
        ...later,
      },
    },
  ];
}

/**
 * The consoles of a domain: graphical ones first, in the order of its XML, and SPICE before all: it has sound, devices and several
 * screens, where VNC to the same guest is the simpler view of it.
 */
export function domainConsoles(domain: DomainDescription, place: LibvirtAddress): DomainConsole[] {
  const countByType = new Map<string, number>();
  const graphical = domain.graphics.flatMap((graphics) => {
    const index = countByType.get(graphics.type) ?? 0;
    countByType.set(graphics.type, index + 1);
    return describeGraphics(graphics, index, place);
  });
  const isSpice = ({ description }: DomainConsole): boolean => description.protocol === "spice";
  const texts = domain.textDevices.map((text): DomainConsole => {
    const id = `${text.element}${text.index}`;
    const label = `${text.element === "serial" ? "Serial" : "Console"} ${text.index}`;
    const description = { id: ConsoleId.parse(id), protocol: "serial" as const, label };
    return { text, description: { ...description, ...reasonOf(textTarget(text, place)) } };
  });
  return [...graphical.filter(isSpice), ...graphical.filter((each) => !isSpice(each)), ...texts];
}

/** What is known of a domain; `description` is absent until its XML came. */
export interface KnownDomain {
  readonly uuid: string;
  readonly name: string;
  /** virDomainState */
  readonly state: number;
  readonly description: DomainDescription | undefined;
}

export function guestSnapshotOf(domain: KnownDomain, hostId: HostId, place: LibvirtAddress): GuestSnapshot {
  const { description } = domain;
  const state = guestStateOf(domain.state);
  const missing = MISSING_BY_DRIVER[place.driver] ?? [];
  const isOn = state === "running" || state === "paused";
  const title = description?.title;
  return {
    id: guestIdOf(hostId, domain.uuid),
    hostId,
    name: (description?.name || domain.name).slice(0, MAX_NAME_CHARACTERS),
    ...(title !== undefined && { title: title.slice(0, MAX_NAME_CHARACTERS) }),
    state,
    consoles: description === undefined ? [] : domainConsoles(description, place).map((each) => each.description),
    actions: ACTIONS_BY_STATE[state].filter((action) => !missing.includes(action)),
    hasScreenshot: isOn && (description?.hasVideo === true || place.driver === "test"),
  };
}
