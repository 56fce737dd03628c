import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { InputsChannel, type KeyLocks, MAX_UNACKED_MOTIONS } from "./inputs-channel.ts";
import { KNOWN_KEYS, scancodesOf } from "./scancodes.ts";

const [KEY_DOWN, KEY_UP, KEY_MODIFIERS, KEY_SCANCODE] = [101, 102, 103, 104] as const;
const [MOTION, POSITION, PRESS, RELEASE] = [111, 112, 113, 114] as const;

function harness(options: { hasKeyScancode?: boolean } = {}): {
  channel: InputsChannel;
  sent: number[][];
  locks: KeyLocks[];
  receive: (type: number, ...body: number[]) => void;
} {
  const sent: number[][] = [];
  const locks: KeyLocks[] = [];
  const channel = new InputsChannel({
    sendMessage: (type, body) => sent.push([type, ...body]),
    handleEvent: (event) => locks.push(event.locks),
    hasKeyScancode: () => options.hasKeyScancode === true,
  });
  const receive = (type: number, ...body: number[]): void => {
    channel.handleMessage({ type, serial: 1n, body: Uint8Array.from(body) });
  };
  return { channel, sent, locks, receive };
}

describe("scancodes, set 1", () => {
  it.each([
    ["KeyA", [0x1e], [0x9e]],
    ["ArrowUp", [0xe0, 0x48], [0xe0, 0xc8]],
    ["IntlRo", [0x73], [0xf3]],
    ["Lang1", [0x72], [0xf2]],
    ["PrintScreen", [0xe0, 0x37], [0xe0, 0xb7]],
    ["Pause", [0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5], []],
  ])("%s", (code, press, release) => {
    expect(scancodesOf(code)).toEqual({ press, release });
  });

  it("knows each key of boards with 105, 106 and 109 keys, and no two keys by the same code", () => {
    const range = (prefix: string, names: string): string[] => names.split(" ").map((name) => prefix + name);
    const boards = [
      ...range("Key", "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"),
      ...range("Digit", "0 1 2 3 4 5 6 7 8 9"),
      ...range("F", "1 2 3 4 5 6 7 8 9 10 11 12"),
      ...range("Numpad", "0 1 2 3 4 5 6 7 8 9 Add Subtract Multiply Divide Decimal Enter Comma"),
      ...range("Arrow", "Up Down Left Right"),
      ...range(
        "",
        "Backquote Minus Equal Backspace Tab BracketLeft BracketRight Backslash CapsLock Semicolon Quote Enter",
      ),
      ...range("", "ShiftLeft IntlBackslash Comma Period Slash ShiftRight ControlLeft MetaLeft AltLeft Space AltRight"),
      ...range("", "MetaRight ContextMenu ControlRight Escape PrintScreen ScrollLock Pause Insert Home PageUp Delete"),
      ...range("", "End PageDown NumLock IntlRo IntlYen KanaMode Convert NonConvert Lang1 Lang2"),
    ];
    expect(boards.filter((code) => scancodesOf(code) === undefined)).toEqual([]);
    const aliases = new Set(["VolumeMute", "VolumeDown", "VolumeUp"]);
    const codes = KNOWN_KEYS.filter((code) => !aliases.has(code)).map((code) => String(scancodesOf(code)?.press));
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("knows nothing that is no key", () => {
    expect(["", "toString", "__proto__", "Fn", "Unidentified"].map(scancodesOf)).toEqual(Array(5).fill(undefined));
  });
});

describe("inputs channel, keyboard", () => {
  it("sends the bytes of a key as one number, the first one lowest", () => {
    const { channel, sent } = harness();
    expect([channel.pressKey("ArrowUp"), channel.releaseKey("ArrowUp"), channel.pressKey("Fn")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(sent).toEqual([
      [KEY_DOWN, 0xe0, 0x48, 0, 0],
      [KEY_UP, 0xe0, 0xc8, 0, 0],
    ]);
  });

  it("sends Pause whole when it is pressed, in one message where the server takes it", () => {
    const modern = harness({ hasKeyScancode: true });
    modern.channel.pressKey("Pause");
    modern.channel.releaseKey("Pause");
    expect(modern.sent).toEqual([[KEY_SCANCODE, 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5]]);
    const old = harness();
    old.channel.pressKey("Pause");
    expect(old.sent).toEqual([
      [KEY_DOWN, 0xe1, 0x1d, 0x45, 0],
      [KEY_DOWN, 0xe1, 0x9d, 0xc5, 0],
    ]);
  });

  it("lets go of all that is held, once", () => {
    const { channel, sent } = harness();
    for (const code of ["ControlLeft", "KeyC", "KeyC", "Pause", "AltLeft"]) channel.pressKey(code);
    channel.releaseKey("AltLeft");
    sent.length = 0;
    channel.releaseAllKeys();
    channel.releaseAllKeys();
    expect(sent).toEqual([
      [KEY_UP, 0x9d, 0, 0, 0],
      [KEY_UP, 0xae, 0, 0, 0],
    ]);
  });

  it("tells the guest's locks and sets them", () => {
    const { channel, sent, locks, receive } = harness();
    receive(101, 2, 0);
    receive(102, 5, 0);
    channel.setLocks({ scrollLock: false, numLock: true, capsLock: true });
    expect(locks).toEqual([
      { scrollLock: false, numLock: true, capsLock: false },
      { scrollLock: true, numLock: false, capsLock: true },
    ]);
    expect(sent).toEqual([[KEY_MODIFIERS, 6, 0]]);
  });
});

describe("inputs channel, mouse", () => {
  it("sends motions and positions with the buttons that are held", () => {
    const { channel, sent } = harness();
    channel.pressButton("right");
    channel.moveBy(-2, 3);
    channel.moveTo(300, 20, 1);
    channel.releaseButton("right");
    channel.turnWheel("down");
    expect(sent).toEqual([
      [PRESS, 3, 4, 0],
      [MOTION, 0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0, 4, 0],
      [POSITION, 44, 1, 0, 0, 20, 0, 0, 0, 4, 0, 1],
      [RELEASE, 3, 0, 0],
      [PRESS, 5, 0, 0],
      [RELEASE, 5, 0, 0],
    ]);
  });

  it("holds motions back above the limit, merges them, and sends the sum at the next acknowledgement", () => {
    const { channel, sent, receive } = harness();
    for (let count = 0; count < 20; count += 1) channel.moveBy(1, -1);
    expect(sent).toHaveLength(MAX_UNACKED_MOTIONS);
    receive(111);
    expect(sent.slice(MAX_UNACKED_MOTIONS)).toEqual([[MOTION, 12, 0, 0, 0, 0xf4, 0xff, 0xff, 0xff, 0, 0]]);
    channel.moveBy(1, 0);
    expect(sent).toHaveLength(MAX_UNACKED_MOTIONS + 2);
  });

  it("of positions that are held back only the last counts", () => {
    const { channel, sent, receive } = harness();
    for (let x = 0; x < 20; x += 1) channel.moveTo(x, 7, 0);
    receive(111);
    expect(sent.slice(MAX_UNACKED_MOTIONS)).toEqual([[POSITION, 19, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0]]);
  });

  it("sends no number that the wire has not, whatever is asked of it", () => {
    const { channel, sent } = harness();
    channel.moveBy(1e12, -1e12);
    channel.moveTo(-5, 1e12, 0);
    expect(sent).toEqual([
      [MOTION, 0xff, 0xff, 0xff, 0x7f, 1, 0, 0, 0x80, 0, 0],
      [POSITION, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0],
    ]);
  });

  it("sends what is held back before a click", () => {
    const { channel, sent } = harness();
    for (let x = 0; x < 20; x += 1) channel.moveTo(x, 0, 0);
    channel.pressButton("left");
    expect(sent.slice(MAX_UNACKED_MOTIONS).map(([type, first]) => [type, first])).toEqual([
      [POSITION, 19],
      [PRESS, 1],
    ]);
  });

  it("lets go of all buttons, and forgets everything at a host that begins anew", () => {
    const { channel, sent } = harness();
    channel.pressButton("left");
    channel.pressButton("extra");
    channel.releaseAllButtons();
    channel.releaseAllButtons();
    expect(sent.slice(2)).toEqual([
      [RELEASE, 1, 64, 0],
      [RELEASE, 7, 0, 0],
    ]);
    for (let count = 0; count < 20; count += 1) channel.moveBy(1, 1);
    channel.reset();
    sent.length = 0;
    channel.moveBy(1, 1);
    expect(sent).toHaveLength(1);
  });

  it("loses no motion and never has more unacknowledged than the limit", () => {
    const step = fc.oneof(fc.constant("ack" as const), fc.tuple(fc.integer(), fc.integer()));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { channel, sent, receive } = harness();
        let dx = 0;
        let acked = 0;
        for (const one of steps) {
          if (one === "ack") {
            // A server acknowledges only whole bunches that it has received.
            if (sent.length - acked < 4) continue;
            acked += 4;
            receive(111);
          } else {
            const small = [one[0] % 1000, one[1] % 1000] as const;
            dx += small[0];
            channel.moveBy(...small);
          }
          expect(sent.length - acked).toBeLessThanOrEqual(MAX_UNACKED_MOTIONS);
        }
        channel.pressButton("left");
        const moved = sent
          .filter(([type]) => type === MOTION)
          .map((message) => {
            return new DataView(Uint8Array.from(message.slice(1)).buffer).getInt32(0, true);
          });
        expect(moved.reduce((sum, one) => sum + one, 0)).toBe(dx);
      }),
    );
  });
});

describe("inputs channel, any message", () => {
  it("ends in an event or ProtocolError", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 115 }), fc.array(fc.nat(255), { maxLength: 4 }), (type, body) => {
        try {
          harness().receive(type, ...body);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
    expect(() => {
      harness().receive(110);
    }).toThrow("the protocol has no such message");
  });
});
