import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeUsbPort } from "../../testing/fake-usb-port.ts";
import { ProtocolError } from "../bytes/protocol-error.ts";
import { MAX_PACKET_BYTES } from "./packet-stream.ts";
import { PACKET, STATUS } from "./packet-types.ts";
import { UsbHost, type UsbHostEvent } from "./usb-host.ts";

/** What a guest's side says; 64-bit ids except in HELLO. */
function packet(type: number, id: number, body: readonly number[]): Uint8Array {
  const isHello = type === PACKET.hello;
  const bytes = new Uint8Array((isHello ? 12 : 16) + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, body.length, true);
  view.setUint32(8, id, true);
  bytes.set(body, bytes.length - body.length);
  return bytes;
}

const HELLO = packet(PACKET.hello, 0, [...new Uint8Array(64), 0xff, 0, 0, 0]);

interface Sent {
  readonly type: number;
  readonly id: number;
  readonly body: readonly number[];
}

function start(options: { isGreeted: boolean }) {
  const sent: Sent[] = [];
  const events: UsbHostEvent["kind"][] = [];
  const host = new UsbHost({
    send: (bytes) => {
      const view = new DataView(bytes.buffer);
      const type = view.getUint32(0, true);
      const headerBytes = type === PACKET.hello ? 12 : 16;
      expect(view.getUint32(4, true)).toBe(bytes.length - headerBytes);
      sent.push({ type, id: view.getUint32(8, true), body: [...bytes.subarray(headerBytes)] });
    },
    handleEvent: ({ kind }) => events.push(kind),
  });
  host.start();
  if (options.isGreeted) host.receive(HELLO);
  return { host, sent, events };
}

/** With the device given to the guest; `sent` begins after that. */
function connect() {
  const port = new FakeUsbPort();
  const session = start({ isGreeted: true });
  expect(session.host.connect(port)).toBe(true);
  session.sent.length = 0;
  return { ...session, port };
}

/** Lets all promises that can go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

const bulkOut = (id: number, data: readonly number[]) =>
  packet(PACKET.bulkPacket, id, [0x01, 0, data.length, 0, 0, 0, 0, 0, 0, 0, ...data]);
const bulkIn = (id: number, lengthBytes: number) =>
  packet(PACKET.bulkPacket, id, [0x81, 0, lengthBytes, 0, 0, 0, 0, 0, 0, 0]);

describe("USB redirection, the side with the device", () => {
  it("greets at once, with a short id, and connects only after the other side greeted", () => {
    const { host, sent, events } = start({ isGreeted: false });
    expect(sent[0]?.body.slice(64)).toEqual([0x7e, 0, 0, 0]);
    expect(host.connect(new FakeUsbPort())).toBe(false);
    host.receive(HELLO);
    expect(events).toEqual(["ready"]);
    expect(host.connect(new FakeUsbPort())).toBe(true);
    const [, interfaces, endpoints, device] = sent;
    expect(interfaces).toMatchObject({
      type: PACKET.interfaceInfo,
      body: { length: 132, 0: 1, 36: 0xff, 68: 3, 100: 4 },
    });
    // Types at 0, intervals at 32, interfaces at 64, packet sizes at 96; 0x81 is at 17 and 0x83 at 19.
    expect(endpoints).toMatchObject({
      type: PACKET.epInfo,
      body: { length: 160, 0: 0, 1: 2, 2: 255, 17: 2, 19: 3, 51: 10, 134: 8 },
    });
    expect(device).toEqual({ type: PACKET.deviceConnect, id: 0, body: [1, 255, 1, 2, 9, 0x12, 1, 0, 0x23, 1] });
  });

  it("carries control and bulk transfers both ways under their ids", async () => {
    const { host, sent } = connect();
    host.receive(packet(PACKET.controlPacket, 7, [0x80, 6, 0x80, 0, 0, 1, 0, 0, 18, 0]));
    host.receive(bulkOut(8, [1, 2, 3]));
    host.receive(bulkIn(9, 64));
    await settle();
    expect(sent.toSorted((a, b) => a.id - b.id)).toEqual([
      { type: PACKET.controlPacket, id: 7, body: [0x80, 6, 0x80, 0, 0, 1, 0, 0, 4, 0, 18, 1, 0, 2] },
      { type: PACKET.bulkPacket, id: 8, body: [0x01, 0, 3, 0, 0, 0, 0, 0, 0, 0] },
      { type: PACKET.bulkPacket, id: 9, body: [0x81, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3] },
    ]);
  });

  it("answers a cancelled read as cancelled, and gives what it brought to the next", async () => {
    const { host, sent, port } = connect();
    host.receive(bulkIn(1, 64));
    host.receive(packet(PACKET.cancelDataPacket, 1, []));
    host.receive(bulkIn(2, 64));
    port.say(0x81, { status: "ok", bytes: Uint8Array.of(42) });
    await settle();
    expect(sent.map(({ id, body }) => [id, body[1], ...body.slice(10)])).toEqual([
      [1, STATUS.cancelled],
      [2, STATUS.ok, 42],
    ]);
  });

  it("receives an interrupt endpoint until it stalls, and clears the halt", async () => {
    const { host, sent, port } = connect();
    host.receive(packet(PACKET.startInterruptReceiving, 5, [0x83]));
    port.say(0x83, { status: "ok", bytes: Uint8Array.of(1) });
    port.say(0x83, { status: "ok", bytes: Uint8Array.of(2, 3) });
    port.say(0x83, { status: "stall", bytes: new Uint8Array(0) });
    await settle();
    expect(sent).toEqual([
      { type: PACKET.interruptReceivingStatus, id: 5, body: [STATUS.ok, 0x83] },
      { type: PACKET.interruptPacket, id: 0, body: [0x83, 0, 1, 0, 1] },
      { type: PACKET.interruptPacket, id: 1, body: [0x83, 0, 2, 0, 2, 3] },
      { type: PACKET.interruptReceivingStatus, id: 0, body: [STATUS.stall, 0x83] },
    ]);
    expect(port.clearedHalts).toEqual([0x83]);
  });

  it("selects configurations and alternate settings in order, and says what failed", async () => {
    const { host, sent } = connect();
    host.receive(packet(PACKET.setAltSetting, 1, [0, 1]));
    host.receive(packet(PACKET.setConfiguration, 2, [9]));
    host.receive(packet(PACKET.getConfiguration, 3, []));
    host.receive(packet(PACKET.startIsoStream, 4, [0x85, 8, 2]));
    await settle();
    const answers = sent.filter(({ type }) => type !== PACKET.interfaceInfo && type !== PACKET.epInfo);
    expect(answers).toEqual([
      { type: PACKET.isoStreamStatus, id: 4, body: [STATUS.stall, 0x85] },
      { type: PACKET.altSettingStatus, id: 1, body: [STATUS.ok, 0, 1] },
      { type: PACKET.configurationStatus, id: 2, body: [STATUS.ioError, 1] },
      { type: PACKET.configurationStatus, id: 3, body: [STATUS.ok, 1] },
    ]);
  });

  it("waits for the other side to let go before it connects the next device", () => {
    const { host, events } = connect();
    host.disconnect();
    expect(host.connect(new FakeUsbPort())).toBe(false);
    host.receive(packet(PACKET.deviceDisconnectAck, 0, []));
    expect(events).toEqual(["ready", "released"]);
    expect(host.connect(new FakeUsbPort())).toBe(true);
  });

  it("takes the device back when the guest refuses it", () => {
    const { host, sent, events } = connect();
    host.receive(packet(PACKET.filterReject, 0, []));
    expect([sent, events]).toEqual([[{ type: PACKET.deviceDisconnect, id: 0, body: [] }], ["ready", "rejected"]]);
  });

  it.each([
    ["a packet before HELLO", packet(PACKET.reset, 0, []), false],
    ["HELLO again", withLength(new Uint8Array(16 + 68), 68), true],
    ["a bulk packet with too few data", packet(PACKET.bulkPacket, 1, [0x01, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1]), true],
    ["a packet of this side", packet(PACKET.deviceConnect, 1, []), true],
    ["a huge packet", withLength(packet(PACKET.bulkPacket, 1, []), MAX_PACKET_BYTES + 1), true],
  ])("refuses %s", (_name, bytes, isConnected) => {
    const { host } = isConnected ? connect() : start({ isGreeted: false });
    expect(() => {
      host.receive(bytes);
    }).toThrow(ProtocolError);
  });

  it("does not depend on how the bytes were cut", async () => {
    const stream = [bulkOut(1, [5, 6]), bulkIn(2, 64), packet(PACKET.setAltSetting, 3, [0, 1])].flatMap((one) => [
      ...one,
    ]);
    const run = async (cuts: readonly number[]): Promise<readonly Sent[]> => {
      const { host, sent } = connect();
      const edges = [0, ...cuts.map((cut) => cut % stream.length).sort((a, b) => a - b), stream.length];
      for (const [index, from] of edges.entries()) host.receive(Uint8Array.from(stream.slice(from, edges[index + 1])));
      await settle();
      return sent;
    };
    const whole = await run([]);
    expect(whole).toHaveLength(5);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (cuts) => {
        expect(await run(cuts)).toEqual(whole);
      }),
    );
  });

  it("ends at random packets with a ProtocolError or goes on", async () => {
    const anyPacket = fc.record({
      type: fc.oneof(fc.constantFrom(...Object.values(PACKET)), fc.nat(200)),
      id: fc.nat(3),
      body: fc.array(fc.nat(255), { maxLength: 24 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyPacket, { maxLength: 20 }), async (packets) => {
        const { host } = connect();
        try {
          for (const { type, id, body } of packets) host.receive(packet(type, id, body));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
        await settle();
      }),
    );
  });
});

function withLength(bytes: Uint8Array, lengthBytes: number): Uint8Array {
  new DataView(bytes.buffer).setUint32(4, lengthBytes, true);
  return bytes;
}
