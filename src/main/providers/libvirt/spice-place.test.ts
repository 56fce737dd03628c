import { describe, expect, it } from "vitest";
import type { DomainDescription, DomainGraphics } from "./domain-xml.ts";
import { domainConsoles } from "./guest-snapshot.ts";
import type { ConsoleHost } from "./open-target.ts";
import { spiceServerOf } from "./spice-place.ts";

const HERE = { transport: "unix", host: undefined } as const;
const BY_SSH = { transport: "ssh", host: "rack-a" } as const;

const NOTHING = {
  port: undefined,
  tlsPort: undefined,
  address: undefined,
  socket: undefined,
  listenType: undefined,
  password: undefined,
  secureChannels: undefined,
};
const spice = (parts: Partial<DomainGraphics>): DomainGraphics => ({ type: "spice", ...NOTHING, ...parts });
const serverAt = (place: object, parts: Partial<DomainGraphics>) =>
  spiceServerOf({ address: place } as ConsoleHost, spice(parts), "web");
const tcp = (host: string, port: number) => ({ kind: "tcp", host, port });

describe("where a libvirt guest's SPICE server is", () => {
  it("is its ports, here and through SSH, where the certificate is that of the host behind it", () => {
    const ports = { port: 5900, tlsPort: 5901, address: "127.0.0.1", password: "sesam", secureChannels: ["main"] };
    const places = { plain: tcp("127.0.0.1", 5900), secure: tcp("127.0.0.1", 5901), password: "sesam", label: "web" };
    expect(serverAt(HERE, ports)).toMatchObject({ ...places, way: "direct", secureChannels: ["main"] });
    expect(serverAt(BY_SSH, ports)).toMatchObject({ ...places, way: "ssh", certificate: { name: "rack-a" } });
    const everywhere = { ...ports, address: "0.0.0.0" };
    expect(serverAt(BY_SSH, everywhere)).toMatchObject({ plain: tcp("rack-a", 5900), way: "direct" });
  });

  it("is the TLS port alone, or a socket", () => {
    const only = serverAt(HERE, { tlsPort: 5901 });
    expect([only.plain, only.secure]).toEqual([undefined, tcp("127.0.0.1", 5901)]);
    const socket = serverAt(BY_SSH, { listenType: "socket", socket: "/run/s.sock" });
    expect([socket.plain, socket.secure]).toEqual([{ kind: "unix", path: "/run/s.sock" }, undefined]);
  });

  it("is nowhere before the guest runs, and for who is not let in", () => {
    expect(() => serverAt(HERE, {})).toThrow(expect.objectContaining({ code: "CONSOLE_UNAVAILABLE" }));
    const byTls = { transport: "tls", host: "rack-a" };
    expect(() => serverAt(byTls, { port: 1 })).toThrow(expect.objectContaining({ code: "CONSOLE_UNAVAILABLE" }));
  });
});

describe("the consoles of a libvirt guest", () => {
  it("begin with SPICE, whatever the order of the XML", () => {
    const address = { ...HERE, driver: "qemu" } as Parameters<typeof domainConsoles>[1];
    const description = {
      graphics: [spice({ type: "vnc", port: 5900 }), spice({ type: "rdp", port: 1 }), spice({ port: 5901 })],
      textDevices: [],
    } as Partial<DomainDescription> as DomainDescription;
    expect(domainConsoles(description, address).map((each) => each.description)).toEqual([
      { id: "spice", protocol: "spice", label: "SPICE" },
      { id: "vnc", protocol: "vnc", label: "VNC" },
      { id: "rdp", protocol: "rdp", label: "RDP", unavailable: "RDP consoles come in a later version" },
    ]);
  });
});
