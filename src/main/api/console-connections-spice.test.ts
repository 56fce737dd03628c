import { describe, expect, it } from "vitest";
import type { ApiEvent, ChannelRequest } from "../../shared/contracts/api.ts";
import { ConsoleId, GuestId, type ConnectionId, type TicketId } from "../../shared/contracts/ids.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { DisposableStore } from "../../shared/lifecycle/disposable.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { FakeDuplex } from "../../testing/fake-duplex.ts";
import { askNobody } from "../../testing/provider-context.ts";
import { TicketOffice } from "../gateway/tickets.ts";
import type { OpenStreamOptions } from "../providers/provider.ts";
import { ConsoleConnections } from "./console-connections.ts";

const DISPLAY: ChannelRequest = { type: 2, id: 0, sessionId: 7, capabilities: [] };
const NEXT_MAIN: ChannelRequest = { type: 1, id: 0, sessionId: 7, capabilities: [], target: { host: "b", port: 1 } };
const target = { guestId: GuestId.parse("h/g"), consoleId: ConsoleId.parse("spice"), ask: askNobody };
const lost = new AppError("CONNECTION_LOST", "lost", { address: "a" });

/** An open SPICE console with its main channel. `next` decides how the next stream opens. */
async function openSpice() {
  const owned = new DisposableStore();
  const page = owned.add(new DisposableStore());
  const tickets = owned.add(new TicketOffice());
  const asked: OpenStreamOptions["channel"][] = [];
  const events: ApiEvent[] = [];
  const state = { isClosed: false, next: (): Promise<FakeDuplex> => Promise.resolve(new FakeDuplex()) };
  const connections = new ConsoleConnections({
    tickets,
    openEndpoint: () =>
      Promise.resolve({
        protocol: "spice",
        openStream: ({ channel }) => {
          asked.push(channel);
          return state.next();
        },
        dispose: () => {
          state.isClosed = true;
        },
      }),
  });
  const call = { signal: new AbortController().signal, page, notify: (event: ApiEvent) => events.push(event) };
  const main = await connections.open(target, call);
  /** The page takes a stream and its bridge ends. */
  const end = (ticket: TicketId, error?: AppError): void => tickets.redeem(ticket)?.handleEnd(error);
  const further = (channel: ChannelRequest) => connections.openFurtherStream(main.connectionId, channel, call);
  return { owned, state, asked, events, main, further, end };
}

const closedEvent = (connectionId: ConnectionId) => ({ name: "console-closed", connectionId });

describe("the streams of a SPICE console", () => {
  expectNoLeaks();

  it("are asked for by channel; the first is the main channel of a new session", async () => {
    const { owned, asked, further } = await openSpice();
    await further(DISPLAY);
    expect(asked).toEqual([undefined, DISPLAY]);
    owned.dispose();
  });

  it("end alone: the console lives on without one that is not the main channel, and says nothing", async () => {
    const { owned, state, events, further, end } = await openSpice();
    end(await further(DISPLAY), lost);
    expect({ isClosed: state.isClosed, events }).toEqual({ isClosed: false, events: [] });
    await further(DISPLAY);
    owned.dispose();
  });

  it("end all with the main channel, and the page hears why", async () => {
    const { owned, state, events, main, further, end } = await openSpice();
    const display = new FakeDuplex();
    state.next = () => Promise.resolve(display);
    await further(DISPLAY);
    end(main.ticket, lost);
    expect({ isClosed: state.isClosed, isDisplayOpen: !display.destroyed }).toEqual({
      isClosed: true,
      isDisplayOpen: false,
    });
    expect(events).toMatchObject([closedEvent(main.connectionId)]);
    owned.dispose();
  });

  it("outlive the main channel of a guest that has moved on to another host", async () => {
    const { owned, state, events, main, further, end } = await openSpice();
    const next = await further(NEXT_MAIN);
    end(main.ticket, lost);
    expect({ isClosed: state.isClosed, events }).toEqual({ isClosed: false, events: [] });
    end(next, lost);
    expect(events).toMatchObject([closedEvent(main.connectionId)]);
    owned.dispose();
  });

  it("wait for a new main channel that is on its way, and end when it does not come", async () => {
    const { owned, state, events, main, further, end } = await openSpice();
    let refuse: (error: Error) => void = () => undefined;
    state.next = () =>
      new Promise((_, reject) => {
        refuse = reject;
      });
    const opening = further(NEXT_MAIN);
    end(main.ticket, lost);
    expect(state.isClosed).toBe(false);
    refuse(lost);
    await expect(opening).rejects.toBe(lost);
    expect({ isClosed: state.isClosed, events }).toMatchObject({
      isClosed: true,
      events: [closedEvent(main.connectionId)],
    });
    owned.dispose();
  });

  it("are at most 64 at once, however many there were before", async () => {
    const { owned, further, end } = await openSpice();
    for (let count = 0; count < 100; count += 1) end(await further(DISPLAY));
    for (let count = 1; count < 64; count += 1) await further(DISPLAY);
    await expect(further(DISPLAY)).rejects.toMatchObject({ code: "CONSOLE_UNAVAILABLE" });
    owned.dispose();
  });
});
