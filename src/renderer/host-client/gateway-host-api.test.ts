import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerMessage } from "../../shared/contracts/api.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { createHostApi } from "./gateway-host-api.ts";
import { logIn } from "./gateway-login.ts";

/** The gateway's end of one try to link. */
class FakeLink {
  readyState = 0;
  readonly sent: unknown[] = [];
  onopen: () => void = () => undefined;
  onclose: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.onopen();
  }

  lose(): void {
    this.readyState = 3;
    this.onclose();
  }

  say(message: ServerMessage): void {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

let links: FakeLink[];
let api: ReturnType<typeof createHostApi>;

beforeEach(() => {
  vi.useFakeTimers();
  links = [];
  api = createHostApi({
    origin: "ws://127.0.0.1:1",
    openSocket: () => {
      const link = new FakeLink();
      links.push(link);
      return link as unknown as WebSocket;
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
});

const link = (): FakeLink => links.at(-1) ?? new FakeLink();
const failure = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

describe("createHostApi", () => {
  it("keeps calls until the link is up", async () => {
    const call = api.call("addressBook.export", {});
    expect(link().sent).toEqual([]);
    link().open();
    expect(link().sent).toEqual([{ type: "request", id: 1, method: "addressBook.export", params: {} }]);
    link().say({ type: "result", id: 1, result: { text: "[]" } });
    expect([await call, api.link]).toEqual([{ text: "[]" }, "up"]);
    api.dispose();
  });

  it("rejects calls when the link is lost, and links again", async () => {
    link().open();
    const call = failure(api.call("trust.list", {}));
    link().lose();
    expect([await call, await failure(api.call("trust.list", {})), api.link]).toMatchObject([
      { code: "GATEWAY_LOST" },
      { code: "GATEWAY_LOST" },
      "lost",
    ]);
    vi.advanceTimersByTime(100);
    link().open();
    expect([links.length, api.link, link().sent]).toEqual([2, "up", []]);
    api.dispose();
  });

  it("cancels there and here", async () => {
    link().open();
    const controller = new AbortController();
    const call = failure(api.call("trust.list", {}, { signal: controller.signal }));
    controller.abort();
    expect([await call, link().sent.at(-1)]).toMatchObject([{ code: "CANCELLED" }, { type: "cancel", id: 1 }]);
    api.dispose();
  });

  it("calls a wrong result a bug, and passes errors on", async () => {
    link().open();
    const wrong = failure(api.call("addressBook.export", {}));
    const refused = failure(api.call("trust.list", {}));
    link().say({ type: "result", id: 1, result: { text: 1 } });
    link().say({ type: "error", id: 2, error: { code: "NOT_FOUND", message: "gone", detail: { what: "It" } } });
    expect([await wrong, await refused]).toMatchObject([
      { code: "BUG" },
      { code: "NOT_FOUND", detail: { what: "It" } },
    ]);
    api.dispose();
  });

  // Such a call waited for ever.
  it("answers nothing after its end", async () => {
    link().open();
    const before = failure(api.call("trust.list", {}));
    api.dispose();
    expect([await before, await failure(api.call("trust.list", {}))]).toMatchObject([
      { code: "CANCELLED" },
      { code: "CANCELLED" },
    ]);
  });
});

describe("createHostApi's holdings", () => {
  expectNoLeaks();

  it("are released while it waits to link again", () => {
    const own = createHostApi({ origin: "ws://x", openSocket: () => links[0] as unknown as WebSocket });
    links[0]?.lose();
    own.dispose();
  });
});

describe("logIn", () => {
  const TOKEN = "A".repeat(43);
  const page = (hash: string, ok: boolean): { replaced: string[]; bodies: unknown[]; in: Promise<void> } => {
    const seen = { replaced: [] as string[], bodies: [] as unknown[] };
    const done = logIn({
      location: { hash, pathname: "/" } as Location,
      history: { replaceState: (_: unknown, __: string, url: string) => seen.replaced.push(url) } as unknown as History,
      fetch: (_, init) => {
        // The token has left the address before anything is sent.
        seen.bodies.push([init?.body, seen.replaced.length]);
        return Promise.resolve({ ok } as Response);
      },
    });
    return { ...seen, in: done };
  };

  it("takes the token out of the address, then trades it", async () => {
    const { replaced, bodies, in: done } = page(`#${TOKEN}`, true);
    await done;
    expect([replaced, bodies]).toEqual([["/"], [[TOKEN, 1]]]);
  });

  it("rejects a token that the gateway refuses", async () => {
    await expect(page(`#${TOKEN}`, false).in).rejects.toMatchObject({ code: "LOGIN_REFUSED" });
  });

  it.each(["", "#guest", `#${TOKEN}x`])("trades nothing for %j", async (hash) => {
    const { bodies, in: done } = page(hash, false);
    await done;
    expect(bodies).toEqual([]);
  });
});
