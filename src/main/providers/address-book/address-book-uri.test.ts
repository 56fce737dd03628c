import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors/app-error.ts";
import { parseAddressBookUri, uriOfTypedVncAddress } from "./address-book-uri.ts";

describe("an address of the address book", () => {
  it.each([
    ["vnc://rack-a", "vnc", false, "vnc://rack-a:5900", "rack-a"],
    ["VNC://Rack-A:5901/", "vnc", false, "vnc://rack-a:5901", "rack-a:5901"],
    ["vnc://host:1", "vnc", false, "vnc://host:1", "host:1"],
    ["vnc://[2001:db8::7]:5902", "vnc", false, "vnc://[2001:db8::7]:5902", "[2001:db8::7]:5902"],
    ["vnc+unix:///run/vm/a%20b.sock", "vnc", false, "vnc+unix:///run/vm/a%20b.sock", "/run/vm/a b.sock"],
    ["telnet://switch", "serial", true, "telnet://switch:23", "switch"],
    ["tcp://host:4555", "serial", false, "tcp://host:4555", "host:4555"],
    ["serial+unix:///run/s", "serial", false, "serial+unix:///run/s", "/run/s"],
    ["spice://Rack-A:5900", "spice", false, "spice://rack-a:5900", "rack-a:5900"],
    ["spice://a?port=5900&TLS-Port=5901", "spice", false, "spice://a:5900?tls-port=5901", "a:5900"],
    ["spice://a?tls-port=5901&mouse=x", "spice", false, "spice+tls://a:5901", "a:5901"],
    ["spice+tls://[::1]:5901/", "spice", false, "spice+tls://[::1]:5901", "[::1]:5901"],
    ["spice+unix:///run/s%20p", "spice", false, "spice+unix:///run/s%20p", "/run/s p"],
  ])("%s", (uri, protocol, isTelnet, normal, label) => {
    const parsed = parseAddressBookUri(uri);
    expect([parsed?.protocol, parsed?.isTelnet, parsed?.uri, parsed?.label]).toEqual([
      protocol,
      isTelnet,
      normal,
      label,
    ]);
  });

  it.each([
    ["vnc://me:pass%20word@host", "me", "pass word"],
    ["vnc://:pw@host", undefined, "pw"],
    ["vnc://host?VncUsername=me&VncPassword=pw", "me", "pw"],
  ])("%s keeps its password apart from the address", (uri, userName, password) => {
    expect(parseAddressBookUri(uri)).toMatchObject({ userName, password, uri: "vnc://host:5900" });
  });

  it("of SPICE has two places, a subject and a proxy, and keeps its password apart", () => {
    const uri = "spice://me@a:1?tls-port=2&host-subject=CN%3Da&proxy=http%3A%2F%2Fp%3A3128&password=geheim";
    expect(parseAddressBookUri(uri)).toEqual({
      protocol: "spice",
      isTelnet: false,
      address: { kind: "tcp", host: "a", port: 1 },
      spice: {
        plain: { kind: "tcp", host: "a", port: 1 },
        secure: { kind: "tcp", host: "a", port: 2 },
        certificate: { subject: "CN=a" },
        proxy: { host: "p", port: 3128, isTls: false },
      },
      uri: "spice://a:1?tls-port=2&host-subject=CN%3Da&proxy=http%3A%2F%2Fp%3A3128",
      label: "a:1",
      userName: "me",
      password: "geheim",
    });
  });

  it.each([["http://host"], ["qemu:///system"], ["host:1"], ["constructor:x"], [""]])("%j is another's", (uri) => {
    expect(parseAddressBookUri(uri)).toBeUndefined();
  });

  it.each([
    ["vnc://"],
    ["vnc://host:0"],
    ["vnc://host:65536"],
    ["vnc://a b"],
    ["vnc://host/path"],
    ["vnc://%zz@host"],
    ["vnc+unix://host/path"],
    ["vnc+unix:///%00"],
    [`serial+unix:///${"x".repeat(107)}`],
    ["tcp://host"],
    ["spice://host"],
    ["spice+tls://host?tls-port=1"],
    ["spice://host:1?tls-port=70000"],
    ["spice://host:1?proxy=socks5://a"],
    ["spice://host:1?proxy=http://a:geheim@b"],
    ["spice+unix://host/a"],
  ])("%s is refused with URI_INVALID", (uri) => {
    expect(() => parseAddressBookUri(uri)).toThrow(expect.objectContaining({ code: "URI_INVALID" }));
  });

  it.each(["vnc://me:geheim@host:0", "spice://host?password=geheim"])(
    "does not tell a password in its error: %s",
    (uri) => {
      try {
        parseAddressBookUri(uri);
        expect.unreachable();
      } catch (error) {
        expect(JSON.stringify((error as AppError).detail)).not.toContain("geheim");
      }
    },
  );

  it("ends in an address, undefined or URI_INVALID, and a normal form stays as it is", () => {
    const scheme = fc.constantFrom(
      "vnc:",
      "vnc://",
      "vnc+unix:///",
      "telnet://",
      "tcp://",
      "serial+unix:/",
      "spice://",
      "spice+tls://",
      "",
    );
    fc.assert(
      fc.property(scheme, fc.oneof(fc.string(), fc.webAuthority({ withPort: true, withIPv6: true })), (start, rest) => {
        try {
          const parsed = parseAddressBookUri(start + rest);
          if (parsed === undefined) return;
          expect(parseAddressBookUri(parsed.uri)).toEqual({ ...parsed, userName: undefined, password: undefined });
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("what people type for a VNC server", () => {
  it.each([
    ["host", "vnc://host:5900"],
    ["host:1", "vnc://host:5901"],
    ["host:99", "vnc://host:5999"],
    ["host:5901", "vnc://host:5901"],
    ["host::1", "vnc://host:1"],
    ["[::1]:2", "vnc://[::1]:5902"],
    ["host:70000", undefined],
    ["vnc://host", undefined],
    ["a b", undefined],
  ])("%s is %s", (text, uri) => {
    expect(uriOfTypedVncAddress(text)).toBe(uri);
  });
});
