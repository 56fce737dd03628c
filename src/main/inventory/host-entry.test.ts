import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HostSnapshot } from "../../shared/contracts/inventory.ts";
import type { HostId } from "../../shared/contracts/ids.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { toDisposable } from "../../shared/lifecycle/disposable.ts";
import type { GuestChange, HostLink, Provider, ProviderContext } from "../providers/provider.ts";
import { HOST_RETRY_PAUSES_MS, HostEntry } from "./host-entry.ts";

const SNAPSHOT: HostSnapshot = {
  id: "rack" as HostId,
  kind: "test",
  uri: "test://rack",
  label: "rack",
  state: { phase: "connecting" },
  origin: "configured",
  isAddressBook: false,
};

let phases: string[];
/** How each try ends, oldest first. */
let tries: PromiseWithResolvers<HostLink>[];
let entry: HostEntry;

beforeEach(() => {
  vi.useFakeTimers();
  phases = [];
  tries = [];
  const provider = {
    kind: "test",
    connect: () => {
      const attempt = Promise.withResolvers<HostLink>();
      tries.push(attempt);
      return attempt.promise;
    },
  } as unknown as Provider;
  entry = new HostEntry({
    provider,
    config: { kind: "test", uri: SNAPSHOT.uri, label: SNAPSHOT.label },
    context: {} as ProviderContext,
    snapshot: SNAPSHOT,
    events: {
      handleHost: ({ state }) => phases.push(state.phase === "failed" ? state.error.code : state.phase),
      handleGuests: () => undefined,
    },
    random: () => 0,
  });
});

afterEach(() => {
  entry.dispose();
  vi.useRealTimers();
});

const failTry = async (): Promise<void> => {
  tries.at(-1)?.reject(new AppError("CONNECT_TIMEOUT", "no answer", { address: "rack:1", seconds: 10 }));
  await vi.advanceTimersByTimeAsync(0);
};

describe("HostEntry", () => {
  // A dead host showed its reason for half a second between two tries of ten; nobody could read it (issue 2).
  it("keeps the reason in sight while it tries again by itself", async () => {
    entry.connect();
    await failTry();
    await vi.advanceTimersByTimeAsync(HOST_RETRY_PAUSES_MS[0]);
    expect([tries.length, phases]).toEqual([2, ["connecting", "CONNECT_TIMEOUT"]]);
  });

  it("says that it connects when the user asks for another try", async () => {
    entry.connect();
    await failTry();
    entry.connect();
    expect([tries.length, phases]).toEqual([2, ["connecting", "CONNECT_TIMEOUT", "connecting"]]);
  });

  it("tries again with growing pauses", async () => {
    entry.connect();
    for (const pauseMs of HOST_RETRY_PAUSES_MS) {
      const { length } = tries;
      await failTry();
      await vi.advanceTimersByTimeAsync(pauseMs - 1);
      expect(tries).toHaveLength(length);
      await vi.advanceTimersByTimeAsync(1);
      expect(tries).toHaveLength(length + 1);
    }
  });

  // `switchyard list` printed no guest of libvirt, whose first list takes some calls, and said that all was well (issue 2).
  it("is live with its first list of guests, not before", async () => {
    let publish: ((change: GuestChange) => void) | undefined;
    const link = {
      onClosed: () => toDisposable(() => undefined),
      watch: (listener: (change: GuestChange) => void) => {
        publish = listener;
        return toDisposable(() => undefined);
      },
      dispose: () => undefined,
    } as unknown as HostLink;
    entry.connect();
    tries.at(-1)?.resolve(link);
    await vi.advanceTimersByTimeAsync(0);
    expect(phases).toEqual(["connecting"]);
    publish?.({ kind: "all", guests: [] });
    expect(phases).toEqual(["connecting", "live"]);
  });
});
