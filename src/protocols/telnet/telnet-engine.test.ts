import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../bytes/protocol-error.ts";
import {
  MAX_OPTION_CHANGES,
  MAX_SUBNEGOTIATION_BYTES,
  MAX_TERMINAL_TYPE_REPLIES,
  TelnetEngine,
} from "./telnet-engine.ts";

const [SE, SB, WILL, WONT, DO, DONT, IAC] = [240, 250, 251, 252, 253, 254, 255] as const;
const [BINARY, ECHO, SGA, TTYPE, NAWS] = [0, 1, 3, 24, 31] as const;
const STATUS = 5;
const CR = 13;

/** Feeds bytes and gives what came out as plain arrays. */
function feed(engine: TelnetEngine, ...bytes: number[]): { data: number[]; reply: number[] } {
  const { data, reply } = engine.receive(Uint8Array.from(bytes));
  return { data: [...data], reply: [...reply] };
}

describe("telnet, RFC 855 option negotiation", () => {
  it("agrees to what QEMU's telnet sockets ask for", () => {
    const hello = [IAC, WILL, ECHO, IAC, WILL, SGA, IAC, WILL, BINARY, IAC, DO, BINARY];
    expect(feed(new TelnetEngine(), ...hello)).toEqual({
      data: [],
      reply: [IAC, DO, ECHO, IAC, DO, SGA, IAC, DO, BINARY, IAC, WILL, BINARY],
    });
  });

  it("refuses an option that it does not know, once", () => {
    const engine = new TelnetEngine();
    expect(feed(engine, IAC, DO, STATUS, IAC, WILL, STATUS).reply).toEqual([IAC, WONT, STATUS, IAC, DONT, STATUS]);
    expect(feed(engine, IAC, DO, STATUS, IAC, WILL, STATUS).reply).toEqual([]);
  });

  it("answers only a change, so that no loop begins", () => {
    const engine = new TelnetEngine();
    expect(feed(engine, IAC, WILL, ECHO).reply).toEqual([IAC, DO, ECHO]);
    expect(feed(engine, IAC, WILL, ECHO).reply).toEqual([]);
    expect(feed(engine, IAC, WONT, ECHO).reply).toEqual([IAC, DONT, ECHO]);
    expect(feed(engine, IAC, WONT, ECHO).reply).toEqual([]);
  });

  it("stops to answer a server that switches an option to and fro", () => {
    const engine = new TelnetEngine();
    const flips = Array.from({ length: 1000 }, () => [IAC, WILL, ECHO, IAC, WONT, ECHO]).flat();
    expect(feed(engine, ...flips).reply).toHaveLength(MAX_OPTION_CHANGES * 3);
  });
});

describe("telnet, RFC 1073 NAWS", () => {
  it("tells the size when the server asks, and each new one", () => {
    const engine = new TelnetEngine();
    expect([...engine.resize(132, 43)]).toEqual([]);
    expect(feed(engine, IAC, DO, NAWS).reply).toEqual([IAC, WILL, NAWS, IAC, SB, NAWS, 0, 132, 0, 43, IAC, SE]);
    expect([...engine.resize(255, 511)]).toEqual([IAC, SB, NAWS, 0, IAC, IAC, 1, IAC, IAC, IAC, SE]);
  });
});

describe("telnet, RFC 1091 TERMINAL-TYPE", () => {
  it("names the terminal when asked, a limited number of times", () => {
    const engine = new TelnetEngine({ terminalType: "vt" });
    const question = [IAC, SB, TTYPE, 1, IAC, SE];
    expect(feed(engine, ...question).reply).toEqual([]);
    feed(engine, IAC, DO, TTYPE);
    expect(feed(engine, ...question).reply).toEqual([IAC, SB, TTYPE, 0, 118, 116, IAC, SE]);
    const asked = Array.from({ length: 100 }, () => question).flat();
    expect(feed(engine, ...asked).reply).toHaveLength((MAX_TERMINAL_TYPE_REPLIES - 1) * 8);
  });
});

describe("telnet, RFC 854 data", () => {
  it("undoubles IAC and takes NUL after CR away unless the server sends BINARY", () => {
    const engine = new TelnetEngine();
    expect(feed(engine, 65, IAC, IAC, CR, 0, 0, CR, 10).data).toEqual([65, 255, CR, 0, CR, 10]);
    feed(engine, IAC, WILL, BINARY);
    expect(feed(engine, CR, 0).data).toEqual([CR, 0]);
  });

  it("doubles IAC and sends CR NUL until the server wants BINARY", () => {
    const engine = new TelnetEngine();
    expect([...engine.encode(Uint8Array.of(65, 255, CR))]).toEqual([65, IAC, IAC, CR, 0]);
    feed(engine, IAC, DO, BINARY);
    expect([...engine.encode(Uint8Array.of(65, 255, CR))]).toEqual([65, IAC, IAC, CR]);
  });

  it("drops commands that mean nothing to a terminal, and goes on after a subnegotiation whose end was lost", () => {
    const engine = new TelnetEngine();
    expect(feed(engine, 65, IAC, 241, 66, IAC, SB, TTYPE, 1, IAC, WILL, ECHO, 67)).toEqual({
      data: [65, 66, 67],
      reply: [IAC, DO, ECHO],
    });
  });

  it("refuses a subnegotiation without end", () => {
    const endless = new Uint8Array(MAX_SUBNEGOTIATION_BYTES + 1);
    const engine = new TelnetEngine();
    feed(engine, IAC, SB);
    expect(() => engine.receive(endless)).toThrow(ProtocolError);
  });
});

describe("telnet, any bytes", () => {
  const telnetByte = fc.oneof(fc.nat(255), fc.constantFrom(IAC, SB, SE, WILL, DO, CR, 0, TTYPE, NAWS, BINARY));

  it("does not depend on how the bytes were cut", () => {
    fc.assert(
      fc.property(fc.array(telnetByte, { maxLength: 300 }), fc.array(fc.nat(300)), (bytes, cuts) => {
        const whole = feed(new TelnetEngine(), ...bytes);
        const engine = new TelnetEngine();
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
        const pieces = edges.slice(1).map((to, index) => feed(engine, ...bytes.slice(edges[index], to)));
        expect({
          data: pieces.flatMap(({ data }) => data),
          reply: pieces.flatMap(({ reply }) => reply),
        }).toEqual(whole);
      }),
    );
  });

  it("gives back what a peer encoded", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (bytes, isBinary) => {
        const sender = new TelnetEngine();
        const receiver = new TelnetEngine();
        if (isBinary) {
          feed(sender, IAC, DO, BINARY);
          feed(receiver, IAC, WILL, BINARY);
        }
        expect([...receiver.receive(sender.encode(bytes)).data]).toEqual([...bytes]);
      }),
    );
  });

  it("ends in data or ProtocolError, and never answers without bound", () => {
    fc.assert(
      fc.property(fc.array(telnetByte, { maxLength: 2000 }), (bytes) => {
        const engine = new TelnetEngine();
        try {
          const { data, reply } = engine.receive(Uint8Array.from(bytes));
          expect(data.length).toBeLessThanOrEqual(bytes.length);
          expect(reply.length).toBeLessThan(4096);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
