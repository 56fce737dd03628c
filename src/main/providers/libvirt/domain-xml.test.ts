import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";
import { parseDomainXml } from "./domain-xml.ts";

const XML = `<domain type='kvm' id='3'>
  <name>web &amp; mail</name>
  <uuid>5ddea141-eb2c-4693-bd90-34bbd25bb578</uuid>
  <title>Web ä &lt;1&gt;</title>
  <metadata><name>not this</name></metadata>
  <devices>
    <disk type='file'><source file='/a'/></disk>
    <serial type='pty'><source path='/dev/pts/1'/><target type='isa-serial' port='0'/><alias name='serial0'/></serial>
    <serial type='unix'><source mode='bind' path='/tmp/s1'/><target port='1'/></serial>
    <console type='pty' tty='/dev/pts/1'><target type='serial' port='0'/><alias name='serial0'/></console>
    <console type='pty'><target type='virtio' port='7'/><alias name='console1'/></console>
    <graphics type='vnc' port='5900' autoport='yes' listen='127.0.0.1' passwd='sesam'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
    <graphics type='vnc' socket='/run/v.sock'><listen type='socket' socket='/run/v.sock'/></graphics>
    <graphics type='spice' port='-1' tlsPort='5902' autoport='yes'><listen type='none'/>
      <channel name='main' mode='secure'/><channel name='record' mode='insecure'/></graphics>
    <video><model type='vga'/></video>
  </devices>
</domain>`;

describe("parseDomainXml", () => {
  it("gives name, title, graphics and text devices", () => {
    const noSource = { mode: undefined, path: undefined, host: undefined, service: undefined };
    expect(parseDomainXml(XML)).toEqual({
      type: "kvm",
      name: "web & mail",
      uuid: "5ddea141-eb2c-4693-bd90-34bbd25bb578",
      title: "Web ä <1>",
      hasVideo: true,
      graphics: [
        { type: "vnc", port: 5900, address: "127.0.0.1", listenType: "address", password: "sesam" },
        { type: "vnc", socket: "/run/v.sock", listenType: "socket" },
        { type: "spice", tlsPort: 5902, listenType: "none", secureChannels: ["main"] },
      ],
      textDevices: [
        { element: "serial", type: "pty", index: 0, alias: "serial0", source: { ...noSource, path: "/dev/pts/1" } },
        { element: "serial", type: "unix", index: 1, source: { ...noSource, mode: "bind", path: "/tmp/s1" } },
        { element: "console", type: "pty", index: 1, alias: "console1", source: noSource },
      ],
    });
  });

  it("takes a domain without devices, and one with nearly nothing", () => {
    const nothing = { title: undefined, graphics: [], textDevices: [], hasVideo: false };
    const named = "<domain type='test'><name>a</name><devices/></domain>";
    expect(parseDomainXml(named)).toEqual({ ...nothing, type: "test", name: "a", uuid: "" });
    expect(parseDomainXml("<domain/>")).toEqual({ ...nothing, type: "", name: "", uuid: "" });
  });

  it.each([
    ["", undefined],
    ["defaultMode='any'", undefined],
    ["defaultMode='secure'", ["all"]],
    ["defaultMode='insecure'", []],
  ])("tells which channels of SPICE are for TLS: %s", (attribute, channels) => {
    const xml = `<domain><devices><graphics type='spice' ${attribute}/></devices></domain>`;
    expect(parseDomainXml(xml).graphics[0]?.secureChannels).toEqual(channels);
  });

  it("refuses a document type, so that no entity can be declared", () => {
    const bomb = `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><domain><name>&b;</name></domain>`;
    expect(() => parseDomainXml(bomb)).toThrow(ProtocolError);
  });

  it("describes only a bounded number of devices", () => {
    const many = `<domain><devices>${"<graphics type='vnc'/>".repeat(1000)}</devices></domain>`;
    expect(parseDomainXml(many).graphics).toHaveLength(32);
  });

  it("leaves a port that is not decided yet, or none at all, undefined", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -10, max: 70_000 }).map(String), fc.string({ maxLength: 6 })), (port) => {
        const escaped = port.replace(/[&<>'"]/g, "_");
        const [graphics] = parseDomainXml(
          `<domain><devices><graphics type='vnc' port='${escaped}'/></devices></domain>`,
        ).graphics;
        const isPort = /^\d{1,5}$/.test(escaped) && Number(escaped) >= 1 && Number(escaped) <= 65_535;
        expect(graphics?.port).toBe(isPort ? Number(escaped) : undefined);
      }),
    );
  });

  it("ends every cut and every random text in a description or a ProtocolError", () => {
    const parse = (text: string): void => {
      try {
        parseDomainXml(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    };
    fc.assert(
      fc.property(fc.nat(XML.length), fc.nat(XML.length), (from, to) => parse(XML.slice(0, from) + XML.slice(to))),
    );
    const piece = fc.constantFrom(
      "<domain>",
      "</domain>",
      "<devices>",
      "<graphics",
      " type=",
      "'vnc'",
      "/>",
      ">",
      "<name>",
      "&#x0;",
      "&amp;",
      "<![CDATA[",
      "]]>",
      "<!--",
      "__proto__",
      "<constructor>",
      "x",
    );
    fc.assert(fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 }))), (pieces) => parse(pieces.join(""))));
  });
});
