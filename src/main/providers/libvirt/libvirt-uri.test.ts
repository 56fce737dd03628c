import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors/app-error.ts";
import { parseLibvirtUri } from "./libvirt-uri.ts";

describe("parseLibvirtUri", () => {
  it.each([
    ["qemu:///system", { transport: "unix", host: undefined, connectName: "qemu:///system" }],
    ["qemu:///session", { transport: "unix", isSession: true, connectName: "qemu:///session" }],
    ["qemu+unix:///system?socket=/run/x.sock", { socketPath: "/run/x.sock", connectName: "qemu:///system" }],
    ["qemu+ssh://root@rack-a:2222/system", { transport: "ssh", userName: "root", host: "rack-a", port: 2222 }],
    ["qemu+libssh2://rack-a/system", { transport: "ssh" }],
    ["qemu+ssh://rack-a", { transport: "ssh", connectName: "qemu:///system" }],
    ["qemu://rack-a/system", { transport: "tls", host: "rack-a" }],
    ["qemu+tcp://[fe80::1]:16509/system", { transport: "tcp", host: "fe80::1", port: 16509 }],
    ["qemu+tls://rack-a/system?pkipath=/pki", { pkiPath: "/pki", connectName: "qemu:///system" }],
    ["xen+ssh://root@rack-a/", { driver: "xen", daemon: "virtxend", connectName: "xen:///" }],
    ["lxc:///", { driver: "lxc", transport: "unix", connectName: "lxc:///" }],
    ["test:///default", { driver: "test", daemon: undefined, connectName: "test:///default" }],
    ["test+unix:///tmp/node.xml", { transport: "unix", connectName: "test:///tmp/node.xml" }],
    ["qemu+ssh://a/system?keyfile=/k&name=qemu:///session", { keyFile: "/k", connectName: "qemu:///session" }],
  ])("understands %s", (uri, expected) => {
    expect(parseLibvirtUri(uri)?.address).toMatchObject(expected);
  });

  it.each(["vnc://host", "ssh://host", "esx://host/", "qemu", "/run/x.sock", ""])("leaves %s to others", (uri) => {
    expect(parseLibvirtUri(uri)).toBeUndefined();
  });

  it.each([
    ["qemu+warp://host/system", /transport “warp”/],
    ["qemu+ssh:///system", /needs a host name/],
    ["qemu+unix://host/system", /only this machine/],
    ["qemu:///nowhere", /neither \/system nor \/session/],
    ["qemu+ssh://host:99999/system", /host or port/],
  ])("says what is wrong with %s", (uri, reason) => {
    expect(() => parseLibvirtUri(uri)).toThrow(
      expect.objectContaining({
        code: "URI_INVALID",
        detail: expect.objectContaining({ reason: expect.stringMatching(reason) as unknown }) as unknown,
      }),
    );
  });

  it("keeps a password out of the address and out of its error", () => {
    expect(parseLibvirtUri("qemu+ssh://root:sesam@rack-a/system")).toMatchObject({
      uri: "qemu+ssh://root@rack-a/system",
      password: "sesam",
    });
    const wrong = (): unknown => parseLibvirtUri("qemu+warp://root:sesam@rack-a/system");
    expect(wrong).toThrow(
      expect.objectContaining({
        detail: expect.not.objectContaining({ uri: expect.stringContaining("sesam") as unknown }) as unknown,
      }),
    );
  });

  it("gives one text for one host, and understands it again", () => {
    const spellings = ["test:///default", "test+unix:///default", "TEST:///default", " test:/// "];
    expect(new Set(spellings.map((uri) => parseLibvirtUri(uri)?.uri))).toEqual(new Set(["test:///default"]));
    const word = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
    fc.assert(
      fc.property(
        word,
        word,
        fc.integer({ min: 1, max: 65_535 }),
        fc.string({ maxLength: 20 }),
        (user, host, port, value) => {
          const parsed = parseLibvirtUri(
            `qemu+ssh://${user}@${host}:${port}/system?keyfile=${encodeURIComponent(value)}&x=1`,
          );
          expect(parseLibvirtUri(parsed?.uri ?? "")).toEqual(parsed);
        },
      ),
    );
  });

  it("ends random text in an address, nothing or URI_INVALID", () => {
    fc.assert(
      fc.property(fc.constantFrom("", "qemu://", "qemu+ssh://", "test:///"), fc.string(), (start, rest) => {
        try {
          parseLibvirtUri(start + rest);
        } catch (error) {
          expect(error instanceof AppError && error.code).toBe("URI_INVALID");
        }
      }),
    );
  });
});
