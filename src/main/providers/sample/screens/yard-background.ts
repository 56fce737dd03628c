import { PALETTE } from "../drawing/palette.ts";
import { mixColours, PixelCanvas } from "../drawing/pixel-canvas.ts";

export const YARD_WIDTH = 1024;
export const YARD_HEIGHT = 768;
const HORIZON = 452;

/** Where the rails of each track lie, from the back to the front. */
export const TRACKS = [510, 566, 632, 712] as const;
/** The nearer, the larger. */
export const TRACK_SCALE = [0.72, 0.84, 1, 1.18] as const;

const SKY: readonly (readonly [number, number])[] = [
  [0, 0x0a1020],
  [0.4, 0x1b2547],
  [0.68, 0x4a3f68],
  [0.86, 0xb0655f],
  [0.96, 0xeaa05a],
  [1, 0xf6c477],
];
const GROUND: readonly (readonly [number, number])[] = [
  [0, 0x2a2730],
  [0.15, 0x1f1f26],
  [1, 0x121317],
];

/** A repeatable scatter, so that the picture is the same on every machine. */
function scattered(seed: number): number {
  const value = Math.sin(seed * 127.1 + 311.7) * 43758.5453;
  return value - Math.floor(value);
}

/** Everything that does not move. */
export function drawYardBackground(): PixelCanvas {
  const canvas = new PixelCanvas(YARD_WIDTH, YARD_HEIGHT);
  drawSky(canvas);
  drawHills(canvas);
  canvas.gradient({ x: 0, y: HORIZON, width: YARD_WIDTH, height: YARD_HEIGHT - HORIZON }, GROUND);
  drawBuildings(canvas);
  drawCrossover(canvas, 0, 300, 420);
  drawCrossover(canvas, 1, 560, 700);
  drawCrossover(canvas, 2, 180, 350);
  TRACKS.forEach((_, index) => {
    drawTrack(canvas, index);
  });
  return canvas;
}

function drawSky(canvas: PixelCanvas): void {
  canvas.gradient({ x: 0, y: 0, width: YARD_WIDTH, height: HORIZON }, SKY);
  for (let star = 0; star < 120; star += 1) {
    const x = scattered(star) * YARD_WIDTH;
    const y = scattered(star + 500) * HORIZON * 0.62;
    canvas.disc(
      x,
      y,
      0.5 + scattered(star + 900) * 0.7,
      0xffffff,
      (1 - y / HORIZON) * (0.25 + 0.6 * scattered(star + 77)),
    );
  }
  canvas.glow(866, 108, 150, 0xfff0d0, 0.22);
  canvas.disc(866, 108, 30, 0xf8eed8);
  canvas.disc(857, 100, 6, 0xe6d9bd, 0.7);
  canvas.disc(874, 116, 8, 0xe6d9bd, 0.6);
  canvas.disc(870, 95, 3.5, 0xe6d9bd, 0.6);
}

function drawHills(canvas: PixelCanvas): void {
  const ridge = (colour: number, base: number, height: number, stretch: number, phase: number): void => {
    for (let x = 0; x < YARD_WIDTH; x += 1) {
      const at = x / stretch + phase;
      const top =
        base - height * (0.5 + 0.3 * Math.sin(at) + 0.2 * Math.sin(at * 2.7 + 1.3) + 0.06 * Math.sin(at * 11));
      canvas.fill({ x, y: Math.round(top), width: 1, height: HORIZON - Math.round(top) }, colour);
    }
  };
  ridge(0x6d4c63, HORIZON, 92, 150, 0.4);
  ridge(0x47384f, HORIZON, 62, 105, 2.4);
  ridge(0x2b2735, HORIZON + 4, 34, 64, 4.4);
}

function drawBuildings(canvas: PixelCanvas): void {
  const dark = 0x17171d;
  // Far roofs.
  for (let house = 0; house < 26; house += 1) {
    const width = 22 + scattered(house + 3) * 44;
    const height = 10 + scattered(house + 40) * 26;
    const x = Math.round(house * 41 + scattered(house + 11) * 18 - 10);
    canvas.fill(
      { x, y: Math.round(HORIZON + 8 - height), width: Math.round(width), height: Math.round(height) },
      0x1e1c25,
    );
    for (let light = 0; light < 3; light += 1) {
      if (scattered(house * 7 + light) < 0.5) continue;
      const y = Math.round(HORIZON + 8 - height + 5 + scattered(house + light) * (height - 9));
      canvas.fill({ x: x + 4 + light * 8, y, width: 3, height: 3 }, PALETTE.signal, 0.75);
    }
  }
  drawWaterTower(canvas, 92, dark);
  drawSignalBox(canvas, 800, dark);
  for (const x of [250, 520, 760, 1000]) drawMast(canvas, x);
}

function drawWaterTower(canvas: PixelCanvas, x: number, colour: number): void {
  const foot = HORIZON + 24;
  for (const dx of [-26, -9, 9, 26]) canvas.line([x + dx * 0.8, foot - 84], [x + dx, foot], 3, colour);
  canvas.line([x - 24, foot - 20], [x + 24, foot - 62], 2, colour);
  canvas.line([x + 24, foot - 20], [x - 24, foot - 62], 2, colour);
  canvas.roundRect({ x: x - 32, y: foot - 132, width: 64, height: 54 }, 6, colour);
  for (let step = 0; step < 32; step += 1) {
    canvas.fill({ x: x - 32 + step, y: foot - 132 - Math.floor(step / 2), width: 64 - 2 * step, height: 1 }, colour);
  }
  canvas.fill({ x: x - 32, y: foot - 120, width: 64, height: 2 }, 0x2b2a33);
  canvas.fill({ x: x - 32, y: foot - 94, width: 64, height: 2 }, 0x2b2a33);
}

function drawSignalBox(canvas: PixelCanvas, x: number, colour: number): void {
  const foot = HORIZON + 26;
  canvas.glow(x + 70, foot - 74, 110, PALETTE.signal, 0.3);
  canvas.fill({ x: x + 12, y: foot - 52, width: 116, height: 52 }, colour);
  canvas.fill({ x, y: foot - 100, width: 140, height: 52 }, 0x1d1c23);
  canvas.fill({ x: x - 10, y: foot - 112, width: 160, height: 12 }, 0x121217);
  for (let step = 0; step < 14; step += 1) {
    canvas.fill({ x: x - 4 + step * 3, y: foot - 112 - step, width: 148 - step * 6, height: 1 }, 0x16161b);
  }
  for (let pane = 0; pane < 6; pane += 1) {
    const left = x + 8 + pane * 21;
    canvas.gradient({ x: left, y: foot - 92, width: 18, height: 28 }, [
      [0, 0xffd98a],
      [1, 0xe89f34],
    ]);
    canvas.fill({ x: left + 8, y: foot - 92, width: 2, height: 28 }, 0x6d4a1a);
  }
  // The one at work.
  canvas.disc(x + 87, foot - 80, 5, 0x3a2710);
  canvas.roundRect({ x: x + 80, y: foot - 75, width: 15, height: 14 }, 4, 0x3a2710);
  canvas.text(x + 24, foot - 40, "SWITCHYARD", { dotPx: 1.25, colour: 0xcfc6b4, weight: "bold" });
}

function drawMast(canvas: PixelCanvas, x: number): void {
  const colour = 0x15151b;
  canvas.line([x, HORIZON - 70], [x, TRACKS[0] - 4], 4, colour);
  canvas.line([x, HORIZON - 58], [x + 54, HORIZON - 66], 2.5, colour);
  canvas.line([x, HORIZON - 30], [x + 40, HORIZON - 62], 2, colour);
}

function drawTrack(canvas: PixelCanvas, index: number): void {
  const y = TRACKS[index] ?? 0;
  const scale = TRACK_SCALE[index] ?? 1;
  const sleeperGap = Math.round(17 * scale);
  for (let x = -4; x < YARD_WIDTH; x += sleeperGap) {
    const shade = mixColours(0x3a3128, 0x2b2520, scattered(x + index * 999));
    canvas.fill(
      { x, y: Math.round(y - 5 * scale), width: Math.round(7 * scale), height: Math.round(13 * scale) },
      shade,
    );
  }
  for (const offset of [-3 * scale, 4 * scale]) {
    const top = Math.round(y + offset);
    canvas.fill({ x: 0, y: top, width: YARD_WIDTH, height: 2 }, 0x9aa0a8);
    canvas.fill({ x: 0, y: top + 2, width: YARD_WIDTH, height: 1 }, 0x33363c);
  }
}

/** The rails that lead from one track to the next. */
function drawCrossover(canvas: PixelCanvas, index: number, fromX: number, toX: number): void {
  const fromY = TRACKS[index] ?? 0;
  const toY = TRACKS[index + 1] ?? 0;
  const point = (at: number): [number, number] => {
    // Smooth at both ends, as rails are.
    const eased = at * at * (3 - 2 * at);
    return [fromX + (toX - fromX) * at, fromY + (toY - fromY) * eased];
  };
  const steps = 24;
  for (let step = 0; step <= steps; step += 2) {
    const [x, y] = point(step / steps);
    canvas.fill({ x: Math.round(x), y: Math.round(y - 5), width: 7, height: 13 }, 0x2f2822);
  }
  for (const offset of [-3, 5]) {
    for (let step = 0; step < steps; step += 1) {
      const [x1, y1] = point(step / steps);
      const [x2, y2] = point((step + 1) / steps);
      canvas.line([x1, y1 + offset], [x2, y2 + offset], 1.8, 0x8d939b);
    }
  }
}
