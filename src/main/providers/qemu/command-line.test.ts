import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isQemuProgram, parseCommandLine } from "./command-line.ts";
import { parseOptionText } from "./option-text.ts";

/** Splits at spaces; an underscore stands for a space inside an argument. */
const argvOf = (text: string): string[] =>
  text
    .trim()
    .split(/\s+/)
    .map((part) => part.replaceAll("_", " "));

const parse = (options: string, folder?: string): ReturnType<typeof parseCommandLine> =>
  parseCommandLine(argvOf(`qemu-system-x86_64 ${options}`), folder);

describe("a QEMU command line", () => {
  // Recorded from QEMU 7.2.22 in /proc/PID/cmdline.
  it("gives name, QMP socket, displays and serial ports", () => {
    const line = parse(
      `-accel tcg -m 64 -vga std -nic none -display none -name guest=web,,_1,debug-threads=on
       -object secret,id=vncpw,data=x -qmp unix:qmp.sock,server=on,wait=off -vnc unix:/tmp/vnc.sock
       -vnc 127.0.0.1:71,id=second,password-secret=vncpw -serial unix:/tmp/ser.sock,server=on,wait=off
       -serial telnet:127.0.0.1:4771,server=on,wait=off -serial pty -serial tcp::4772,server,nowait
       -monitor unix:/tmp/hmp.sock,server,nowait -spice port=5999,disable-ticketing=on`,
      "/home/vm",
    );
    expect(line).toEqual({
      name: "web, 1",
      uuid: undefined,
      isManagedByLibvirt: false,
      qmpAddresses: [{ kind: "unix", path: "/home/vm/qmp.sock" }],
      vncDisplays: [
        { id: "default", address: { kind: "unix", path: "/tmp/vnc.sock" }, unavailable: undefined },
        { id: "second", address: { kind: "tcp", host: "127.0.0.1", port: 5971 }, unavailable: undefined },
      ],
      spice: {
        addresses: { plain: { kind: "tcp", host: "127.0.0.1", port: 5999 }, secure: undefined },
        unavailable: undefined,
      },
      serialPorts: [
        {
          label: "serial0",
          backend: { kind: "socket", address: { kind: "unix", path: "/tmp/ser.sock" }, isTelnet: false },
        },
        {
          label: "serial1",
          backend: { kind: "socket", address: { kind: "tcp", host: "127.0.0.1", port: 4771 }, isTelnet: true },
        },
        { label: "serial2", backend: { kind: "pty", path: undefined } },
        {
          label: "serial3",
          backend: { kind: "socket", address: { kind: "tcp", host: "127.0.0.1", port: 4772 }, isTelnet: false },
        },
      ],
    });
  });

  it("follows -chardev from -mon, -serial and -device, also as JSON", () => {
    const line = parse(
      `-name vm -chardev socket,id=q,path=/run/q.sock,server=on,wait=off -mon chardev=q,mode=control
       -chardev socket,id=h,path=/run/h.sock,server=on -mon chardev=h,mode=readline
       -chardev socket,id=con,host=::1,port=4000,server=on,telnet=on -serial chardev:con
       -chardev socket,id=virt,path=/run/v.sock,server=on -device virtconsole,chardev=virt
       -chardev socket,id=isa,path=/run/i.sock,server=on -device {"driver":"isa-serial","chardev":"isa"}
       -chardev socket,id=agent,path=/run/a.sock,server=on -device virtserialport,chardev=agent
       -chardev socket,id=out,path=/run/o.sock -device pci-serial,chardev=out`,
    );
    expect([line.qmpAddresses, line.serialPorts]).toEqual([
      [{ kind: "unix", path: "/run/q.sock" }],
      [
        {
          label: "con",
          backend: { kind: "socket", address: { kind: "tcp", host: "::1", port: 4000 }, isTelnet: true },
        },
        { label: "virt", backend: { kind: "socket", address: { kind: "unix", path: "/run/v.sock" }, isTelnet: false } },
        { label: "isa", backend: { kind: "socket", address: { kind: "unix", path: "/run/i.sock" }, isTelnet: false } },
        { label: "out", backend: { kind: "unavailable", reason: "QEMU is the client of its connection" } },
      ],
    ]);
  });

  it.each([
    [":1", { kind: "tcp", host: "127.0.0.1", port: 5901 }],
    ["0.0.0.0:0,websocket=5700", { kind: "tcp", host: "127.0.0.1", port: 5900 }],
    ["[::]:2", { kind: "tcp", host: "::1", port: 5902 }],
    ["192.0.2.7:10,tls-creds=tls0", { kind: "tcp", host: "192.0.2.7", port: 5910 }],
    ["unix:/a/b,,c.sock", { kind: "unix", path: "/a/b,c.sock" }],
    [":1,to=9", "QEMU chose its port by itself (to=) and has no QMP socket to ask"],
    ["host:5500,reverse=on", "QEMU connects to a viewer that listens (reverse)"],
    ["unix:relative", "its path is relative to a folder that cannot be read"],
    [":99999", "its display number is not understood"],
  ])("reads -vnc %s", (value, expected) => {
    const [display] = parse(`-vnc ${value}`).vncDisplays;
    expect(display?.address ?? display?.unavailable).toEqual(expected);
  });

  it("reads -display vnc=… and ignores -vnc none", () => {
    expect(parse("-display vnc=:3,id=x -vnc none").vncDisplays).toEqual([
      { id: "x", address: { kind: "tcp", host: "127.0.0.1", port: 5903 }, unavailable: undefined },
    ]);
  });

  it.each([
    // libvirt 9.0, a running domain: its monitor is a descriptor.
    `-name guest=deb,debug-threads=on -S
     -object {"qom-type":"secret","id":"masterKey0","format":"raw","file":"/var/lib/libvirt/qemu/domain-1-deb/master-key.aes"}
     -chardev socket,id=charmonitor,fd=22,server=on,wait=off -mon chardev=charmonitor,id=monitor,mode=control`,
    // libvirt 9.0, asking for capabilities.
    `-S -no-user-config -nodefaults -nographic -machine none,accel=tcg
     -qmp unix:/var/lib/libvirt/qemu/qmp-VC9HZ3/qmp.monitor,server=on,wait=off -daemonize`,
  ])("knows libvirt's own", (options) => {
    expect(parse(options).isManagedByLibvirt).toBe(true);
  });

  it.each([
    ["/usr/bin/qemu-system-x86_64", true],
    ["qemu-kvm", true],
    ["/usr/bin/kvm", true],
    [".qemu-system-aarch64-wrapped", true],
    ["qemu-img", false],
    ["qemu-system-x86_64 -name", false],
    ["sh", false],
  ])("takes %s for QEMU: %s", (program, expected) => {
    expect(isQemuProgram(program)).toBe(expected);
  });

  it("is read whatever stands in it", () => {
    const option = fc.constantFrom(
      "-name",
      "-qmp",
      "-mon",
      "-chardev",
      "-vnc",
      "-serial",
      "-device",
      "--display",
      "-uuid",
    );
    const value = fc.oneof(
      fc.string(),
      fc.stringMatching(/^(unix|tcp|telnet|chardev|mon|socket|pty|vnc=)?[:,=a-c0-9[\]{}"-]{0,30}$/),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(option, value)), fc.option(fc.string(), { nil: undefined }), (argv, folder) => {
        const line = parseCommandLine(["qemu", ...argv], folder);
        for (const { address } of line.vncDisplays) {
          if (address?.kind === "tcp") expect(address.port).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("an option text", () => {
  it("gives back any keys and values whose commas are doubled", () => {
    const key = fc.stringMatching(/^[a-z]{3,8}$/).filter((text) => !text.startsWith("no"));
    fc.assert(
      fc.property(fc.dictionary(key, fc.string()), (values) => {
        const text = Object.entries(values)
          .map(([name, value]) => `${name}=${value.replaceAll(",", ",,")}`)
          .join(",");
        expect(Object.fromEntries(parseOptionText(text).valueByKey)).toEqual({ ...values });
      }),
    );
  });
});
