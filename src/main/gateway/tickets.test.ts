import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TICKET_LIFETIME_MS } from "../../shared/contracts/api.ts";
import type { AppError } from "../../shared/errors/app-error.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import { FakeDuplex } from "../../testing/fake-duplex.ts";
import { TicketOffice, type TicketedStream } from "./tickets.ts";

let office: TicketOffice;
let ends: (AppError | undefined)[];

beforeEach(() => {
  vi.useFakeTimers();
  office = new TicketOffice();
  ends = [];
});

afterEach(() => {
  vi.useRealTimers();
});

const target = (stream: FakeDuplex): TicketedStream => ({
  stream,
  handleEnd: (error) => ends.push(error),
});

describe("TicketOffice", () => {
  expectNoLeaks({
    settle: () => {
      office.dispose();
      return Promise.resolve();
    },
  });

  it("gives the stream for its ticket, once", () => {
    const stream = new FakeDuplex();
    const ticket = office.issue(target(stream));
    expect([office.redeem(ticket)?.stream, office.redeem(ticket)]).toEqual([stream, undefined]);
  });

  it("makes tickets that nobody guesses", () => {
    const issued = Array.from({ length: 100 }, () => office.issue(target(new FakeDuplex())));
    expect(new Set(issued).size).toBe(100);
    expect(issued.every((ticket) => /^[\w-]{43}$/.test(ticket))).toBe(true);
  });

  it("keeps a ticket good until its time is over, and closes the stream then", () => {
    const stream = new FakeDuplex();
    const ticket = office.issue(target(stream));
    vi.advanceTimersByTime(TICKET_LIFETIME_MS - 1);
    expect([stream.destroyed, ends]).toEqual([false, []]);
    vi.advanceTimersByTime(1);
    expect([stream.destroyed, ends.map((error) => error?.code), office.redeem(ticket)]).toEqual([
      true,
      ["TICKET_INVALID"],
      undefined,
    ]);
  });

  it("leaves a stream alone whose ticket was used", () => {
    const stream = new FakeDuplex();
    office.redeem(office.issue(target(stream)));
    vi.advanceTimersByTime(2 * TICKET_LIFETIME_MS);
    expect([stream.destroyed, ends]).toEqual([false, []]);
  });

  it("tells once that the far side has gone before the ticket's use", async () => {
    const stream = new FakeDuplex();
    stream.on("error", () => undefined);
    const ticket = office.issue(target(stream));
    stream.failFromPeer();
    await vi.advanceTimersByTimeAsync(2 * TICKET_LIFETIME_MS);
    expect([office.redeem(ticket), ends.map((error) => error?.code)]).toEqual([undefined, ["REMOTE_CLOSED"]]);
  });

  // Such a stream closes no second time: its page waited for ever.
  it("issues nothing for a stream that is closed already", () => {
    const stream = new FakeDuplex();
    stream.destroy();
    expect(() => office.issue(target(stream))).toThrow(expect.objectContaining({ code: "REMOTE_CLOSED" }));
  });

  it("has a limit", () => {
    const fill = (): void => {
      for (let count = 0; count < 10_000; count += 1) office.issue(target(new FakeDuplex()));
    };
    expect(fill).toThrow(expect.objectContaining({ code: "TICKET_INVALID" }));
  });

  it("closes what was not used when it is disposed", () => {
    const [used, unused] = [new FakeDuplex(), new FakeDuplex()];
    office.redeem(office.issue(target(used)));
    office.issue(target(unused));
    office.dispose();
    expect([used.destroyed, unused.destroyed]).toEqual([false, true]);
  });
});
