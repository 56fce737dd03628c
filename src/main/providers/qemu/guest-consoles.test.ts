import { describe, expect, it } from "vitest";
import { parseCommandLine } from "./command-line.ts";
import { consolesOfCommandLine, consolesOfFacts } from "./guest-consoles.ts";
import { guestStateOf, type QmpFacts } from "./qmp-facts.ts";

/** Recorded from QEMU 7.2.22. */
const FACTS: QmpFacts = {
  name: "web, 1",
  uuid: undefined,
  spice: { host: "127.0.0.1", port: 5999, tlsPort: 6000 },
  vncServers: [
    { id: "second", server: [{ family: "ipv4", service: "5971", host: "127.0.0.1", websocket: false }] },
    { id: "default", server: [{ family: "unix", service: "/tmp/vnc.sock", host: "", websocket: false }] },
  ],
  chardevs: [
    { filename: "tcp:127.0.0.1:4772,server=on <-> 127.0.0.1:53522", label: "serial3" },
    { filename: "disconnected:unix:/tmp/hmp.sock,server=on", label: "compat_monitor1" },
    { filename: "disconnected:telnet:127.0.0.1:4771,server=on", label: "serial1" },
    { filename: "vc", label: "parallel0" },
    { filename: "pty:/dev/pts/0", label: "serial2" },
    { filename: "unix:qmp.sock,server=on", label: "compat_monitor0" },
    { filename: "disconnected:unix:/tmp/ser.sock,server=on", label: "serial0" },
  ],
};

const ONLY_THERE = "it listens only on the computer that runs QEMU";

describe("the consoles of a guest", () => {
  it("come from QMP alone, with ids in the order of their labels", () => {
    expect(
      consolesOfFacts(FACTS, { kind: "here" }).map(({ description, target }) => [
        description.id,
        description.label,
        target,
      ]),
    ).toEqual([
      [
        "spice",
        "SPICE",
        {
          kind: "spice",
          addresses: {
            plain: { kind: "tcp", host: "127.0.0.1", port: 5999 },
            secure: { kind: "tcp", host: "127.0.0.1", port: 6000 },
          },
        },
      ],
      ["vnc", "VNC", { kind: "vnc", address: { kind: "unix", path: "/tmp/vnc.sock" } }],
      ["vnc-second", "VNC second", { kind: "vnc", address: { kind: "tcp", host: "127.0.0.1", port: 5971 } }],
      [
        "serial-serial0",
        "Serial 0",
        { kind: "serial", address: { kind: "unix", path: "/tmp/ser.sock" }, isTelnet: false },
      ],
      [
        "serial-serial1",
        "Serial 1",
        { kind: "serial", address: { kind: "tcp", host: "127.0.0.1", port: 4771 }, isTelnet: true },
      ],
      ["serial-serial2", "Serial 2", { kind: "pty", path: "/dev/pts/0" }],
      [
        "serial-serial3",
        "Serial 3",
        { kind: "serial", address: { kind: "tcp", host: "127.0.0.1", port: 4772 }, isTelnet: false },
      ],
    ]);
  });

  it("say so when another computer's QEMU listens on that computer alone", () => {
    const consoles = consolesOfFacts(FACTS, { kind: "remote", host: "rack-a" });
    expect(consoles.map(({ description }) => description.unavailable)).toEqual([
      ONLY_THERE,
      ONLY_THERE,
      ONLY_THERE,
      ONLY_THERE,
      ONLY_THERE,
      ONLY_THERE,
      ONLY_THERE,
    ]);
  });

  it("of another computer are reached there when QEMU listens everywhere", () => {
    const server = [{ family: "ipv4", service: "5900", host: "0.0.0.0", websocket: false }];
    const facts = {
      ...FACTS,
      spice: { host: "*", port: undefined, tlsPort: 5901 },
      chardevs: [],
      vncServers: [{ id: "default", server }],
    };
    expect(consolesOfFacts(facts, { kind: "remote", host: "rack-a" }).map(({ target }) => target)).toEqual([
      {
        kind: "spice",
        addresses: { plain: undefined, secure: { kind: "tcp", host: "rack-a", port: 5901 } },
      },
      { kind: "vnc", address: { kind: "tcp", host: "rack-a", port: 5900 } },
    ]);
  });

  it("show SPICE first, by the command line, and by QMP where only that knows it", () => {
    const first = (options: string, facts?: QmpFacts): unknown => {
      const line = parseCommandLine(["qemu", ...options.split(" ")], "/vm");
      const [console] = consolesOfCommandLine(line, facts);
      return console?.target ?? console?.description.unavailable;
    };
    const onUnix = { ...FACTS, spice: { host: "/run/user/0/spice.sock", port: undefined, tlsPort: undefined } };
    const unix = (path: string) => ({
      kind: "spice",
      addresses: { plain: { kind: "unix", path }, secure: undefined },
    });
    expect(first("-vnc :1 -spice unix=on,addr=spice.sock,disable-ticketing=on")).toEqual(unix("/vm/spice.sock"));
    expect(first("-display spice-app", onUnix)).toEqual(unix("/run/user/0/spice.sock"));
    expect(first("-display spice-app")).toMatch(/^only QEMU knows its socket/);
    expect(first("-spice addr=::1")).toBe("it has no port");
  });

  it("of a command line are completed by what only QMP knows", () => {
    const line = parseCommandLine(
      ["qemu", "-vnc", ":60,to=80,id=second", "-serial", "none", "-serial", "null", "-serial", "pty"],
      "/",
    );
    const targets = (facts: QmpFacts | undefined): unknown[] =>
      consolesOfCommandLine(line, facts).map(({ target, description }) => target ?? description.unavailable);
    expect(targets(FACTS)).toEqual([
      { kind: "vnc", address: { kind: "tcp", host: "127.0.0.1", port: 5971 } },
      { kind: "pty", path: "/dev/pts/0" },
    ]);
    expect(targets(undefined)).toEqual([
      "QEMU chose its port by itself (to=) and has no QMP socket to ask",
      "only QEMU knows which terminal it is, and it has no QMP socket to ask",
    ]);
  });
});

describe("QMP's RunState", () => {
  it.each([
    ["running", "running"],
    ["prelaunch", "paused"],
    ["suspended", "suspended"],
    ["guest-panicked", "crashed"],
    ["shutdown", "off"],
    ["something-new", "unknown"],
  ])("%s is %s", (status, state) => {
    expect(guestStateOf(status)).toBe(state);
  });
});
