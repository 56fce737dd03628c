import { expect } from "@playwright/test";
import { characterAdvancePx, glyphMask, lineHeightPx } from "../../src/main/providers/sample/drawing/glyph-mask.ts";
import { hasGlyph } from "../../src/main/providers/sample/drawing/glyphs.ts";
import type { AppPage } from "../pages/app-page.ts";

/**
 * Reads what the sample guest "sketch-pad" says, from the pixels of the page's own canvas: so all of the way is tested, from
 * a key on the keyboard to the guest, and from the guest's picture to the page.
 */
export interface SketchPadState {
  /** What was typed, line by line. */
  readonly text: string;
  /** "120,88  left" */
  readonly pointer: string;
  /** Names of keys, or "none". */
  readonly keysDown: string;
  readonly lastKey: string;
  readonly clipboard: string;
}

/** Places in the sketch pad's picture (src/main/providers/sample/screens/sketch-pad.ts). */
const MARGIN_PX = 16;
const TITLE_HEIGHT_PX = 44;
const STATUS_HEIGHT_PX = 104;
const TEXT_SHARE = 0.42;
const STATUS_ROW_PX = 22;
const VALUES_LEFT_PX = MARGIN_PX + 96;
const STATUS_DOT_PX = 1.5;
const TEXT_DOT_PX = 2;

const CHARACTERS = Array.from({ length: 0x17f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index)).filter(
  (character) => character === " " || hasGlyph(character),
);

/** A canvas in two colours, a bit a pixel: 1 where it is light. */
interface LightMap {
  readonly width: number;
  readonly height: number;
  readonly bits: Buffer;
}

async function readLight(app: AppPage): Promise<LightMap | undefined> {
  const canvas = app.screen.first();
  if ((await canvas.count()) === 0) return undefined;
  const { width, height, text } = await canvas.evaluate((element: HTMLCanvasElement) => {
    const copy = new OffscreenCanvas(element.width, element.height).getContext("2d", { willReadFrequently: true });
    if (copy === null) throw new Error("no 2d context");
    copy.drawImage(element, 0, 0);
    const { data } = copy.getImageData(0, 0, element.width, element.height);
    const bytes: number[] = [];
    for (let at = 0; at < data.length / 4; at += 1) {
      // Its red part alone tells ink from paper.
      if ((data[at * 4] ?? 0) > 128) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
      else bytes[at >> 3] ??= 0;
    }
    // 60,000 arguments are near what a call can take.
    const text = bytes.map((byte) => String.fromCharCode(byte)).join("");
    return { width: element.width, height: element.height, text };
  });
  return { width, height, bits: Buffer.from(text, "latin1") };
}

interface Line {
  readonly left: number;
  readonly top: number;
  readonly dotPx: number;
  readonly isInkLight: boolean;
}

function readLine({ width, bits }: LightMap, { left, top, dotPx, isInkLight }: Line): string {
  const advance = characterAdvancePx(dotPx);
  const height = lineHeightPx(dotPx);
  let text = "";
  for (let x = left; x + advance <= width; x += advance) {
    const ink: boolean[] = [];
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < advance; column += 1) {
        const at = (top + row) * width + x + column;
        ink.push((((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === (isInkLight ? 1 : 0));
      }
    }
    text += ink.includes(true) ? nearestCharacter(ink, dotPx) : " ";
  }
  return text.trimEnd();
}

function nearestCharacter(ink: readonly boolean[], dotPx: number): string {
  let nearest = " ";
  let smallest = Infinity;
  for (const character of CHARACTERS) {
    const { cover } = glyphMask(character, { dotPx, colour: 0 });
    let difference = 0;
    for (let at = 0; at < ink.length && difference < smallest; at += 1) {
      if (ink[at] !== (cover[at] ?? 0) > 128) difference += 1;
    }
    if (difference < smallest) [nearest, smallest] = [character, difference];
  }
  return nearest;
}

export async function readSketchPad(app: AppPage): Promise<SketchPadState | undefined> {
  const light = await readLight(app);
  if (light === undefined) return undefined;
  const { height } = light;
  const status = (row: number): string =>
    readLine(light, {
      left: VALUES_LEFT_PX,
      top: height - STATUS_HEIGHT_PX + 12 + row * STATUS_ROW_PX,
      dotPx: STATUS_DOT_PX,
      isInkLight: true,
    });
  const textHeight = Math.round((height - TITLE_HEIGHT_PX - STATUS_HEIGHT_PX) * TEXT_SHARE);
  const rowHeight = lineHeightPx(TEXT_DOT_PX);
  const rowCount = Math.floor((textHeight - 2 * MARGIN_PX) / rowHeight);
  const lines = Array.from({ length: rowCount }, (_, row) =>
    readLine(light, {
      left: MARGIN_PX,
      top: TITLE_HEIGHT_PX + MARGIN_PX + row * rowHeight,
      dotPx: TEXT_DOT_PX,
      isInkLight: false,
    }),
  );
  return {
    text: lines.join("\n").trimEnd(),
    pointer: status(0),
    keysDown: status(1),
    lastKey: status(2).split(" ")[0] ?? "",
    clipboard: status(3),
  };
}

/** Waits until the sketch pad says this. */
export async function expectSketchPad(app: AppPage, expected: Partial<SketchPadState>): Promise<void> {
  await expect(async () => {
    expect(await readSketchPad(app)).toMatchObject(expected);
  }).toPass({ timeout: 15_000, intervals: [50, 100, 250] });
}
