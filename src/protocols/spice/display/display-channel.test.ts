import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { expectNoLeaks } from "../../../testing/expect-no-leaks.ts";
import { displayHarness, plainPixels, type DisplayHarness } from "../../../testing/spice/display-harness.ts";
import { DISPLAY_SAMPLES } from "../../../testing/spice/display-message-samples.ts";
import {
  body,
  cachedImage,
  drawCopy,
  drawFill,
  IMAGE_FLAG,
  IMAGE_TYPE,
  packedImage,
  plainImage,
  surfaceCreate,
  surfaceImage,
  type Edges,
  type Placed,
} from "../../../testing/spice/display-messages.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { DISPLAY_CAPABILITY } from "../constants/capabilities.ts";
import { DISPLAY_CLIENT_MESSAGE, DISPLAY_MESSAGE } from "../constants/message-types.ts";
import { DECODE_TIMEOUT_MS, MAX_WAITING_OPERATIONS } from "./display-limits.ts";
import { DisplaySession } from "./display-session.ts";

const RED = 0xff0000;
const GREEN = 0x00ff00;
const BLUE = 0x0000ff;
const PIXEL = { width: 1, height: 1 };
const WHOLE: Edges = [0, 0, 4, 2];

const at = (x: number, y = 0): Edges => [x, y, x + 1, y + 1];
const jpeg = (id: bigint, flags = 0): Placed => packedImage(IMAGE_TYPE.jpeg, { ...PIXEL, id, flags }, Uint8Array.of(1));
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

let open: DisplayHarness[] = [];
function harness(...options: Parameters<typeof displayHarness>): DisplayHarness {
  const made = displayHarness(...options);
  open.push(made);
  return made;
}

afterEach(() => {
  for (const { channel, session } of open) {
    channel.dispose();
    session.dispose();
  }
  open = [];
  vi.useRealTimers();
});

function failureOf({ events }: DisplayHarness): string | undefined {
  const failed = events.find(({ event }) => event === "failed");
  return failed?.event === "failed" ? failed.error.message : undefined;
}

describe("DisplayChannel, INIT", () => {
  it("sends INIT first, with cache and dictionary in pixels", () => {
    const { channel, sent } = harness({
      session: new DisplaySession({ cachePixels: 0x0102_0304, glzWindowPixels: 0x0506_0708 }),
      capabilities: [DISPLAY_CAPABILITY.prefCompression, DISPLAY_CAPABILITY.prefVideoCodecType],
      preferredCompression: "lz4",
      preferredVideoCodecs: ["vp9", "mjpeg"],
    });
    channel.open();
    expect(sent).toEqual([
      { type: DISPLAY_CLIENT_MESSAGE.init, body: Uint8Array.of(1, 4, 3, 2, 1, 0, 0, 0, 0, 1, 8, 7, 6, 5) },
      { type: DISPLAY_CLIENT_MESSAGE.preferredCompression, body: Uint8Array.of(7) },
      { type: DISPLAY_CLIENT_MESSAGE.preferredVideoCodecType, body: Uint8Array.of(2, 4, 1) },
    ]);
  });

  it("begins anew when it is opened again, with its primary on the screen", () => {
    const { channel, give, receive, row, sent } = harness();
    channel.open();
    give("surfaceCreate", surfaceCreate(5, 1, 1));
    give("drawFill", drawFill(0, WHOLE, RED));
    channel.open();
    expect([row(), channel.surface(5), sent.map(({ type }) => type)]).toEqual([
      [RED, RED, RED, RED],
      undefined,
      [DISPLAY_CLIENT_MESSAGE.init, DISPLAY_CLIENT_MESSAGE.init],
    ]);
    expect(() => receive("drawFill", drawFill(5, at(0), RED))).toThrow(ProtocolError);
  });

  it("says nothing of preferences to a server that cannot be asked", () => {
    const { channel, sent } = harness({ preferredCompression: "lz4", preferredVideoCodecs: ["mjpeg"] });
    channel.open();
    expect(sent.map(({ type }) => type)).toEqual([DISPLAY_CLIENT_MESSAGE.init]);
  });
});

describe("DisplayChannel, order of operations", () => {
  expectNoLeaks({
    settle: () => {
      for (const { channel, session } of open) {
        channel.dispose();
        session.dispose();
      }
      return Promise.resolve();
    },
  });

  it("draws at once what needs no waiting", () => {
    const { give, row } = harness();
    give("drawFill", drawFill(0, WHOLE, GREEN, [[1, 0, 3, 1]]));
    give("drawCopy", drawCopy(0, at(0), plainImage(RED, PIXEL)));
    expect([row(0), row(1)]).toEqual([
      [RED, GREEN, GREEN, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("holds back what comes after a picture that is being decoded, and begins to decode later ones", async () => {
    const { give, row, jpegs } = harness();
    give("drawCopy", drawCopy(0, at(0), jpeg(1n)));
    give("drawFill", drawFill(0, [0, 0, 2, 1], GREEN));
    give("drawCopy", drawCopy(0, at(1), jpeg(2n)));
    expect(jpegs).toHaveLength(2);
    jpegs[1]?.resolve(plainPixels(1, 1, BLUE));
    await settled();
    expect(row()).toEqual([0, 0, 0, 0]);
    jpegs[0]?.resolve(plainPixels(1, 1, RED));
    await settled();
    expect(row()).toEqual([GREEN, BLUE, 0, 0]);
  });

  it("keeps surfaces, marks and heads in that order too", async () => {
    const { give, events, jpegs, channel } = harness();
    give("drawCopy", drawCopy(0, at(0), jpeg(1n)));
    give("mark");
    give("monitorsConfig", body().u16(1, 1).u32(0, 0, 2, 2, 0, 0, 0).finish());
    give("surfaceDestroy", body().u32(0).finish());
    expect([events, channel.primary?.id]).toEqual([[], 0]);
    jpegs[0]?.resolve(plainPixels(1, 1, RED));
    await settled();
    expect([events.map(({ event }) => event), channel.primary]).toEqual([
      ["marked", "headsChanged", "primaryDestroyed"],
      undefined,
    ]);
  });

  it("asks to be held back when too many operations wait, until there is room", async () => {
    const { receive, jpegs, give } = harness();
    give("drawCopy", drawCopy(0, at(0), jpeg(1n)));
    let wait: void | Promise<void> = undefined;
    for (let count = 1; count < MAX_WAITING_OPERATIONS; count += 1) {
      expect(wait).toBeUndefined();
      wait = receive("drawFill", drawFill(0, at(1), count));
    }
    expect(wait).toBeInstanceOf(Promise);
    jpegs[0]?.resolve(plainPixels(1, 1, RED));
    await wait;
    expect(receive("drawFill", drawFill(0, at(1), 1))).toBeUndefined();
  });

  it("ends with the message's name when a picture cannot be decoded, and draws nothing after it", async () => {
    const made = harness();
    made.give("drawCopy", drawCopy(0, at(0), jpeg(1n)));
    made.give("drawFill", drawFill(0, WHOLE, GREEN));
    made.jpegs[0]?.reject(new Error("no JPEG"));
    await settled();
    expect([failureOf(made), made.row()]).toEqual(["display channel, drawCopy: jpeg: no JPEG", [0, 0, 0, 0]]);
    expect(() => made.receive("mark")).toThrow(ProtocolError);
  });

  it("refuses a JPEG of another size than its message says", async () => {
    const made = harness();
    made.give("drawCopy", drawCopy(0, at(0), jpeg(1n)));
    made.jpegs[0]?.resolve(plainPixels(2, 1, RED));
    await settled();
    expect(failureOf(made)).toMatch(/2x1 pixels that should have 1x1/);
  });

  it("gives the error to whoever waits for room", async () => {
    const made = harness();
    made.give("drawCopy", drawCopy(0, at(0), jpeg(1n)));
    let wait: void | Promise<void> = undefined;
    while (wait === undefined) wait = made.receive("drawFill", drawFill(0, at(1), 1));
    made.jpegs[0]?.reject(new Error("no JPEG"));
    await expect(wait).rejects.toThrow(/^drawCopy: jpeg: no JPEG/);
  });

  it("ends when a picture is never decoded", async () => {
    vi.useFakeTimers();
    const made = harness();
    made.give("drawCopy", drawCopy(0, at(0), jpeg(1n)));
    await vi.advanceTimersByTimeAsync(DECODE_TIMEOUT_MS);
    expect(failureOf(made)).toBe("display channel, drawCopy: the picture is never decoded");
  });

  it("does nothing more once disposed, whatever its decoders say later", async () => {
    const made = harness();
    made.give("drawCopy", drawCopy(0, at(0), jpeg(1n)));
    made.channel.dispose();
    made.jpegs[0]?.reject(new Error("late"));
    await settled();
    expect([made.receive("mark"), made.events]).toEqual([undefined, []]);
  });
});

describe("DisplayChannel, surfaces", () => {
  it("draws one surface onto another, as it is when its turn comes", async () => {
    const { give, row, jpegs } = harness();
    give("surfaceCreate", surfaceCreate(5, 1, 1));
    give("drawCopy", drawCopy(5, at(0), jpeg(1n)));
    give("drawCopy", drawCopy(0, at(2), surfaceImage(5, PIXEL)));
    give("surfaceDestroy", body().u32(5).finish());
    jpegs[0]?.resolve(plainPixels(1, 1, RED));
    await settled();
    expect([row(), row(0, 5)]).toEqual([[0, 0, RED, 0], []]);
  });

  it("draws a surface onto itself as it was before", () => {
    const { give, row } = harness();
    give("surfaceCreate", surfaceCreate(5, 1, 3));
    give("drawFill", drawFill(5, at(0, 0), RED));
    give("drawFill", drawFill(5, at(0, 1), GREEN));
    const down = body()
      .base(5, [0, 1, 1, 3])
      .pointer(surfaceImage(5, { width: 1, height: 3 }))
      .rect([0, 0, 1, 2]);
    give("drawCopy", down.u16(8).u8(0).mask().finish());
    expect([row(0, 5), row(1, 5), row(2, 5)]).toEqual([[RED], [RED], [GREEN]]);
  });

  it("does not leave an error unheard when a picture cannot be kept that is still being decoded", async () => {
    const { receive, jpegs } = harness({ session: new DisplaySession({ cachePixels: 0 }) });
    expect(() => receive("drawCopy", drawCopy(0, at(0), jpeg(1n, IMAGE_FLAG.cacheMe)))).toThrow(ProtocolError);
    jpegs[0]?.reject(new Error("no JPEG"));
    await settled();
  });

  it("tells of a primary of another size, and keeps the picture of one that is made anew the same", () => {
    const { give, row, events } = harness();
    give("drawFill", drawFill(0, at(0), RED));
    give("surfaceCreate", surfaceCreate(0, 4, 2));
    expect([row(), events]).toEqual([[RED, 0, 0, 0], []]);
    give("surfaceCreate", surfaceCreate(0, 2, 1));
    expect([row(), events.map(({ event }) => event)]).toEqual([
      [0, 0],
      ["primaryDestroyed", "primaryCreated", "headsChanged"],
    ]);
  });

  it("takes MODE of old servers as a primary, and RESET as an empty one without a mark", () => {
    const { receive, channel, row, events, give } = harness({ hasPrimary: false });
    give("mode", body().u32(3, 1, 16).finish());
    expect(channel.primary).toMatchObject({ id: 0, width: 3, height: 1, format: "16_555" });
    give("mark");
    give("drawFill", drawFill(0, [0, 0, 3, 1], 0x7fff));
    give("reset");
    expect([row(), channel.isMarked]).toEqual([[0, 0, 0], false]);
    expect(events.filter(({ event }) => event === "marked")).toEqual([
      { event: "marked", isMarked: true },
      { event: "marked", isMarked: false },
    ]);
    expect(() => receive("mode", body().u32(3, 1, 8).finish())).toThrow(ProtocolError);
  });

  it("refuses to draw on a surface that is not there, and to make one that is too large", () => {
    const { receive } = harness();
    expect(() => receive("drawFill", drawFill(6, at(0), RED))).toThrow("surface 6 is not there");
    expect(() => receive("surfaceCreate", surfaceCreate(6, 16_384, 16_384))).toThrow(
      expect.objectContaining({ reason: "limit" }),
    );
  });

  it("does not mind a surface that is destroyed twice", () => {
    const { receive } = harness();
    expect(() => receive("surfaceDestroy", body().u32(77).finish())).not.toThrow();
  });
});

describe("DisplayChannel, monitors", () => {
  const config = (...heads: number[][]): Uint8Array => {
    const message = body().u16(heads.length, 4);
    for (const head of heads) message.u32(...head, 0);
    return message.finish();
  };

  it("has one head for the whole primary until the server names some", () => {
    const { channel, give } = harness();
    const whole = { monitorId: 0, surfaceId: 0, x: 0, y: 0, width: 4, height: 2 };
    expect(channel.heads).toEqual([whole]);
    give("monitorsConfig", config([0, 0, 2, 2, 0, 0], [1, 0, 2, 2, 2, 0]));
    expect(channel.heads).toEqual([
      { ...whole, width: 2 },
      { ...whole, monitorId: 1, x: 2, width: 2 },
    ]);
    give("monitorsConfig", config());
    expect(channel.heads).toHaveLength(2);
  });

  it("cuts heads to their surface, and shows all where none is left", () => {
    const { channel, give } = harness();
    give("monitorsConfig", config([0, 0, 100, 100, 1, 0], [1, 0, 10, 10, 4, 0], [2, 9, 10, 10, 0, 0]));
    expect(channel.heads).toEqual([{ monitorId: 0, surfaceId: 0, x: 1, y: 0, width: 3, height: 2 }]);
    give("monitorsConfig", config([0, 0, 100, 100, 50, 0]));
    expect(channel.heads).toEqual([{ monitorId: 0, surfaceId: 0, x: 0, y: 0, width: 4, height: 2 }]);
  });
});

describe("DisplayChannel, damage", () => {
  it("says what changed since it was last asked, and rings once for it", () => {
    const rings: number[] = [];
    const { channel, give } = harness({
      handleEvent: (event) => {
        if (event.event === "damaged") rings.push(event.surfaceId);
      },
    });
    expect(channel.takeDamage(0)).toEqual([{ left: 0, top: 0, right: 4, bottom: 2 }]);
    give("drawFill", drawFill(0, [-5, 1, 2, 9], RED));
    give("drawFill", drawFill(0, [3, 0, 4, 1], RED, []));
    expect(channel.takeDamage(0)).toEqual([{ left: 0, top: 1, right: 2, bottom: 2 }]);
    expect([channel.takeDamage(0), rings]).toEqual([[], [0, 0]]);
  });
});

describe("DisplayChannel, pictures in the server's graphics memory", () => {
  it("answers GL_DRAW so that the guest goes on, and says once that nothing can be shown", () => {
    const { give, sent, events } = harness();
    give("glScanoutUnix", body().u32(640, 480, 2560, 1, 0).finish());
    give("glDraw", body().u32(0, 0, 640, 480).finish());
    give("glDraw", body().u32(0, 0, 640, 480).finish());
    expect([sent.map(({ type }) => type), events]).toEqual([
      [DISPLAY_CLIENT_MESSAGE.glDrawDone, DISPLAY_CLIENT_MESSAGE.glDrawDone],
      [{ event: "sharedMemoryOnly" }],
    ]);
  });
});

describe("DisplayChannel, any server", () => {
  it("ends each message with a result or a ProtocolError, whatever was changed in it", async () => {
    const step = fc.record({
      sample: fc.constantFrom(...DISPLAY_SAMPLES),
      changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
    });
    const isAllowed = (error: unknown): boolean => error instanceof ProtocolError;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const made = displayHarness();
        for (const { sample, changes } of steps) {
          const bytes = sample.body.slice();
          for (const [index, value] of changes) if (bytes.length > 0) bytes[index % bytes.length] = value;
          try {
            await Promise.race([made.channel.handleMessage({ type: sample.type, body: bytes }), settled()]);
          } catch (error) {
            expect(isAllowed(error), String(error)).toBe(true);
          }
          for (const decoding of made.jpegs.splice(0)) decoding.resolve(plainPixels(2, 2, RED));
        }
        await settled();
        const failed = made.events.find(({ event }) => event === "failed");
        if (failed?.event === "failed") expect(isAllowed(failed.error), String(failed.error.cause)).toBe(true);
        made.channel.dispose();
        made.session.dispose();
      }),
      { numRuns: 300 },
    );
  });

  it("draws the same whatever its JPEG decoder's speed", async () => {
    const kinds = fc.constantFrom("fill", "jpeg", "cached", "copyBits");
    const step = fc.record({ kind: kinds, x: fc.nat(3), colour: fc.nat(0xffffff), delay: fc.nat(5) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const play = async (isSlow: boolean): Promise<number[]> => {
          const { give, jpegs, row, channel, session } = displayHarness();
          const waiting: { turn: number; settle: () => void }[] = [];
          for (const [index, { kind, x, colour, delay }] of steps.entries()) {
            const id = BigInt(x);
            if (kind === "jpeg") {
              give("drawCopy", drawCopy(0, at(x), jpeg(id, IMAGE_FLAG.cacheMe)));
              const decoding = jpegs.at(-1);
              waiting.push({ turn: index + delay, settle: () => decoding?.resolve(plainPixels(1, 1, colour)) });
            } else if (kind === "cached") {
              // A picture that is not there is an error; then there is nothing to compare.
              if (session.imageCache.find(id, { shouldBeLossless: false }) === undefined) continue;
              give("drawCopy", drawCopy(0, at((x + 1) % 4), cachedImage(id, PIXEL)));
            } else if (kind === "fill") give("drawFill", drawFill(0, at(x), colour));
            else give("copyBits", body().base(0, [1, 0, 4, 1]).i32(0, 0).finish());
            for (const one of waiting) if (!isSlow || one.turn <= index) one.settle();
            await settled();
          }
          for (const one of waiting.reverse()) one.settle();
          await settled();
          const result = row();
          channel.dispose();
          session.dispose();
          return result;
        };
        expect(await play(true)).toEqual(await play(false));
      }),
      { numRuns: 60 },
    );
  });

  it("refuses messages that are none of its own", () => {
    const { channel } = harness();
    expect(() =>
      channel.handleMessage({ type: DISPLAY_MESSAGE.invalAllPalettes + 1, body: new Uint8Array(0) }),
    ).toThrow(ProtocolError);
  });
});
