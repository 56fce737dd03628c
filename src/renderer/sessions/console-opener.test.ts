import { beforeEach, describe, expect, it } from "vitest";
import { type ApiEvent, type ChannelRequest } from "../../shared/contracts/api.ts";
import { type ConsoleId, type GuestId } from "../../shared/contracts/ids.ts";
import { type ConsoleProtocol } from "../../shared/contracts/inventory.ts";
import { AppError, cancelled } from "../../shared/errors/app-error.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { FakeWebSocket } from "../../testing/fake-web-socket.ts";
import { type HostApi, type LinkState } from "../host-client/host-api.ts";
import { ConsoleOpener } from "./console-opener.ts";
import { type ConsoleTarget } from "./console-slot.ts";

const targetOf = (protocol: ConsoleProtocol, consoleId = "screen"): ConsoleTarget => ({
  guestId: "host/guest" as GuestId,
  consoleId: consoleId as ConsoleId,
  protocol,
});
const DISPLAY: ChannelRequest = { type: 2, id: 0, sessionId: 7, capabilities: [] };
const signal = new AbortController().signal;

let calls: unknown[][];
let answer: Promise<unknown> | undefined;
let stream: FakeWebSocket;
let opener: ConsoleOpener;

beforeEach(() => {
  calls = [];
  answer = undefined;
  stream = new FakeWebSocket();
  let opened = 0;
  const api: HostApi = {
    call: ((method: string, params: unknown, options: { signal?: AbortSignal } = {}) => {
      calls.push([method, params]);
      if (method === "console.stream") return Promise.resolve({ ticket: "further" });
      if (method !== "console.open") return Promise.resolve({});
      opened += 1;
      const connectionId = `connection-${opened}`;
      const aborted = new Promise((_, reject) => {
        options.signal?.addEventListener("abort", () => reject(cancelled()));
      });
      const ready = answer ?? Promise.resolve();
      return Promise.race([ready.then(() => ({ connectionId, protocol: "spice", ticket: "first" })), aborted]);
    }) as HostApi["call"],
    onEvent: new Emitter<ApiEvent>().event,
    onLinkChange: new Emitter<LinkState>().event,
    link: "up",
    openStream: () => stream.asWebSocket,
    streamPass: (ticket) => ({ url: "ws://x/stream", protocols: ["v1", ticket] }),
    pictureUrl: () => "",
  };
  opener = new ConsoleOpener(api);
});

const methods = (): unknown[] => calls.map(([method]) => method);

describe("ConsoleOpener", () => {
  it("opens a console for each tab, and closes it and its stream with it", async () => {
    const first = await opener.open(targetOf("vnc"), { signal });
    const second = await opener.open(targetOf("vnc"), { signal });
    expect([first.connectionId, second.connectionId]).toEqual(["connection-1", "connection-2"]);
    first.streams.open();
    first.dispose();
    first.dispose();
    expect([stream.readyState, calls.slice(2)]).toEqual([
      stream.CLOSED,
      [["console.close", { connectionId: "connection-1" }]],
    ]);
  });

  it("opens a SPICE console once for all tabs that show a part of it, and closes it with the last", async () => {
    const [first, second] = await Promise.all([
      opener.open(targetOf("spice"), { signal }),
      opener.open(targetOf("spice"), { signal }),
    ]);
    const other = await opener.open(targetOf("spice", "other"), { signal });
    expect(second.streams).toBe(first.streams);
    expect(other.streams).not.toBe(first.streams);
    first.dispose();
    expect(methods()).toEqual(["console.open", "console.open"]);
    second.dispose();
    expect(calls.at(-1)).toEqual(["console.close", { connectionId: "connection-1" }]);
    const again = await opener.open(targetOf("spice"), { signal });
    expect(again.connectionId).toBe("connection-3");
  });

  it("hands further streams out as passes for a WebSocket that is opened elsewhere", async () => {
    const { streams } = await opener.open(targetOf("spice"), { signal });
    expect([streams.firstPass, await streams.request(DISPLAY, { signal }), calls.at(-1)]).toEqual([
      { url: "ws://x/stream", protocols: ["v1", "first"] },
      { url: "ws://x/stream", protocols: ["v1", "further"] },
      ["console.stream", { connectionId: "connection-1", channel: DISPLAY }],
    ]);
  });

  it("goes on opening for the tab that stays, and stops when the last has gone", async () => {
    answer = new Promise(() => undefined);
    const controllers = [new AbortController(), new AbortController()] as const;
    const opening = controllers.map((controller) => opener.open(targetOf("spice"), { signal: controller.signal }));
    const outcomes = opening.map((one) => one.catch((error: unknown) => error));
    controllers[0].abort(cancelled());
    expect(await outcomes[0]).toMatchObject({ code: "CANCELLED" });
    answer = undefined;
    // Still the first try: nobody asked anew.
    expect(methods()).toEqual(["console.open"]);
    controllers[1].abort(cancelled());
    expect(await outcomes[1]).toMatchObject({ code: "CANCELLED" });
    await opener.open(targetOf("spice"), { signal });
    expect(methods()).toEqual(["console.open", "console.open"]);
  });

  it("tries anew after a failure", async () => {
    answer = Promise.reject(new AppError("CONNECT_REFUSED", "made up"));
    const failures = await Promise.allSettled([
      opener.open(targetOf("spice"), { signal }),
      opener.open(targetOf("spice"), { signal }),
    ]);
    expect(failures).toMatchObject([{ reason: { code: "CONNECT_REFUSED" } }, { reason: { code: "CONNECT_REFUSED" } }]);
    answer = undefined;
    expect((await opener.open(targetOf("spice"), { signal })).connectionId).toBe("connection-2");
  });
});
