import { describe, expect, it } from "vitest";
import { graphicsTarget, textTarget } from "./console-target.ts";
import type { DomainGraphics, DomainTextDevice } from "./domain-xml.ts";

const HERE = { transport: "unix", host: undefined } as const;
const BY_SSH = { transport: "ssh", host: "rack-a" } as const;
const BY_TLS = { transport: "tls", host: "rack-a" } as const;
const BY_LOCAL_TCP = { transport: "tcp", host: "127.0.0.1" } as const;

function graphics(parts: Partial<DomainGraphics>): DomainGraphics {
  const absent = {
    address: undefined,
    socket: undefined,
    listenType: undefined,
    password: undefined,
    secureChannels: undefined,
  };
  return { type: "vnc", port: 5900, tlsPort: undefined, ...absent, ...parts };
}

const tcp = (host: string, via: "direct" | "ssh") => ({ kind: "tcp", host, port: 5900, via });
const unavailable = { kind: "unavailable" };

describe("graphicsTarget", () => {
  it.each([
    ["loopback, here", { address: "127.0.0.1" }, HERE, tcp("127.0.0.1", "direct")],
    ["loopback, by SSH", { address: "127.0.0.1" }, BY_SSH, tcp("127.0.0.1", "ssh")],
    ["IPv6 loopback, by SSH", { address: "::1" }, BY_SSH, tcp("::1", "ssh")],
    ["loopback, by TLS", { address: "127.0.0.1" }, BY_TLS, unavailable],
    ["loopback, by TCP to this machine", { address: "127.0.0.1" }, BY_LOCAL_TCP, tcp("127.0.0.1", "direct")],
    ["no address, by SSH", {}, BY_SSH, tcp("127.0.0.1", "ssh")],
    ["any, here", { address: "0.0.0.0" }, HERE, tcp("127.0.0.1", "direct")],
    ["any, by SSH", { address: "0.0.0.0" }, BY_SSH, tcp("rack-a", "direct")],
    ["any, by TLS", { address: "::" }, BY_TLS, tcp("rack-a", "direct")],
    ["an address of its own", { address: "10.0.0.5" }, BY_SSH, tcp("10.0.0.5", "direct")],
    ["a socket, here", { socket: "/v.sock" }, HERE, { kind: "unix", path: "/v.sock", via: "direct" }],
    ["a socket, by SSH", { socket: "/v.sock" }, BY_SSH, { kind: "unix", path: "/v.sock", via: "ssh" }],
    ["a socket, by TLS", { socket: "/v.sock" }, BY_TLS, unavailable],
    ["nothing, here", { listenType: "none" }, HERE, unavailable],
    ["nothing, by SSH", { listenType: "none" }, BY_SSH, unavailable],
    ["no port yet", { port: undefined }, HERE, { kind: "not-yet" }],
    ["a TLS port alone", { port: undefined, tlsPort: 5900 }, BY_SSH, tcp("127.0.0.1", "ssh")],
    ["a socket that has no path yet", { listenType: "socket" }, HERE, { kind: "not-yet" }],
    ["no port yet, and never reachable", { port: undefined, address: "127.0.0.1" }, BY_TLS, unavailable],
  ])("listening on %s", (_, parts, place, expected) => {
    expect(graphicsTarget(graphics(parts), place)).toMatchObject(expected);
  });
});

describe("textTarget", () => {
  const source = { mode: "bind", path: "/s.sock", host: "127.0.0.1", service: "4555" };
  const device = (type: string, parts: Partial<DomainTextDevice> = {}): DomainTextDevice => ({
    element: "serial",
    type,
    index: 0,
    alias: undefined,
    source,
    protocol: "raw",
    ...parts,
  });

  it.each([
    ["a pty, from anywhere", device("pty"), BY_TLS, { kind: "stream" }],
    ["a bound Unix socket", device("unix"), BY_SSH, { kind: "unix", path: "/s.sock", via: "ssh" }],
    ["a bound TCP port", device("tcp"), BY_SSH, { kind: "tcp", host: "127.0.0.1", port: 4555, via: "ssh" }],
    ["telnet", device("tcp", { protocol: "telnet" }), HERE, unavailable],
    ["a socket of somebody else", device("unix", { source: { ...source, mode: "connect" } }), HERE, unavailable],
    ["a file", device("file"), HERE, unavailable],
  ])("is right for %s", (_, text, place, expected) => {
    expect(textTarget(text, place)).toMatchObject(expected);
  });
});
