import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { isConnectionFile, parseConnectionFile } from "./connection-file.ts";

/** As Proxmox VE's spiceproxy call describes it. */
const PROXMOX = `[virt-viewer]
tls-port=61000
ca=-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n
proxy=http://rack-a:3128
type=spice
host=pvespiceproxy:66a1b2c3:100:rack-a::0123abcd
delete-this-file=1
host-subject=OU=PVE Cluster Node,O=Proxmox Virtual Environment,CN=rack-a
title=VM 100 - web
password=hunter2
toggle-fullscreen=shift+f11
release-cursor=ctrl+alt+r
secure-attention=Ctrl+Alt+Ins
`;

/** As oVirt's engine writes it. */
const OVIRT = `# made by the engine\r
[virt-viewer]\r
type=spice\r
host=10.0.0.5\r
port=5900\r
tls-port=5901\r
tls-ciphers=DEFAULT\r
secure-channels=main;inputs;cursor;playback;record;display;smartcard;usbredir\r
disable-channels=usbredir\r
enable-usb-autoshare=1\r
usb-filter=-1,-1,-1,-1,0\r
fullscreen=0\r
versions=rhev-win64:2.0-160\r
[ovirt]\r
host=engine:443\r
sso-token=zzz\r
`;

const NOTHING = {
  host: undefined,
  port: undefined,
  tlsPort: undefined,
  unixPath: undefined,
  userName: undefined,
  password: undefined,
  title: undefined,
  ca: undefined,
  hostSubject: undefined,
  tlsCiphers: undefined,
  proxy: undefined,
  secureChannels: undefined,
  disableChannels: undefined,
  shouldDeleteFile: false,
  isFullscreen: false,
  toggleFullscreen: undefined,
  releaseCursor: undefined,
  secureAttention: undefined,
  shouldShareUsb: undefined,
  usbFilter: undefined,
};

describe("a connection file", () => {
  it("of Proxmox is read", () => {
    expect(parseConnectionFile(PROXMOX)).toEqual({
      ...NOTHING,
      type: "spice",
      host: "pvespiceproxy:66a1b2c3:100:rack-a::0123abcd",
      tlsPort: 61000,
      ca: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
      hostSubject: "OU=PVE Cluster Node,O=Proxmox Virtual Environment,CN=rack-a",
      proxy: "http://rack-a:3128",
      title: "VM 100 - web",
      password: "hunter2",
      shouldDeleteFile: true,
      toggleFullscreen: "shift+f11",
      releaseCursor: "ctrl+alt+r",
      secureAttention: "Ctrl+Alt+Ins",
    });
  });

  it("of oVirt is read, without the engine's own section", () => {
    expect(parseConnectionFile(OVIRT)).toEqual({
      ...NOTHING,
      type: "spice",
      host: "10.0.0.5",
      port: 5900,
      tlsPort: 5901,
      tlsCiphers: "DEFAULT",
      secureChannels: ["main", "inputs", "cursor", "playback", "record", "display", "smartcard", "usbredir"],
      disableChannels: ["usbredir"],
      shouldShareUsb: true,
      usbFilter: "-1,-1,-1,-1,0",
    });
  });

  it("may be VNC's, and a Unix socket", () => {
    const socket = "[virt-viewer]\ntype=vnc\nunix-path=/run/v.sock\nusername=ada\n";
    expect(parseConnectionFile(socket)).toEqual({
      ...NOTHING,
      type: "vnc",
      unixPath: "/run/v.sock",
      userName: "ada",
    });
  });

  it.each([
    ["nothing", "", "it has no section [virt-viewer]"],
    ["another section", "[remmina]\nserver=a", "it has no section [virt-viewer]"],
    ["no type", "[virt-viewer]\nhost=a", "it has no type"],
    ["another type", "[virt-viewer]\ntype=rdp", "its type is neither spice nor vnc"],
    ["no host", "[virt-viewer]\ntype=spice\nport=1", "it has no host"],
    ["no port", "[virt-viewer]\ntype=spice\nhost=a\nport=-1\ntls-port=0", "it has no port"],
    ["a wrong port", "[virt-viewer]\ntype=spice\nhost=a\nport=65536", "its port is not between 1 and 65535"],
    ["a wrong flag", "[virt-viewer]\ntype=spice\nhost=a\nport=1\nfullscreen=x", "its fullscreen is neither 0 nor 1"],
    ["a wrong escape", "[virt-viewer]\ntype=spice\nhost=a\nport=1\npassword=a\\b", "its password has a wrong escape"],
    ["a line that is none", "[virt-viewer]\ntype=spice\nhost", "a line of it is no key=value"],
  ])("with %s is refused, and says why without a value", (_, text, message) => {
    expect(() => parseConnectionFile(text)).toThrow(expect.objectContaining({ name: "ProtocolError", message }));
  });

  it("is known by its section", () => {
    expect(
      [PROXMOX, OVIRT, "\uFEFF[virt-viewer]", "[remmina]\n[virt-viewer]", "name,uri"].map(isConnectionFile),
    ).toEqual([true, true, true, false, false]);
  });

  it("ends any text in a file or a ProtocolError", () => {
    const parse = (text: string): void => {
      try {
        parseConnectionFile(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
      isConnectionFile(text);
    };
    fc.assert(
      fc.property(fc.nat(OVIRT.length), fc.nat(OVIRT.length), (a, b) => parse(OVIRT.slice(0, a) + OVIRT.slice(b))),
    );
    const piece = fc.constantFrom(
      "[virt-viewer]",
      "\n",
      "type=spice",
      "host=",
      "port=",
      "=",
      "\\",
      "\\n",
      "__proto__=x",
      "ca=",
    );
    fc.assert(fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 6 }))), (parts) => parse(parts.join(""))));
  });
});
