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
  ])("%s is refused with URI_INVALID", (uri) => {
    expect(() => parseAddressBookUri(uri)).toThrow(expect.objectContaining({ code: "URI_INVALID" }));
  });

  it("does not tell a password in its error", () => {
    try {
      parseAddressBookUri("vnc://me:geheim@host:0");
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify((error as AppError).detail)).not.toContain("geheim");
    }
  });

  it("ends in an address, undefined or URI_INVALID, and a normal form stays as it is", () => {
    const scheme = fc.constantFrom("vnc:", "vnc://", "vnc+unix:///", "telnet://", "tcp://", "serial+unix:/", "");
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
