import { describe, expect, it, vi } from "vitest";
import { type ConsoleSession, type GuestKey } from "../../sessions/session.ts";
import { MAX_TYPED_CHARACTERS, typeText } from "./type-text.ts";

/** A session that writes down its keys; only what typing needs. */
function createFakeSession(protocol: "vnc" | "serial" = "vnc") {
  const sent: string[] = [];
  const down = new Set<string>();
  const session = {
    protocol,
    state: { phase: "live" },
    sendKey(key: GuestKey, isDown: boolean) {
      sent.push(`${isDown ? "+" : "-"}${key.code}`);
      if (isDown) down.add(key.code);
      else down.delete(key.code);
    },
    releaseKeys() {
      down.clear();
    },
    paste(text: string) {
      sent.push(`paste ${text}`);
    },
  };
  return { session: session as unknown as ConsoleSession, sent, down };
}

const never = new AbortController().signal;

describe("typeText", () => {
  it("types each character's keys and tells how far it is", async () => {
    const { session, sent } = createFakeSession();
    const progress: string[] = [];
    await typeText(session, "aB", {
      layout: "us",
      pauseMs: 0,
      signal: never,
      onProgress: (typed, all) => progress.push(`${typed}/${all}`),
    });
    expect(sent).toEqual(["+KeyA", "-KeyA", "+ShiftLeft", "+KeyB", "-KeyB", "-ShiftLeft"]);
    expect(progress).toEqual(["0/2", "1/2", "2/2"]);
  });

  it("pauses after each character", async () => {
    vi.useFakeTimers();
    try {
      const { session, sent } = createFakeSession();
      const typing = typeText(session, "ab", { layout: "us", pauseMs: 50, signal: never });
      await vi.advanceTimersByTimeAsync(49);
      expect(sent).toEqual(["+KeyA", "-KeyA"]);
      await vi.advanceTimersByTimeAsync(51);
      await typing;
      expect(sent).toEqual(["+KeyA", "-KeyA", "+KeyB", "-KeyB"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("stops at once when cancelled, with no key down", async () => {
    const { session, sent, down } = createFakeSession();
    const controller = new AbortController();
    const typing = typeText(session, "abc", {
      layout: "us",
      pauseMs: 10_000,
      signal: controller.signal,
      onProgress: (typed) => {
        if (typed === 1) controller.abort();
      },
    });
    await expect(typing).rejects.toMatchObject({ name: "AbortError" });
    expect(sent).toEqual(["+KeyA", "-KeyA"]);
    expect(down.size).toBe(0);
  });

  it("sends no key of a text that the layout cannot type, nor of one that is too long", async () => {
    const { session, sent } = createFakeSession();
    await expect(typeText(session, "aé", { layout: "us", pauseMs: 0, signal: never })).rejects.toMatchObject({
      code: "UNSUPPORTED",
      detail: { reason: "the layout has no keys for é" },
    });
    const long = "a".repeat(MAX_TYPED_CHARACTERS + 1);
    await expect(typeText(session, long, { layout: "us", pauseMs: 0, signal: never })).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
    expect(sent).toEqual([]);
  });

  it("stops when the session closes", async () => {
    const { session } = createFakeSession();
    const typing = typeText(session, "ab", {
      layout: "us",
      pauseMs: 0,
      signal: never,
      onProgress: (typed) => {
        if (typed === 1) Object.assign(session, { state: { phase: "closed", cause: "user" } });
      },
    });
    await expect(typing).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  });

  it("pastes into a text console", async () => {
    const { session, sent } = createFakeSession("serial");
    await typeText(session, "echo é\n", { layout: "us", pauseMs: 0, signal: never });
    expect(sent).toEqual(["paste echo é\n"]);
  });
});
