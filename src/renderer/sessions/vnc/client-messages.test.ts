import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../../protocols/bytes/protocol-error.ts";
import {
  ClientMessageSplitter,
  encodePointerEvent,
  encodeQemuKeyEvent,
  encodeUpdateRequest,
  withEncodings,
} from "./client-messages.ts";

const MESSAGES: readonly (readonly number[])[] = [
  [0, ...Array<number>(19).fill(1)],
  [2, 0, 0, 2, 0, 0, 0, 7, 0xff, 0xff, 0xff, 0x21],
  [3, 1, 0, 0, 0, 0, 4, 0, 3, 0],
  [4, 1, 0, 0, 0, 0, 0, 0x61],
  [5, 1, 0, 9, 0, 9],
  [5, 0x81, 0, 9, 0, 9, 1],
  [6, 0, 0, 0, 0, 0, 0, 2, 0x68, 0x69],
  [6, 0, 0, 0, 0xff, 0xff, 0xff, 0xfc, 8, 0, 0, 1],
  [150, 1, 0, 0, 0, 0, 4, 0, 3, 0],
  [248, 0, 0, 0, 0, 0, 0, 1, 1, 42],
  [250, 0, 1, 2],
  [251, 0, 4, 0, 3, 0, 1, 0, ...Array<number>(16).fill(2)],
  [255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 0x1e],
];

describe("ClientMessageSplitter", () => {
  it("finds every message of a row of them", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...MESSAGES)), (messages) => {
        const parts = new ClientMessageSplitter().push(Uint8Array.from(messages.flat()));
        expect(parts.map(({ type, bytes }) => ({ type, bytes: [...bytes] }))).toEqual(
          messages.map((message) => ({ type: message[0], bytes: [...message] })),
        );
      }),
    );
  });

  it("passes the rest of a long cut text on without taking it for messages", () => {
    const splitter = new ClientMessageSplitter();
    const types = [
      ...splitter.push(Uint8Array.from([6, 0, 0, 0, 0, 0, 0, 5, 3, 3])),
      ...splitter.push(Uint8Array.from([3, 3])),
      ...splitter.push(Uint8Array.from([3, 4, 0, 0, 0, 0, 0, 0, 1])),
    ].map(({ type, bytes }) => [type, bytes.length]);
    expect(types).toEqual([
      [6, 10],
      [undefined, 2],
      [undefined, 1],
      [4, 8],
    ]);
  });

  it("ends random bytes in parts or a ProtocolError, and loses none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const parts = new ClientMessageSplitter().push(Uint8Array.from(bytes));
          expect(parts.flatMap((part) => [...part.bytes])).toEqual([...bytes]);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});

describe("client messages", () => {
  it("adds encodings to SetEncodings and counts them", () => {
    expect([...withEncodings(Uint8Array.from([2, 0, 0, 1, 0, 0, 0, 7]), [-257])]).toEqual([
      2, 0, 0, 2, 0, 0, 0, 7, 0xff, 0xff, 0xfe, 0xff,
    ]);
  });

  it("encodes PointerEvent, FramebufferUpdateRequest and QEMU's key event as specified", () => {
    expect([...encodePointerEvent(1, 0x7fff, 0x8001)]).toEqual([5, 1, 0x7f, 0xff, 0x80, 0x01]);
    expect([...encodeUpdateRequest(1024, 768)]).toEqual([3, 1, 0, 0, 0, 0, 4, 0, 3, 0]);
    expect([...encodeQemuKeyEvent(0xffc9, 0x76, false)]).toEqual([255, 0, 0, 0, 0, 0, 0xff, 0xc9, 0, 0, 0, 0x76]);
  });
});
