import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADDRESS_KINDS, hasPassword, isComplete, NO_PARTS, withoutPassword } from "./host-address.ts";

const build = (id: string, parts: Partial<typeof NO_PARTS>): string | undefined =>
  ADDRESS_KINDS.find((kind) => kind.id === id)?.build({ ...NO_PARTS, ...parts });

describe("address builder", () => {
  it("puts an address of each kind together", () => {
    const parts = { user: "ada", host: "rack-a", port: "2222", path: "run/q.sock" };
    expect(ADDRESS_KINDS.map((kind) => kind.build(parts))).toEqual([
      "qemu+ssh://ada@rack-a:2222/system",
      "qemu:///system",
      "qemu+tls://rack-a:2222/system",
      "qmp+unix:///run/q.sock",
      "qmp+tcp://rack-a:2222",
      "vnc://rack-a:2222",
      "telnet://rack-a:2222",
      "tcp://rack-a:2222",
    ]);
  });

  it("leaves out what was not given, and puts IPv6 into brackets", () => {
    expect([
      build("libvirt-ssh", { host: "rack-a" }),
      build("vnc", { host: "fe80::1" }),
      build("vnc", { host: "[::1]" }),
    ]).toEqual(["qemu+ssh://rack-a/system", "vnc://[fe80::1]", "vnc://[::1]"]);
  });

  it("is complete with a host or a path, whichever the kind needs", () => {
    const complete = ADDRESS_KINDS.filter((kind) => isComplete(kind, NO_PARTS)).map((kind) => kind.id);
    expect(complete).toEqual(["libvirt-local"]);
    expect(ADDRESS_KINDS.every((kind) => isComplete(kind, { ...NO_PARTS, host: "h", path: "/p" }))).toBe(true);
  });
});

describe("password in an address", () => {
  it("is seen and taken out, with an @ in it too", () => {
    const seen = ["vnc://ada:secret@h", "vnc://:secret@h:5900", "qemu+ssh://ada:s%40t@h/system"];
    expect(seen.map((uri) => [hasPassword(uri), withoutPassword(uri)])).toEqual([
      [true, "vnc://ada@h"],
      [true, "vnc://h:5900"],
      [true, "qemu+ssh://ada@h/system"],
    ]);
  });

  it("is not seen where there is none", () => {
    for (const uri of ["vnc://h:5900", "vnc://ada@h", "vnc://[fe80::1]:5900", "qemu:///system", "", "a:b@c"]) {
      expect([uri, hasPassword(uri), withoutPassword(uri)]).toEqual([uri, false, uri]);
    }
  });

  it("never stays", () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9%._~-]{1,12}$/);
    fc.assert(
      fc.property(word, word, word, (user, secret, host) => {
        expect(withoutPassword(`vnc://${user}:${secret}@${host}:5900`)).toBe(`vnc://${user}@${host}:5900`);
      }),
    );
  });
});
