// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { FakeSpiceWorker } from "../../../testing/fake-spice-worker.ts";
import { PortStream } from "./port-stream.ts";
import { leaseSpiceConnection, type SpiceConnectionLease } from "./spice-connection.ts";

const NAME = "org.example.text";

let worker: FakeSpiceWorker;
let lease: SpiceConnectionLease;
let seen: unknown[];
let stream: PortStream;

const settled = (): Promise<void> => new Promise((resolve) => queueMicrotask(resolve));

beforeEach(() => {
  worker = new FakeSpiceWorker();
  lease = leaseSpiceConnection({
    streams: {
      open: () => {
        throw new Error("not here");
      },
      firstPass: { url: "ws://x", protocols: [] },
      request: () => Promise.reject(new Error("not here")),
    },
    address: "web",
    startWorker: () => worker,
  });
  seen = [];
});

function open(): void {
  stream = new PortStream(lease, NAME);
  stream.addEventListener("open", () => seen.push("open"));
  stream.addEventListener("close", () => seen.push("close"));
  stream.addEventListener("message", (event) => {
    seen.push([...new Uint8Array((event as MessageEvent<ArrayBuffer>).data)]);
  });
}

describe("PortStream", () => {
  it("is open with the guest's port of its name, whichever came first, and carries bytes both ways", async () => {
    worker.say({ kind: "ports", names: ["other", NAME] });
    worker.take();
    open();
    await settled();
    worker.say({ kind: "portData", name: "other", bytes: Uint8Array.of(9) });
    worker.say({ kind: "portData", name: NAME, bytes: Uint8Array.of(1, 2) });
    stream.send(Uint8Array.of(3));
    expect([seen, worker.take()]).toEqual([
      ["open", [1, 2]],
      [
        { kind: "listenToPort", name: NAME },
        { kind: "writePort", name: NAME, bytes: Uint8Array.of(3) },
      ],
    ]);
    stream.close();
    expect(worker.isTerminated).toBe(true);
  });

  it.each(["its port goes", "the connection ends"])("ends when %s", async (what) => {
    open();
    await settled();
    worker.say({ kind: "ports", names: [NAME] });
    if (what === "its port goes") worker.say({ kind: "ports", names: [] });
    else worker.say({ kind: "ended", error: { code: "REMOTE_CLOSED", message: "gone", detail: {} } });
    expect([seen, stream.readyState]).toEqual([["open", "close"], 3]);
    stream.close();
  });
});
