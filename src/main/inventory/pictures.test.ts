import { crc32, inflateSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { guestIdOf, type GuestId, type HostId } from "../../shared/contracts/ids.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { expectNoLeaks } from "../../testing/expect-no-leaks.ts";
import type { HostLink, Picture } from "../providers/provider.ts";
import type { Inventory } from "./inventory.ts";
import { Pictures } from "./pictures.ts";
import { pngOfPpm } from "./png.ts";

const PNG: Picture = { mediaType: "image/png", bytes: Uint8Array.of(1) };
const guest = (name: string): GuestId => guestIdOf("rack" as HostId, name);

let asked: GuestId[];
let screenshot: ((guestId: GuestId, options: { signal: AbortSignal }) => Promise<Picture>) | undefined;
let nowMs: number;
let pictures: Pictures;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  nowMs = 0;
  screenshot = () => Promise.resolve(PNG);
  const inventory = {
    linkOf: () => ({
      capabilities:
        screenshot === undefined
          ? {}
          : {
              screenshot: (guestId: GuestId, options: { signal: AbortSignal }) => {
                asked.push(guestId);
                return screenshot?.(guestId, options);
              },
            },
    }),
    guest: (guestId: GuestId) => {
      if (guestId === guest("gone")) throw new AppError("NOT_FOUND", "guest is not there", { what: "The guest" });
    },
  } as unknown as Pick<Inventory, "linkOf" | "guest"> & HostLink;
  pictures = new Pictures({ inventory, now: () => nowMs });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("Pictures", () => {
  expectNoLeaks();

  it("makes one picture for all who ask within a second, and then another", async () => {
    await Promise.all([pictures.get(guest("a")), pictures.get(guest("a"))]);
    nowMs = 999;
    await pictures.get(guest("a"));
    expect(asked).toEqual([guest("a")]);
    nowMs = 1_000;
    expect(await pictures.get(guest("a"))).toEqual(PNG);
    expect(asked).toHaveLength(2);
  });

  // A host that hung was asked anew each second, and each time one more call hung.
  it("asks a host that does not answer once, and gives up after five seconds though the host does not heed it", async () => {
    screenshot = () => new Promise(() => undefined);
    const first = pictures.get(guest("a")).catch((error: unknown) => error);
    nowMs = 4_000;
    const second = pictures.get(guest("a")).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([asked.length, await first, await second]).toMatchObject([
      1,
      { code: "PROTOCOL_TIMEOUT" },
      { code: "PROTOCOL_TIMEOUT" },
    ]);
  });

  it("tries again after a failure", async () => {
    screenshot = () => Promise.reject(new AppError("HOST_REPLY", "no", { address: "rack", reason: "no" }));
    await expect(pictures.get(guest("a"))).rejects.toMatchObject({ code: "HOST_REPLY" });
    screenshot = () => Promise.resolve(PNG);
    nowMs = 1_000;
    expect(await pictures.get(guest("a"))).toEqual(PNG);
  });

  it("says so when the host makes none, or the guest is gone", async () => {
    await expect(pictures.get(guest("gone"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    screenshot = undefined;
    await expect(pictures.get(guest("a"))).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("keeps a limited number", async () => {
    for (let count = 0; count < 65; count += 1) await pictures.get(guest(String(count)));
    asked = [];
    await pictures.get(guest("64"));
    await pictures.get(guest("0"));
    expect(asked).toEqual([guest("0")]);
  });

  it("gives a browser PNG for the PPM of a host", async () => {
    const bytes = Buffer.concat([Buffer.from("P6\n1 1\n255\n"), Buffer.of(9, 8, 7)]);
    screenshot = () => Promise.resolve({ mediaType: "image/x-portable-pixmap", bytes });
    expect(await pictures.get(guest("a"))).toEqual({ mediaType: "image/png", bytes: pngOfPpm(bytes) });
  });
});

/** The chunks of a PNG by type, and its pixel rows without their filter bytes. */
function decodePng(png: Uint8Array): { width: number; height: number; types: string[]; pixels: number[] } {
  const buffer = Buffer.from(png);
  expect(buffer.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  const types: string[] = [];
  let [width, height] = [0, 0];
  const pixels: number[] = [];
  for (let at = 8; at < buffer.length;) {
    const length = buffer.readUInt32BE(at);
    const type = buffer.toString("latin1", at + 4, at + 8);
    const data = buffer.subarray(at + 8, at + 8 + length);
    types.push(type);
    expect(buffer.readUInt32BE(at + 8 + length)).toBe(crc32(buffer.subarray(at + 4, at + 8 + length)));
    if (type === "IHDR") [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
    if (type === "IDAT") {
      const rows = inflateSync(data);
      for (let row = 0; row < height; row += 1) {
        const start = row * (width * 3 + 1);
        expect(rows[start]).toBe(0);
        pixels.push(...rows.subarray(start + 1, start + 1 + width * 3));
      }
    }
    at += length + 12;
  }
  return { width, height, types, pixels };
}

describe("pngOfPpm", () => {
  const dimension = fc.integer({ min: 1, max: 20 });

  it("keeps every pixel", () => {
    fc.assert(
      fc.property(
        dimension,
        dimension,
        fc.infiniteStream(fc.nat(255)),
        fc.boolean(),
        (width, height, bytes, hasComment) => {
          const pixels = [...bytes.take(width * height * 3)];
          const header = `P6\n${hasComment ? "# made by a host\n" : ""}${width} ${height}\n255\n`;
          const png = pngOfPpm(Buffer.concat([Buffer.from(header), Buffer.from(pixels)]));
          expect(decodePng(png)).toEqual({ width, height, types: ["IHDR", "IDAT", "IEND"], pixels });
        },
      ),
    );
  });

  it.each([
    ["nothing", ""],
    ["another format", "P5\n1 1\n255\nabc"],
    ["no width", "P6\n0 1\n255\nabc"],
    ["other depth", "P6\n1 1\n65535\nabcdef"],
    ["too few pixels", "P6\n1 2\n255\nabc"],
    ["too many pixels", "P6\n99999 99999\n255\nabc"],
    ["text", "not a picture"],
  ])("refuses %s", (_, text) => {
    expect(() => pngOfPpm(Buffer.from(text))).toThrow(expect.objectContaining({ code: "PROTOCOL_ERROR" }));
  });

  it("refuses random bytes, and nothing else happens", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, isLed) => {
        try {
          pngOfPpm(isLed ? Buffer.concat([Buffer.from("P6 "), bytes]) : bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "PROTOCOL_ERROR" });
        }
      }),
    );
  });
});
