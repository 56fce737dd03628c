import { unionOf, type Rect } from "../drawing/geometry.ts";
import { characterAdvancePx, type TextStyle } from "../drawing/glyph-mask.ts";
import { PALETTE } from "../drawing/palette.ts";
import { PixelCanvas } from "../drawing/pixel-canvas.ts";
import {
  containerWagon,
  COUPLING_PX,
  expressHead,
  passengerCar,
  shunter,
  VEHICLE_HEIGHT_PX,
  type Vehicle,
} from "./rolling-stock.ts";
import type { Screen } from "./screen.ts";
import { drawYardBackground, TRACK_SCALE, TRACKS, YARD_HEIGHT, YARD_WIDTH } from "./yard-background.ts";

interface Train {
  readonly track: number;
  /** From left to right. */
  readonly vehicles: readonly Vehicle[];
  /** Negative: to the left. */
  readonly pxPerSecond: number;
  /** How far it is out of sight between two passes. */
  readonly pausePx: number;
  readonly startPx: number;
}

const EXPRESS: Train = {
  track: 1,
  vehicles: [passengerCar(6), passengerCar(5), passengerCar(6), expressHead],
  pxPerSecond: 90,
  pausePx: 260,
  startPx: 700,
};
const GOODS: Train = {
  track: 3,
  vehicles: [
    shunter,
    containerWagon(0x2f8f66, "web-01"),
    containerWagon(0x3f6fb5, "mail"),
    containerWagon(0xb5503f, "db-02"),
  ],
  pxPerSecond: -46,
  pausePx: 200,
  startPx: 520,
};
const SHUTTLE: Train = {
  track: 0,
  vehicles: [passengerCar(5), passengerCar(5)],
  pxPerSecond: -34,
  pausePx: 900,
  startPx: 300,
};
/** From the back to the front, as they are drawn. */
const TRAINS = [SHUTTLE, EXPRESS, GOODS] as const;

const BOARD: Rect = { x: 40, y: 36, width: 452, height: 208 };
const CLOCK = { x: 610, y: 140, radius: 82 } as const;
const CLOCK_AREA: Rect = { x: CLOCK.x - 100, y: CLOCK.y - 100, width: 200, height: 200 };

const DEPARTURES: readonly (readonly [string, string, number])[] = [
  ["debian-gui", "1", 2],
  ["build-01", "2", 5],
  ["router", "3", 9],
  ["mail serial", "4", 14],
];

interface SignalPost {
  readonly x: number;
  readonly track: number;
}
const SIGNALS: readonly SignalPost[] = [
  { x: 470, track: 1 },
  { x: 905, track: 1 },
  { x: 640, track: 3 },
  { x: 110, track: 0 },
];

/** A railway yard at dusk: trains on their tracks, signals that follow them, a station clock, a departure board. */
export class YardScreen implements Screen {
  readonly name = "yard";
  readonly tickMs = 100;
  readonly canvas = new PixelCanvas(YARD_WIDTH, YARD_HEIGHT);
  readonly #background = drawYardBackground();
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
    this.canvas.paint(this.canvas.bounds, () => {
      this.#draw(this.canvas.bounds);
    });
  }

  tick(nowMs: number): void {
    const beforeMs = this.#nowMs;
    if (nowMs === beforeMs) return;
    this.#nowMs = nowMs;
    for (const train of TRAINS) {
      const before = trainArea(train, beforeMs);
      const now = trainArea(train, nowMs);
      if (before.x === now.x) continue;
      // A train that came round again is at two places, not between them.
      const isNear = Math.abs(before.x - now.x) < YARD_WIDTH / 2;
      for (const area of isNear ? [unionOf(before, now)] : [before, now]) this.#repaint(area);
    }
    for (const post of SIGNALS) {
      if (isBlocked(post, beforeMs) !== isBlocked(post, nowMs)) this.#repaint(signalArea(post));
    }
    if (Math.floor(beforeMs / 1000) !== Math.floor(nowMs / 1000)) this.#repaint(CLOCK_AREA);
    if (Math.floor(beforeMs / 60_000) !== Math.floor(nowMs / 60_000)) this.#repaint(BOARD);
  }

  #repaint(area: Rect): void {
    this.canvas.paint(area, () => {
      this.#draw(area);
    });
  }

  #draw(area: Rect): void {
    this.canvas.restore(this.#background, area);
    drawBoard(this.canvas, this.#nowMs);
    drawClock(this.canvas, this.#nowMs);
    TRACKS.forEach((_, track) => {
      for (const train of TRAINS) if (train.track === track) drawTrain(this.canvas, train, this.#nowMs);
      for (const post of SIGNALS) if (post.track === track) drawSignal(this.canvas, post, isBlocked(post, this.#nowMs));
    });
  }
}

function scaleOf(train: Train): number {
  return TRACK_SCALE[train.track] ?? 1;
}

function trainLength(train: Train): number {
  const lengths = train.vehicles.map(({ lengthPx }) => lengthPx + COUPLING_PX);
  return Math.ceil(lengths.reduce((sum, length) => sum + length, 0) * scaleOf(train));
}

/** Left end of the train at this time. */
function trainX(train: Train, nowMs: number): number {
  const length = trainLength(train);
  const loop = YARD_WIDTH + length + train.pausePx;
  const travelled = (train.startPx + (Math.abs(train.pxPerSecond) * nowMs) / 1000) % loop;
  return Math.round(train.pxPerSecond > 0 ? travelled - length : YARD_WIDTH - travelled);
}

/** What the train covers, its lamps' light included. */
function trainArea(train: Train, nowMs: number): Rect {
  const scale = scaleOf(train);
  const light = Math.ceil(30 * scale);
  const height = Math.ceil((VEHICLE_HEIGHT_PX + 6) * scale);
  const y = (TRACKS[train.track] ?? 0) + 4 - height;
  return { x: trainX(train, nowMs) - light, y, width: trainLength(train) + 2 * light, height: height + 4 };
}

function drawTrain(canvas: PixelCanvas, train: Train, nowMs: number): void {
  const scale = scaleOf(train);
  const y = (TRACKS[train.track] ?? 0) + 2;
  let x = trainX(train, nowMs);
  for (const vehicle of train.vehicles) {
    const length = Math.round((vehicle.lengthPx + COUPLING_PX) * scale);
    if (x + length > -40 && x < YARD_WIDTH + 40) vehicle.draw(canvas, x, y, scale);
    x += length;
  }
}

/** A signal shows stop while a train is in front of it. */
function isBlocked(post: SignalPost, nowMs: number): boolean {
  return TRAINS.some((train) => {
    const left = trainX(train, nowMs);
    return train.track === post.track && left < post.x + 60 && left + trainLength(train) > post.x - 60;
  });
}

function signalArea({ x, track }: SignalPost): Rect {
  return { x: x - 32, y: (TRACKS[track] ?? 0) - 84, width: 64, height: 100 };
}

function drawSignal(canvas: PixelCanvas, { x, track }: SignalPost, isStop: boolean): void {
  const foot = (TRACKS[track] ?? 0) + 14;
  canvas.fill({ x: x - 2, y: foot - 60, width: 4, height: 60 }, 0x0c0d10);
  canvas.roundRect({ x: x - 9, y: foot - 92, width: 18, height: 38 }, 8, 0x0c0d10);
  const stopColour = isStop ? PALETTE.failed : 0x2c1715;
  const goColour = isStop ? 0x10261d : PALETTE.running;
  canvas.disc(x, foot - 82, 5, stopColour);
  canvas.disc(x, foot - 65, 5, goColour);
  canvas.glow(x, foot - (isStop ? 82 : 65), 24, isStop ? PALETTE.failed : PALETTE.running, 0.45);
}

function drawBoard(canvas: PixelCanvas, nowMs: number): void {
  canvas.roundRect(BOARD, 10, PALETTE.ground, 0.86);
  canvas.fill({ x: BOARD.x + 18, y: BOARD.y + 48, width: BOARD.width - 36, height: 1 }, PALETTE.line);
  const title: TextStyle = { dotPx: 2, colour: PALETTE.signal, weight: "bold" };
  const row: TextStyle = { dotPx: 1.75, colour: PALETTE.text };
  const quiet: TextStyle = { dotPx: 1.75, colour: PALETTE.quiet };
  canvas.text(BOARD.x + 20, BOARD.y + 15, "Departures", title);
  const tracks = "Track";
  const right = BOARD.x + BOARD.width - 20;
  canvas.text(right - tracks.length * characterAdvancePx(1.75), BOARD.y + 17, tracks, quiet);
  DEPARTURES.forEach(([name, track, minutes], index) => {
    const y = BOARD.y + 62 + index * 35;
    canvas.text(BOARD.x + 20, y, clockText(nowMs + minutes * 60_000), quiet);
    canvas.text(BOARD.x + 102, y, name, row);
    canvas.text(right - characterAdvancePx(1.75), y, track, row);
    const isFirst = index === 0;
    canvas.disc(right - 52, y + 8, 5, isFirst ? PALETTE.running : PALETTE.line);
  });
}

function clockText(ms: number): string {
  const time = new Date(ms);
  return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
}

function drawClock(canvas: PixelCanvas, nowMs: number): void {
  const { x, y, radius } = CLOCK;
  canvas.glow(x, y, radius + 18, 0xfff2d8, 0.4);
  canvas.disc(x, y, radius, 0x14161a);
  canvas.disc(x, y, radius - 5, 0xf7f5ef);
  for (let mark = 0; mark < 60; mark += 1) {
    const angle = (mark / 60) * 2 * Math.PI;
    const isHour = mark % 5 === 0;
    const inner = radius - (isHour ? 24 : 14);
    const from: [number, number] = [x + Math.sin(angle) * inner, y - Math.cos(angle) * inner];
    const outer = radius - 10;
    canvas.line(from, [x + Math.sin(angle) * outer, y - Math.cos(angle) * outer], isHour ? 5 : 1.6, 0x15181d);
  }
  const time = new Date(nowMs);
  const minutes = time.getMinutes();
  drawHand(canvas, ((time.getHours() % 12) + minutes / 60) / 12, [-14, radius - 38], 8, 0x15181d);
  drawHand(canvas, minutes / 60, [-16, radius - 16], 6, 0x15181d);
  const second = drawHand(canvas, time.getSeconds() / 60, [-20, radius - 30], 2.2, 0xd9442f);
  canvas.disc(second[0], second[1], 6.5, 0xd9442f);
  canvas.disc(x, y, 4, 0xd9442f);
}

/** Answers where the hand ends. */
function drawHand(
  canvas: PixelCanvas,
  turn: number,
  reach: readonly [number, number],
  widthPx: number,
  colour: number,
): [number, number] {
  const [sine, cosine] = [Math.sin(turn * 2 * Math.PI), Math.cos(turn * 2 * Math.PI)];
  const at = (distance: number): [number, number] => [CLOCK.x + sine * distance, CLOCK.y - cosine * distance];
  const end = at(reach[1]);
  canvas.line(at(reach[0]), end, widthPx, colour);
  return end;
}
