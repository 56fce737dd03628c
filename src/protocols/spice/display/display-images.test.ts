import { afterEach, describe, expect, it, vi } from "vitest";
import { deferred, displayHarness, plainPixels, type DisplayHarness } from "../../../testing/spice/display-harness.ts";
import {
  bitmapImage,
  body,
  cachedImage,
  drawCopy,
  drawFill,
  IMAGE_FLAG,
  IMAGE_TYPE,
  packedImage,
  plainImage,
  surfaceCreate,
  type Edges,
  type Placed,
} from "../../../testing/spice/display-messages.ts";
import { ProtocolError } from "../../bytes/protocol-error.ts";
import { CACHE_TOLERANCE, MAX_CACHED_PALETTES, MISSING_IMAGE_TIMEOUT_MS } from "./display-limits.ts";
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

describe("DisplayChannel, image cache", () => {
  it("draws a picture from the cache that is still being decoded", async () => {
    const { give, row, jpegs } = harness();
    give("drawCopy", drawCopy(0, at(0), jpeg(9n, IMAGE_FLAG.cacheMe)));
    give("drawCopy", drawCopy(0, at(3), cachedImage(9n, PIXEL)));
    give("invalList", body().u16(1).u8(1).u64(9n).finish());
    jpegs[0]?.resolve(plainPixels(1, 1, RED));
    await settled();
    expect(row()).toEqual([RED, 0, 0, RED]);
  });

  it("forgets what the server invalidates, after as many invalidations as it was to be kept", () => {
    const { receive, give } = harness();
    const keep = drawCopy(0, at(0), plainImage(RED, { ...PIXEL, id: 9n, flags: IMAGE_FLAG.cacheMe }));
    const use = drawCopy(0, at(1), cachedImage(9n, PIXEL));
    const forget = body().u16(1).u8(1).u64(9n).finish();
    give("drawCopy", keep);
    give("drawCopy", keep);
    give("invalList", forget);
    expect(() => receive("drawCopy", use)).not.toThrow();
    give("invalList", forget);
    expect(() => receive("drawCopy", use)).toThrow("picture 9 is not in the cache");
    give("drawCopy", keep);
    give("invalAllPixmaps", body().u8(0).finish());
    expect(() => receive("drawCopy", use)).toThrow(ProtocolError);
  });

  it("puts the lossless picture in the place of the lossy one", async () => {
    const { receive, row, jpegs, give } = harness();
    give("drawCopy", drawCopy(0, at(0), jpeg(9n, IMAGE_FLAG.cacheMe)));
    jpegs[0]?.resolve(plainPixels(1, 1, RED));
    await settled();
    const lossless = cachedImage(9n, PIXEL, IMAGE_TYPE.fromCacheLossless);
    expect(() => receive("drawCopy", drawCopy(0, at(1), lossless))).toThrow(ProtocolError);
    const exact = plainImage(BLUE, { ...PIXEL, id: 9n, flags: IMAGE_FLAG.cacheReplaceMe });
    give("drawCopy", drawCopy(0, at(2), exact));
    give("drawCopy", drawCopy(0, at(3), lossless));
    expect(row()).toEqual([RED, 0, BLUE, BLUE]);
  });

  it("refuses a lossy picture in the place of another", () => {
    const { receive } = harness();
    expect(() => receive("drawCopy", drawCopy(0, at(0), jpeg(9n, IMAGE_FLAG.cacheReplaceMe)))).toThrow(ProtocolError);
  });

  it("refuses to keep more than the announced budget and its tolerance", () => {
    const { receive, give } = harness({ session: new DisplaySession({ cachePixels: 8 }) });
    const keep = (id: number): Uint8Array =>
      drawCopy(0, WHOLE, plainImage(RED, { width: 4, height: 2, id: BigInt(id), flags: IMAGE_FLAG.cacheMe }));
    for (let id = 0; id < CACHE_TOLERANCE; id += 1) give("drawCopy", keep(id));
    expect(() => receive("drawCopy", keep(99))).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it("waits for a picture that another display of the session brings", async () => {
    const session = new DisplaySession();
    const first = harness({ session });
    const second = harness({ session, channelId: 1 });
    first.give("drawCopy", drawCopy(0, at(0), cachedImage(9n, PIXEL)));
    first.give("drawFill", drawFill(0, at(1), GREEN));
    expect(first.row()).toEqual([0, 0, 0, 0]);
    second.give("drawCopy", drawCopy(0, at(0), plainImage(RED, { ...PIXEL, id: 9n, flags: IMAGE_FLAG.cacheMe })));
    await settled();
    expect(first.row()).toEqual([RED, GREEN, 0, 0]);
  });

  it("fails when that picture never comes", async () => {
    vi.useFakeTimers();
    const session = new DisplaySession();
    const made = harness({ session, channelId: 2 });
    harness({ session });
    made.give("drawCopy", drawCopy(0, at(0), cachedImage(9n, PIXEL)));
    await vi.advanceTimersByTimeAsync(MISSING_IMAGE_TIMEOUT_MS);
    expect(failureOf(made)).toBe("display channel 2, drawCopy: picture 9 is not in the cache");
  });

  it("invalidates all pictures only after the channels that it is told to wait for", async () => {
    const others = deferred<undefined>();
    const { receive, give } = harness({
      waitForChannels: (waits) => {
        expect(waits).toEqual([{ channelType: 2, channelId: 1, serial: 7n }]);
        return others.promise;
      },
    });
    give("drawCopy", drawCopy(0, at(0), plainImage(RED, { ...PIXEL, id: 9n, flags: IMAGE_FLAG.cacheMe })));
    const use = drawCopy(0, at(1), cachedImage(9n, PIXEL));
    const wait = receive("invalAllPixmaps", body().u8(1, 2, 1).u64(7n).finish());
    expect(() => receive("drawCopy", use)).not.toThrow();
    others.resolve(undefined);
    await wait;
    expect(() => receive("drawCopy", use)).toThrow(ProtocolError);
  });
});

describe("DisplayChannel, palettes", () => {
  const indexed = (palette: Parameters<typeof bitmapImage>[3]): Placed =>
    bitmapImage(5, PIXEL, Uint8Array.of(1), palette);
  const colours = Array.from({ length: 256 }, (_, index) => (index === 1 ? BLUE : 0));

  it("keeps a palette for later pictures until it is invalidated", () => {
    const { receive, row, give } = harness();
    give("drawCopy", drawCopy(0, at(0), indexed({ id: 3n, colours, shouldCache: true })));
    give("drawCopy", drawCopy(0, at(1), indexed({ id: 3n })));
    expect(row()).toEqual([BLUE, BLUE, 0, 0]);
    give("invalPalette", body().u64(3n).finish());
    expect(() => receive("drawCopy", drawCopy(0, at(1), indexed({ id: 3n })))).toThrow("palette 3 is not in the cache");
  });

  it("keeps only so many", () => {
    const { give, receive } = harness();
    const keep = (id: number): Uint8Array =>
      drawCopy(0, at(0), indexed({ id: BigInt(id), colours, shouldCache: true }));
    for (let id = 0; id < MAX_CACHED_PALETTES; id += 1) give("drawCopy", keep(id));
    expect(() => receive("drawCopy", keep(0))).not.toThrow();
    expect(() => receive("drawCopy", keep(MAX_CACHED_PALETTES))).toThrow(expect.objectContaining({ reason: "limit" }));
  });

  it("does not keep one that it was not told to", () => {
    const { receive, give } = harness();
    give("drawCopy", drawCopy(0, at(0), indexed({ id: 3n, colours })));
    expect(() => receive("drawCopy", drawCopy(0, at(1), indexed({ id: 3n })))).toThrow(ProtocolError);
  });

  it("reads its colours as 15 bits on a surface of 15 bits", () => {
    const { give, row } = harness({ hasPrimary: false });
    give("surfaceCreate", surfaceCreate(0, 4, 2, { format: 16 }));
    const short = colours.map((_, index) => (index === 1 ? 31 << 10 : 0));
    give("drawCopy", drawCopy(0, at(0), indexed({ id: 3n, colours: short })));
    expect(row()).toEqual([RED, 0, 0, 0]);
  });
});
