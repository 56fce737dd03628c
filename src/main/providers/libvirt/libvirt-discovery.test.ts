import { describe, expect, it } from "vitest";
import { discoverLocalLibvirt } from "./libvirt-discovery.ts";
import { localSocketPaths, tlsFilesOf } from "./libvirt-route.ts";
import { parseLibvirtUri } from "./libvirt-uri.ts";

const USER = { uid: 1000, runtimeFolder: "/run/user/1000", homeFolder: "/home/ada" };
const ROOT = { uid: 0, runtimeFolder: undefined, homeFolder: "/root" };

function discover(user: typeof USER | typeof ROOT, outcomes: Record<string, "found" | "denied">) {
  return discoverLocalLibvirt({ user, probe: (path) => Promise.resolve(outcomes[path] ?? "absent") });
}

describe("discoverLocalLibvirt", () => {
  it("finds the system's daemon and the user's own, monolithic or modular", async () => {
    const { hosts, findings } = await discover(USER, {
      "/run/libvirt/virtqemud-sock": "found",
      "/run/user/1000/libvirt/libvirt-sock": "found",
    });
    expect(hosts.map(({ uri }) => uri)).toEqual(["qemu:///system", "qemu:///session"]);
    expect(findings.map(({ where, outcome }) => [where, outcome])).toEqual([
      ["/run/libvirt/virtqemud-sock", "found"],
      ["/run/user/1000/libvirt/libvirt-sock", "found"],
    ]);
  });

  it("tells who is not in the group what to do", async () => {
    const { hosts, findings } = await discover(USER, { "/run/libvirt/libvirt-sock": "denied" });
    expect(hosts).toEqual([]);
    expect(findings[0]).toMatchObject({ outcome: "denied", note: expect.stringContaining("group libvirt") as unknown });
    expect(findings[1]).toMatchObject({ outcome: "absent" });
  });

  it("looks only at the system's daemon for root, who has no other", async () => {
    expect((await discover(ROOT, {})).findings.map(({ what }) => what)).toEqual(["libvirt (system)"]);
  });
});

describe("localSocketPaths", () => {
  it.each([
    ["qemu:///system", USER, ["/run/libvirt/virtqemud-sock", "/run/libvirt/libvirt-sock"]],
    ["test:///default", ROOT, ["/run/libvirt/libvirt-sock"]],
    ["test:///default", USER, ["/run/user/1000/libvirt/libvirt-sock", "/run/libvirt/libvirt-sock"]],
    ["lxc:///", USER, ["/run/libvirt/virtlxcd-sock", "/run/libvirt/libvirt-sock"]],
    ["qemu:///session?socket=/x", USER, ["/x"]],
  ])("%s", (uri, user, expected) => {
    expect(localSocketPaths(parseLibvirtUri(uri)!.address, user)).toEqual(expected);
  });
});

describe("tlsFilesOf", () => {
  const among =
    (...paths: string[]) =>
    (path: string) =>
      paths.includes(path);

  it("takes the user's certificates before the system's, and a named folder before both", () => {
    const user = among("/h/.pki/libvirt/cacert.pem", "/etc/pki/CA/cacert.pem");
    expect(tlsFilesOf(undefined, "/h", user)).toEqual({ caFile: "/h/.pki/libvirt/cacert.pem" });
    const named = among("/p/cacert.pem", "/p/clientcert.pem", "/p/clientkey.pem");
    expect(tlsFilesOf("/p", "/h", named)).toEqual({
      caFile: "/p/cacert.pem",
      certFile: "/p/clientcert.pem",
      keyFile: "/p/clientkey.pem",
    });
  });
});
