import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalGuests, QMP_ASK_INTERVAL_MS, QMP_RETRY_PAUSES_MS } from "./local-guests.ts";
import type { QemuProcess } from "./process-list.ts";

/** Answers as QEMU 7.2.22 does, to one client at a time; a test may make it silent. */
class FakeQmpServer {
  status = "running";
  isSilent = false;
  connections = 0;
  readonly #server: Server;

  constructor(path: string) {
    this.#server = createServer((socket) => this.#serve(socket)).listen(path);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    socket.on("error", () => socket.destroy());
    if (this.isSilent) return;
    const send = (value: unknown): void => void socket.write(`${JSON.stringify(value)}\r\n`);
    send({ QMP: { version: { qemu: { micro: 22, minor: 2, major: 7 }, package: "" }, capabilities: [] } });
    socket.on("data", (chunk: Buffer) => {
      for (const line of chunk.toString().split("\r\n").filter(Boolean)) {
        const { execute, id } = JSON.parse(line) as { execute: string; id: number };
        send({ return: this.#reply(execute), id });
      }
    });
  }

  #reply(command: string): unknown {
    switch (command) {
      case "query-status":
        return { status: this.status, running: this.status === "running", singlestep: false };
      case "query-uuid":
        return { UUID: "00000000-0000-0000-0000-000000000000" };
      case "query-chardev":
        return [{ "frontend-open": true, filename: "pty:/dev/pts/7", label: "serial0" }];
      case "query-vnc-servers":
        return [];
      case "query-spice":
        return { enabled: false };
      default:
        return {};
    }
  }
}

const signal = new AbortController().signal;

describe("guests of this machine's QEMU processes", () => {
  let folder: string;
  let server: FakeQmpServer;
  let nowMs = 0;
  let processes: QemuProcess[] = [];
  const guests = (updateLimitMs = 10_000): LocalGuests =>
    new LocalGuests({ processes: { list: () => Promise.resolve(processes) }, nowMs: () => nowMs, updateLimitMs });
  const process = (pid: number, options: string): QemuProcess => ({
    pid,
    startTicks: `${pid}00`,
    argv: ["qemu-system-x86_64", ...options.split(" ")],
    workingFolder: folder,
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "switchyard-test-"));
    server = new FakeQmpServer(join(folder, "qmp.sock"));
    nowMs = 0;
  });

  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it("keep their id over a restart, whether named, known by uuid or by a socket", async () => {
    const options = ["-name web", "-uuid 5DDEA141-EB2C-4693-BD90-34BBD25BB578 -name x", "-vnc :7", "-serial pty"];
    const watched = guests();
    processes = options.map((text, index) => process(10 + index, text));
    await watched.update({ signal });
    const before = watched.current.map(({ localId }) => localId);
    processes = options.map((text, index) => process(20 + index, text));
    await watched.update({ signal });
    expect([before, watched.current.map(({ localId }) => localId)]).toEqual([
      ["name:web", "uuid:5ddea141-eb2c-4693-bd90-34bbd25bb578", "at:127.0.0.1:5907", "pid:13"],
      ["name:web", "uuid:5ddea141-eb2c-4693-bd90-34bbd25bb578", "at:127.0.0.1:5907", "pid:23"],
    ]);
  });

  it("of the same name have different ids", async () => {
    const watched = guests();
    processes = [process(1, "-name web"), process(2, "-name web")];
    await watched.update({ signal });
    expect(watched.current.map(({ localId }) => localId)).toEqual(["name:web", "name:web#2"]);
  });

  it("of libvirt are left out", async () => {
    const watched = guests();
    processes = [process(1, "-name web -chardev socket,id=charmonitor,fd=22,server=on")];
    await watched.update({ signal });
    expect(watched.current).toEqual([]);
  });

  it("tell their state over QMP, and are asked again after a pause", async () => {
    const watched = guests();
    processes = [process(1, "-name web -serial pty -qmp unix:qmp.sock,server=on,wait=off")];
    await watched.update({ signal });
    const [guest] = watched.current;
    expect([guest?.state, guest?.isQmpReachable, guest?.consoles[0]?.target]).toEqual([
      "running",
      true,
      { kind: "pty", path: "/dev/pts/7" },
    ]);
    server.status = "paused";
    nowMs = QMP_ASK_INTERVAL_MS - 1;
    await watched.update({ signal });
    expect([watched.current[0]?.state, server.connections]).toEqual(["running", 1]);
    nowMs += 1;
    await watched.update({ signal });
    expect([watched.current[0]?.state, server.connections]).toEqual(["paused", 2]);
  });

  it("whose QMP socket somebody else holds are shown by their command line, without a wait", async () => {
    const watched = guests(1);
    server.isSilent = true;
    processes = [process(1, "-name held -qmp unix:qmp.sock,server=on,wait=off"), process(2, "-name other")];
    await watched.update({ signal });
    expect(watched.current.map(({ name, state, isQmpReachable }) => [name, state, isQmpReachable])).toEqual([
      ["held", "running", false],
      ["other", "running", false],
    ]);
    nowMs = QMP_RETRY_PAUSES_MS[0];
    await watched.update({ signal });
    expect(server.connections).toBe(1);
  });

  it("are asked over their second QMP socket when the first one cannot be had, and stay with it", async () => {
    const watched = guests();
    processes = [process(1, "-name web -qmp unix:held.sock,server=on,wait=off -qmp unix:qmp.sock,server=on,wait=off")];
    await watched.update({ signal });
    expect(watched.current[0]?.isQmpReachable).toBe(false);
    for (nowMs of [QMP_RETRY_PAUSES_MS[0], QMP_RETRY_PAUSES_MS[0] + QMP_ASK_INTERVAL_MS]) {
      await watched.update({ signal });
      expect(watched.current[0]?.isQmpReachable).toBe(true);
    }
    expect(watched.current[0]?.qmpAddresses[0]).toEqual({ kind: "unix", path: join(folder, "qmp.sock") });
  });

  it("whose QMP socket is not there yet are asked again soon", async () => {
    const watched = guests();
    await server.close();
    processes = [process(1, "-name web -qmp unix:qmp.sock,server=on,wait=off")];
    await watched.update({ signal });
    server = new FakeQmpServer(join(folder, "qmp.sock"));
    nowMs = QMP_ASK_INTERVAL_MS;
    await watched.update({ signal });
    expect(watched.current[0]?.isQmpReachable).toBe(true);
  });
});
