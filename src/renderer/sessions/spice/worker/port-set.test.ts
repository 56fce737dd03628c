import { beforeEach, describe, expect, it } from "vitest";
import {
  PORT_CLIENT_MESSAGE,
  PORT_MESSAGE,
  SPICEVMC_CLIENT_MESSAGE,
  SPICEVMC_MESSAGE,
} from "../../../../protocols/spice/constants/message-types.ts";
import { SpiceWriter } from "../../../../protocols/spice/wire/spice-writer.ts";
import type { FromWorker } from "../worker-messages.ts";
import type { ChannelEngine } from "./channel-set.ts";
import { MAX_PORT_BACKLOG_BYTES, PortSet } from "./port-set.ts";

const NAME = "org.example.text";

let said: FromWorker[];
let sent: [number, number[]][];
let ports: PortSet;
let engine: ChannelEngine;

const say = (type: number, body: Uint8Array): void => {
  expect(engine.handleMessage({ type, serial: 1n, body })).toBeUndefined();
};
const received = (): number[] => said.flatMap((message) => (message.kind === "portData" ? [...message.bytes] : []));

beforeEach(() => {
  said = [];
  sent = [];
  ports = new PortSet((message) => said.push(message));
  engine = ports.add(3, {
    sendMessage: (type, body = new Uint8Array(0)) => sent.push([type, [...body]]),
    hasServerCapability: () => false,
    waitForChannels: () => undefined,
    unsentBytes: () => 0,
  });
  const name = new TextEncoder().encode(`${NAME}\0`);
  say(PORT_MESSAGE.init, new SpiceWriter().u32(name.length).u32(9).u8(1).bytes(name).finish());
});

describe("PortSet", () => {
  it("tells the names of the guest's ports, and carries bytes both ways for a tab that listens", () => {
    expect(said).toEqual([{ kind: "ports", names: [NAME] }]);
    ports.handle({ kind: "listenToPort", name: NAME });
    say(SPICEVMC_MESSAGE.data, Uint8Array.of(1, 2));
    ports.handle({ kind: "writePort", name: NAME, bytes: Uint8Array.of(7) });
    ports.handle({ kind: "leavePort", name: NAME });
    expect([received(), sent]).toEqual([
      [1, 2],
      [
        [PORT_CLIENT_MESSAGE.event, [0]],
        [SPICEVMC_CLIENT_MESSAGE.data, [7]],
        [PORT_CLIENT_MESSAGE.event, [1]],
      ],
    ]);
    engine.handleEnd?.();
    expect(said.at(-1)).toEqual({ kind: "ports", names: [] });
  });

  it("keeps the last of what was said while nobody listened, and no more than that", () => {
    for (let count = 0; count < 100; count += 1) say(SPICEVMC_MESSAGE.data, new Uint8Array(1000).fill(count));
    expect(received()).toEqual([]);
    ports.handle({ kind: "listenToPort", name: NAME });
    expect([received().length, received().at(-1)]).toEqual([MAX_PORT_BACKLOG_BYTES, 99]);
    ports.handle({ kind: "listenToPort", name: NAME });
    expect(received().length).toBe(MAX_PORT_BACKLOG_BYTES);
  });
});
