import type { SpicePlace, SpiceServer } from "../../transport/spice-server.ts";
import { graphicsTarget, type ConsoleTarget } from "./console-target.ts";
import type { DomainGraphics } from "./domain-xml.ts";
import { openTarget, targetText, tlsPeer, unavailable, type ConsoleHost } from "./open-target.ts";

/** Where a guest's SPICE server is reached from here, and how. Throws CONSOLE_UNAVAILABLE, which says why not. */
export function spiceServerOf(host: ConsoleHost, graphics: DomainGraphics, guestName: string): SpiceServer {
  const first = reached(graphicsTarget(graphics, host.address));
  const { via } = first;
  const targetAt = (port: number | undefined): ConsoleTarget | undefined =>
    port === undefined || first.kind !== "tcp" ? undefined : { ...first, port };
  const plain = first.kind === "unix" ? first : targetAt(graphics.port);
  const secure = targetAt(graphics.tlsPort);
  return {
    label: guestName || targetText(first, "the guest"),
    plain: placeOf(plain),
    secure: placeOf(secure),
    // What comes out of SSH at a loopback address is the certificate of the host that SSH leads to.
    certificate: { name: tlsPeer(host, first)?.host },
    way: via === "ssh" ? "ssh" : "direct",
    secureChannels: graphics.secureChannels,
    password: graphics.password,
    // Another host's place, too: a guest that moves is followed the way that led to it.
    open: (place, options) => openTarget(host, { ...place, via }, options),
  };
}

function reached(target: ConsoleTarget): Extract<ConsoleTarget, { via: unknown }> {
  if (target.kind === "unavailable") throw unavailable(target.reason);
  if (target.kind === "not-yet") throw unavailable("the guest has not opened its port yet");
  return target;
}

function placeOf(target: ConsoleTarget | undefined): SpicePlace | undefined {
  if (target?.kind === "unix") return { kind: "unix", path: target.path };
  return target?.kind === "tcp" ? { kind: "tcp", host: target.host, port: target.port } : undefined;
}
