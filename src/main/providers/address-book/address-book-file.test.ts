import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors/app-error.ts";
import { formatAddressBookFile, parseAddressBookFile } from "./address-book-file.ts";

const plain = (text: string): unknown[] => parseAddressBookFile(text).map(({ name, uri, group }) => [name, uri, group]);

function reasonOf(text: string): unknown {
  try {
    parseAddressBookFile(text);
  } catch (error) {
    if (error instanceof AppError && error.code === "IMPORT_INVALID") return error.detail["reason"];
    throw error;
  }
  return undefined;
}

describe("an address book file", () => {
  it("gives back what was exported", () => {
    const word = fc.string({ minLength: 1, maxLength: 40 });
    const entry = fc.record({
      id: word,
      name: word,
      uri: fc.nat({ max: 999 }).map((n) => `vnc://host-${n}:59${(n % 90) + 10}`),
      group: word,
    });
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(parseAddressBookFile(formatAddressBookFile(entries))).toEqual(entries);
      }),
    );
  });

  it("may be a table with or without heading, with quoted fields", () => {
    expect(
      plain('name,uri,group\n"Desk, left",vnc://desk,Office\r\n\r\n"a ""b""",telnet://sw:2323\n,tcp://h:1,'),
    ).toEqual([
      ["Desk, left", "vnc://desk:5900", "Office"],
      ['a "b"', "telnet://sw:2323", undefined],
      ["tcp://h:1", "tcp://h:1", undefined],
    ]);
    expect(plain("desk,vnc://desk")).toEqual([["desk", "vnc://desk:5900", undefined]]);
  });

  it.each([
    [
      "[remmina]\nname=Desk\ngroup=Office\nprotocol=VNC\nserver=desk:5901\npassword=abc",
      ["Desk", "vnc://desk:5901", "Office"],
    ],
    [
      "# made for you\n[virt-viewer]\ntype=spice\nhost=desk\nport=5900\ntls-port=5901\nhost-subject=O=Lab,CN=desk\ntitle=Desk\npassword=abc\nca=x",
      ["Desk", "spice://desk:5900?tls-port=5901&host-subject=O%3DLab%2CCN%3Ddesk", undefined],
    ],
    ["[virt-viewer]\ntype=spice\nhost=::1\ntls-port=5901", ["[::1]:5901", "spice+tls://[::1]:5901", undefined]],
    ["[virt-viewer]\ntype=vnc\nunix-path=/run/a b", ["/run/a b", "vnc+unix:///run/a%20b", undefined]],
    ["TigerVNC Configuration file Version 1.0\n\nServerName=desk:1\n", ["desk:1", "vnc://desk:5901", undefined]],
    ["[Connection]\nHost=desk::5907\nPassword=1122\n", ["desk::5907", "vnc://desk:5907", undefined]],
  ])("may be another viewer's connection", (text, entry) => {
    expect(plain(text)).toEqual([entry]);
  });

  it("drops passwords", () => {
    expect(plain("a,vnc://me:geheim@host")).toEqual([["a", "vnc://host:5900", undefined]]);
  });

  it("gives the same line the same id", () => {
    expect(parseAddressBookFile("a,vnc://h")).toEqual(parseAddressBookFile("name,uri\na,vnc://h:5900"));
  });

  it.each([
    ["", "it is empty"],
    ['name,uri\na,vnc://h\n"b\nc",nonsense', "line 3 has an address that no console has"],
    ["a,vnc://h\nb,vnc://h:99999", "line 2: its port is not between 1 and 65535"],
    ["just text", "line 1 has no address; the form is name,uri,group"],
    ['{"entries": []}', "it is JSON, but not an address book"],
    ['[\n{"name": "a",\n}]', "it is not JSON (line 3)"],
    ['[{"name": "a", "uri": "vnc://h"}, {"name": 5}]', "entry 2 has no right name"],
    ["[virt-viewer]\ntype=rdp", "its type is neither spice nor vnc"],
    [
      "[virt-viewer]\ntype=spice\nhost=pvespiceproxy:1:2::3\ntls-port=61000\nproxy=http://a:3128",
      "its host is a ticket of Proxmox, which holds for one time: open the file instead",
    ],
    ["[remmina]\nprotocol=RDP\nserver=h", "its protocol RDP is not VNC"],
  ])("is refused with its line or entry: %j", (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it("ends in entries or IMPORT_INVALID", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(",", '"', "\n", "vnc://h", "[remmina]\n", "server=", "name,uri\n"),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        reasonOf(pieces.join(""));
      }),
      { numRuns: 500 },
    );
  });
});
