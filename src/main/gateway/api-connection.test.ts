import { once } from "node:events";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiEvent, ServerMessage } from "../../shared/contracts/api.ts";
import { DEFAULT_SETTINGS } from "../../shared/contracts/settings.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { Emitter } from "../../shared/lifecycle/event.ts";
import { toDisposable } from "../../shared/lifecycle/disposable.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { createProviderContext } from "../../testing/provider-context.ts";
import { openWebSocketPair, type WebSocketPair } from "../../testing/web-socket-pair.ts";
import { serveApi, type ApiCall, type ApiHandlers } from "./api-connection.ts";

const SETTINGS_EVENT: ApiEvent = { name: "settings", settings: DEFAULT_SETTINGS };

let pair: WebSocketPair;
let onEvent: Emitter<ApiEvent>;
let logged: { message: string; facts: unknown }[];
let received: ServerMessage[];
let serving: { dispose: () => void };

beforeEach(async () => {
  pair = await openWebSocketPair();
  onEvent = new Emitter();
  logged = [];
  received = [];
  pair.page.on("message", (data: Buffer) => received.push(JSON.parse(data.toString()) as ServerMessage));
});

const serve = (handlers: Partial<ApiHandlers> = {}, firstEvents: readonly ApiEvent[] = []): void => {
  const note = (message: string, facts?: unknown): void => void logged.push({ message, facts });
  serving = serveApi(
    pair.host,
    { handlers: handlers as ApiHandlers, firstEvents: () => firstEvents, onEvent: onEvent.event },
    { ...createProviderContext().log, info: note, warn: note, error: note },
  );
};

const ask = (id: number, method: string, params: unknown = {}): void => {
  pair.page.send(JSON.stringify({ type: "request", id, method, params }));
};

const got = async (count: number): Promise<ServerMessage[]> => {
  await vi.waitFor(() => {
    expect(received.length).toBeGreaterThanOrEqual(count);
  });
  return received;
};

const pageClosed = async (): Promise<number> => ((await once(pair.page, "close")) as [number])[0];

describe("serveApi", () => {
  expectNoLeaks({ settle: () => pair.close() });

  it("answers each request under its number, in whatever order they are done", async () => {
    const slow = Promise.withResolvers<{ text: string }>();
    serve({ "addressBook.export": () => slow.promise, "trust.list": () => ({ certificates: [] }) });
    ask(7, "addressBook.export");
    ask(8, "trust.list");
    await got(1);
    slow.resolve({ text: "[]" });
    expect(await got(2)).toEqual([
      { type: "result", id: 8, result: { certificates: [] } },
      { type: "result", id: 7, result: { text: "[]" } },
    ]);
  });

  it("gives handlers what the schema made of the parameters", async () => {
    const seen: unknown[] = [];
    serve({
      "hosts.retry": (params) => {
        seen.push(params);
        return {};
      },
    });
    ask(1, "hosts.retry", { hostId: "rack", more: "dropped" });
    await got(1);
    expect(seen).toEqual([{ hostId: "rack" }]);
  });

  it("gives the first events first, then others as they come", async () => {
    serve({}, [SETTINGS_EVENT]);
    onEvent.fire({ name: "questions", questions: [] });
    expect(await got(2)).toEqual([
      { type: "event", event: SETTINGS_EVENT },
      { type: "event", event: { name: "questions", questions: [] } },
    ]);
  });

  it.each([
    ["not JSON", "{"],
    ["no object", "[]"],
    ["of no known type", JSON.stringify({ type: "order", id: 1 })],
    ["without a number", JSON.stringify({ type: "request", method: "trust.list", params: {} })],
    ["numbered below zero", JSON.stringify({ type: "cancel", id: -1 })],
    ["binary", Buffer.from(JSON.stringify({ type: "cancel", id: 1 }))],
  ])("cuts off a page that sends what is %s", async (_, data) => {
    serve();
    pair.page.send(data);
    expect(await pageClosed()).toBe(1008);
  });

  it.each(["no.such.method", "toString", "__proto__", "constructor"])("knows no method %s", async (method) => {
    serve();
    ask(1, method);
    expect(await got(1)).toMatchObject([{ type: "error", id: 1, error: { code: "INVALID_REQUEST" } }]);
  });

  it("names the wrong field, and never what stood in it", async () => {
    serve();
    ask(1, "hosts.edit", { hostId: "rack", uri: "", label: { deep: "hunter2" } });
    ask(2, "questions.answer", { questionId: "q", answer: { kind: "hunter2", password: "hunter2" } });
    const answers = await got(2);
    expect(answers).toMatchObject([
      { error: { code: "INVALID_REQUEST", detail: { reason: "hosts.edit label" } } },
      {
        error: {
          code: "INVALID_REQUEST",
          detail: { reason: expect.stringContaining("questions.answer answer") as string },
        },
      },
    ]);
    expect(JSON.stringify([answers, logged])).not.toContain("hunter2");
  });

  it("tells an expected failure by its code, and a bug without its inside", async () => {
    serve({
      "hosts.retry": () => Promise.reject(new AppError("NOT_FOUND", "host is not there", { what: "The host" })),
      "trust.list": () => {
        throw new TypeError("inner state");
      },
    });
    ask(1, "hosts.retry", { hostId: "rack" });
    await got(1);
    ask(2, "trust.list");
    expect(await got(2)).toEqual([
      {
        type: "error",
        id: 1,
        error: { code: "NOT_FOUND", message: "host is not there", detail: { what: "The host" } },
      },
      { type: "error", id: 2, error: { code: "BUG", message: "unexpected failure", detail: {} } },
    ]);
  });

  it("aborts the handler of a request that is cancelled, and no other", async () => {
    const calls: ApiCall[] = [];
    serve({
      "hosts.discover": (_, call) => {
        calls.push(call);
        return new Promise((_resolve, reject) => {
          call.signal.addEventListener("abort", () => {
            reject(call.signal.reason as Error);
          });
        });
      },
    });
    ask(1, "hosts.discover");
    ask(2, "hosts.discover");
    await vi.waitFor(() => {
      expect(calls).toHaveLength(2);
    });
    pair.page.send(JSON.stringify({ type: "cancel", id: 1 }));
    pair.page.send(JSON.stringify({ type: "cancel", id: 99 }));
    expect(await got(1)).toMatchObject([{ type: "error", id: 1, error: { code: "CANCELLED" } }]);
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it("aborts what is under way and releases what was opened when the page goes", async () => {
    const released: string[] = [];
    const calls: ApiCall[] = [];
    serve({
      "trust.list": (_, call) => {
        calls.push(call);
        call.page.add(toDisposable(() => released.push("console")));
        return new Promise(() => undefined);
      },
    });
    ask(1, "trust.list");
    await vi.waitFor(() => {
      expect(calls).toHaveLength(1);
    });
    pair.page.terminate();
    await vi.waitFor(() => {
      expect([released, calls[0]?.signal.aborted, onEvent.listenerCount]).toEqual([["console"], true, 0]);
    });
    calls[0]?.page.add(toDisposable(() => released.push("late")));
    expect(released).toEqual(["console", "late"]);
  });

  it("sends an event of a call to its own page alone", async () => {
    serve({
      "trust.list": (_, call) => {
        call.notify({ name: "questions", questions: [] });
        return { certificates: [] };
      },
    });
    ask(1, "trust.list");
    expect((await got(2)).map(({ type }) => type)).toEqual(["event", "result"]);
  });

  it("refuses too many requests at once, and a number that is in use", async () => {
    let started = 0;
    serve({
      "trust.list": () => {
        started += 1;
        return new Promise(() => undefined);
      },
    });
    ask(0, "trust.list");
    ask(0, "trust.list");
    for (let id = 1; id < 1200; id += 1) ask(id, "trust.list");
    const answers = await got(1 + 1200 - 1024);
    expect(started).toBe(1024);
    expect(new Set(answers.map((answer) => (answer.type === "error" ? answer.error.code : answer.type)))).toEqual(
      new Set(["INVALID_REQUEST"]),
    );
  });

  it("cuts the page off when disposed", async () => {
    serve();
    serving.dispose();
    expect(await pageClosed()).toBe(1006);
  });
});
