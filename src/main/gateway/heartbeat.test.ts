import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WebSocket } from "ws";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { watchHeartbeat } from "./heartbeat.ts";

/** A page that answers pings only when told to. */
class FakeSocket extends EventEmitter {
  isPaused = false;
  answers = true;
  pings = 0;
  isTerminated = false;

  ping(): void {
    this.pings += 1;
    if (this.answers && !this.isPaused) this.emit("pong");
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const watch = (socket: FakeSocket): { dispose: () => void } => watchHeartbeat(socket as unknown as WebSocket);

describe("watchHeartbeat", () => {
  expectNoLeaks();

  it("leaves a page alone that answers", () => {
    const socket = new FakeSocket();
    const watching = watch(socket);
    vi.advanceTimersByTime(10 * MINUTE_MS);
    expect([socket.pings >= 10, socket.isTerminated]).toEqual([true, false]);
    watching.dispose();
  });

  it("ends a page within a minute that has stopped to answer", () => {
    const socket = new FakeSocket();
    const watching = watch(socket);
    socket.answers = false;
    vi.advanceTimersByTime(MINUTE_MS);
    expect(socket.isTerminated).toBe(true);
    watching.dispose();
  });

  // A guest that took nothing for 40 s, while the page had much to send, cost the console (issue 2).
  it("does not blame a page that is made to wait", () => {
    const socket = new FakeSocket();
    const watching = watch(socket);
    socket.ping = () => {
      socket.isPaused = true;
      socket.ping = () => socket.emit("pong");
    };
    vi.advanceTimersByTime(10 * MINUTE_MS);
    expect(socket.isTerminated).toBe(false);
    watching.dispose();
  });

  it("hears and asks nothing after its end", () => {
    const socket = new FakeSocket();
    watch(socket).dispose();
    vi.advanceTimersByTime(10 * MINUTE_MS);
    expect([socket.pings, socket.listenerCount("pong")]).toEqual([0, 0]);
  });
});
