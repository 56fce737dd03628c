import { deepStrictEqual } from "node:assert";
import { GlzWindow } from "../../src/protocols/spice/codecs/glz-window.ts";
import { decodeLz } from "../../src/protocols/spice/codecs/lz.ts";
import { LzImageType } from "../../src/protocols/spice/codecs/lz-types.ts";
import { decodeLz4 } from "../../src/protocols/spice/codecs/lz4.ts";
import { decodeQuic } from "../../src/protocols/spice/codecs/quic.ts";
import { readCodecFixtures } from "../../src/testing/spice-fixtures.ts";
import { encodeLz4Block, encodeLzUnits } from "../../src/testing/spice-lz-encoder.ts";
import { drawPicture } from "../../src/testing/spice-pictures.ts";
import { encodeQuic } from "../../src/testing/spice-quic-encoder.ts";
import { type Findings } from "../findings.ts";
import { type Sample, sampleOf } from "../statistics.ts";

const WIDTH = 1024;
const HEIGHT = 768;
const ROUNDS = 15;
/** Decodings before it counts, so that the engine has compiled both. */
const WARM_UP_ROUNDS = 8;
/** What spice-html5's decoders are beaten by at least. */
const GOAL = { text: "5 times spice-html5", minRatio: 5 };

/** Decoded pictures a second, as bytes of their pixels, beside spice-html5's decoders (which know QUIC and LZ) on the same data. */
export async function measureCodecs(findings: Findings): Promise<void> {
  const peer = await loadPeer();
  const picture = drawPicture("desktop", WIDTH, HEIGHT);
  const { bgra } = picture;

  const quic = encodeQuic("rgb32", picture);
  deepStrictEqual(new Uint8Array(decodeQuic(quic).pixels.buffer), peer.quic(quic), "both decode QUIC to the same");
  compare(
    findings,
    "codecs/quic",
    "QUIC, RGB32",
    () => decodeQuic(quic).pixels,
    () => peer.quic(quic),
  );
  const quicAlpha = encodeQuic("rgba", picture);
  compare(
    findings,
    "codecs/quic-rgba",
    "QUIC, RGBA",
    () => decodeQuic(quicAlpha).pixels,
    () => peer.quic(quicAlpha),
  );
  const quic16 = encodeQuic("rgb16", picture);
  alone(findings, "codecs/quic-rgb16", "QUIC, RGB16", () => decodeQuic(quic16).pixels);

  const colours = Array.from({ length: WIDTH * HEIGHT }, (_, i) => i).map((i) => colourAt(bgra, i));
  const lzUnits = encodeLzUnits(colours, 1, (unit) => [unit & 255, (unit >> 8) & 255, unit >> 16]);
  const lz = withLzHeader(LzImageType.rgb32, lzUnits);
  deepStrictEqual(new Uint8Array(decodeLz(lz).pixels.buffer), peer.lz(lz), "both decode LZ to the same");
  compare(
    findings,
    "codecs/lz",
    "LZ, RGB32",
    () => decodeLz(lz).pixels,
    () => peer.lz(lz),
  );
  const alphas = Array.from({ length: WIDTH * HEIGHT }, (_, i) => bgra[i * 4 + 3] ?? 0);
  const lzAlpha = withLzHeader(LzImageType.rgba, [...lzUnits, ...encodeLzUnits(alphas, 3, (unit) => [unit])]);
  compare(
    findings,
    "codecs/lz-rgba",
    "LZ, RGBA",
    () => decodeLz(lzAlpha).pixels,
    () => peer.lz(lzAlpha),
  );

  const lz4 = lz4Data(bgra);
  alone(findings, "codecs/lz4", "LZ4, RGB32", () => decodeLz4(lz4, { width: WIDTH, height: HEIGHT }).pixels);
  const glz = readCodecFixtures("glz");
  alone(findings, "codecs/glz", "GLZ, a session of small pictures", () => {
    const window = new GlzWindow();
    return glz.map(({ data }) => {
      const outcome = window.tryDecode(data);
      if (outcome.kind === "missing") throw new Error("the fixtures are in order");
      return outcome.image.pixels;
    });
  });
}

type Decode = () => Uint32Array | Uint8Array | readonly Uint32Array[];

function compare(findings: Findings, id: string, codec: string, ours: Decode, theirs: Decode): void {
  const [ourSpeed, theirSpeed] = speedsOf([ours, theirs]);
  if (ourSpeed === undefined || theirSpeed === undefined) throw new Error("both were measured");
  findings.measured(id, ourSpeed, {
    what: `${codec} decoded`,
    unit: "MB/s",
    peer: { name: "spice-html5", value: theirSpeed },
    goal: GOAL,
    compare: "ratio",
    better: "higher",
  });
}

function alone(findings: Findings, id: string, codec: string, decode: Decode): void {
  const [speed] = speedsOf([decode]);
  if (speed === undefined) throw new Error("it was measured");
  findings.measured(id, speed, { what: `${codec} decoded`, unit: "MB/s" });
}

/** By turns, so that all have the same neighbours on the machine. */
function speedsOf(decoders: readonly Decode[]): Sample[] {
  const speeds: number[][] = decoders.map(() => []);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const [i, decode] of decoders.entries()) {
      const startedMs = performance.now();
      const decoded = decode();
      const ms = performance.now() - startedMs;
      const parts = ArrayBuffer.isView(decoded) ? [decoded] : decoded;
      const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
      if (round >= WARM_UP_ROUNDS) speeds[i]?.push(bytes / ms / 1000);
    }
  }
  return speeds.map(sampleOf);
}

function colourAt(bgra: Uint8Array, i: number): number {
  return (bgra[i * 4] ?? 0) | ((bgra[i * 4 + 1] ?? 0) << 8) | ((bgra[i * 4 + 2] ?? 0) << 16);
}

const LZ_HEADER_BYTES = 28;

function withLzHeader(type: number, units: readonly number[]): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(LZ_HEADER_BYTES + units.length);
  const view = new DataView(data.buffer);
  const header = [0x2020_5a4c, 0x1_0001, type, WIDTH, HEIGHT, WIDTH * 4, 1];
  for (const [i, value] of header.entries()) view.setUint32(i * 4, value);
  data.set(units, LZ_HEADER_BYTES);
  return data;
}

/** As spice-server does it: some rows a block. */
function lz4Data(bgra: Uint8Array): Uint8Array {
  const rows = 64;
  const blockBytes = rows * WIDTH * 4;
  const blocks: number[][] = [];
  for (let at = 0; at < bgra.length; at += blockBytes) blocks.push(encodeLz4Block(bgra.subarray(at, at + blockBytes)));
  const lengthOf = (block: readonly number[]): number[] => {
    const { length } = block;
    return [length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
  };
  return Uint8Array.from([1, 8, ...blocks.flatMap((block) => [...lengthOf(block), ...block])]);
}

interface Peer {
  readonly quic: (data: Uint8Array<ArrayBuffer>) => Uint8Array;
  readonly lz: (data: Uint8Array<ArrayBuffer>) => Uint8Array;
}

/** The parts of spice-html5 0.2.1 that decode, and what they expect of a canvas. */
interface PeerQuicModule {
  readonly SpiceQuic: new () => { from_dv(view: DataView, at: number, message: ArrayBuffer): number };
  readonly convert_spice_quic_to_web: (context: PeerContext, picture: object) => { readonly data: Uint8ClampedArray };
}
interface PeerLzModule {
  readonly convert_spice_lz_to_web: (context: PeerContext, picture: object) => { readonly data: Uint8ClampedArray };
}
interface PeerContext {
  createImageData(width: number, height: number): { width: number; height: number; data: Uint8ClampedArray };
}

async function loadPeer(): Promise<Peer> {
  const folder = new URL("../../node_modules/@spice-project/spice-html5/src/", import.meta.url);
  const quicModule = (await import(new URL("quic.js", folder).href)) as PeerQuicModule;
  const lzModule = (await import(new URL("lz.js", folder).href)) as PeerLzModule;
  const context: PeerContext = {
    createImageData: (width, height) => ({ width, height, data: new Uint8ClampedArray(width * height * 4) }),
  };
  return {
    quic: (data) => {
      const message = new ArrayBuffer(4 + data.length);
      new DataView(message).setUint32(0, data.length, true);
      new Uint8Array(message, 4).set(data);
      const picture = new quicModule.SpiceQuic();
      picture.from_dv(new DataView(message), 0, message);
      return new Uint8Array(quicModule.convert_spice_quic_to_web(context, picture).data.buffer);
    },
    lz: (data) => {
      const view = new DataView(data.buffer);
      const picture = {
        type: view.getUint32(8),
        width: WIDTH,
        height: HEIGHT,
        top_down: 1,
        data: data.buffer.slice(LZ_HEADER_BYTES),
      };
      return new Uint8Array(lzModule.convert_spice_lz_to_web(context, picture).data.buffer);
    },
  };
}
