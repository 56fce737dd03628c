import type { Rect } from "../drawing/geometry.ts";
import { characterAdvancePx, type TextStyle } from "../drawing/glyph-mask.ts";
import { PALETTE } from "../drawing/palette.ts";
import { mixColours, PixelCanvas } from "../drawing/pixel-canvas.ts";
import type { Screen } from "./screen.ts";

const WIDTH = 640;
const HEIGHT = 480;
const CHART: Rect = { x: 24, y: 96, width: 592, height: 208 };
const STEP_MS = 200;
const STEP_PX = 2;
const GRID_PX = 52;

const TITLE: TextStyle = { dotPx: 2, colour: PALETTE.text, weight: "bold" };
const LABEL: TextStyle = { dotPx: 1.5, colour: PALETTE.quiet };
const VALUE: TextStyle = { dotPx: 3, colour: PALETTE.text, weight: "bold" };

interface Series {
  readonly label: string;
  readonly unit: string;
  readonly colour: number;
  readonly full: number;
  /** 0 to 1 at a step. */
  readonly at: (step: number) => number;
}

function wave(step: number, periods: readonly number[], phase: number): number {
  const sum = periods.reduce((total, period, index) => total + Math.sin(step / period + phase * (index + 1)), 0);
  return Math.max(0.03, Math.min(0.97, 0.5 + sum / (periods.length * 2.1)));
}

const SERIES: readonly Series[] = [
  { label: "cpu", unit: "%", colour: PALETTE.signal, full: 100, at: (step) => wave(step, [31, 13, 4.7], 0.9) },
  {
    label: "memory",
    unit: "GB",
    colour: PALETTE.focus,
    full: 8,
    at: (step) => wave(step, [190, 71], 2.1) * 0.6 + 0.25,
  },
  {
    label: "network",
    unit: "MB/s",
    colour: PALETTE.running,
    full: 40,
    at: (step) => wave(step, [23, 9, 3.1], 4) * 0.5,
  },
];

/** A monitor's scrolling curves. The chart moves by copying itself, which viewers get as CopyRect. */
export class TelemetryScreen implements Screen {
  readonly name = "telemetry";
  readonly tickMs = STEP_MS;
  readonly canvas = new PixelCanvas(WIDTH, HEIGHT);
  #step: number;

  constructor(nowMs: number) {
    this.#step = Math.floor(nowMs / STEP_MS);
    this.#paintAll();
  }

  tick(nowMs: number): void {
    const step = Math.floor(nowMs / STEP_MS);
    const moved = step - this.#step;
    if (moved === 0) return;
    this.#step = step;
    if (moved < 0 || moved > 20) {
      this.#paintAll();
      return;
    }
    this.canvas.scroll(CHART, -moved * STEP_PX, 0);
    const uncovered = moved * STEP_PX;
    this.#paint({ ...CHART, x: CHART.x + CHART.width - uncovered, width: uncovered });
    SERIES.forEach((_, index) => {
      this.#paint(cardArea(index));
    });
  }

  #paintAll(): void {
    this.#paint(this.canvas.bounds);
  }

  #paint(area: Rect): void {
    this.canvas.paint(area, () => {
      const { canvas } = this;
      canvas.fill(area, PALETTE.ground);
      canvas.text(24, 22, "telemetry", TITLE);
      canvas.text(24, 54, "the last minute, five samples a second", LABEL);
      let right = WIDTH - 24;
      for (const { label, colour } of [...SERIES].reverse()) {
        right -= label.length * characterAdvancePx(LABEL.dotPx);
        canvas.text(right, 26, label, LABEL);
        canvas.disc(right - 12, 33, 4, colour);
        right -= 36;
      }
      this.#drawChart(area);
      SERIES.forEach((series, index) => {
        this.#drawCard(series, index);
      });
    });
  }

  #drawChart(area: Rect): void {
    const { canvas } = this;
    canvas.fill(CHART, PALETTE.panel);
    const left = Math.max(CHART.x, area.x);
    const right = Math.min(CHART.x + CHART.width, area.x + area.width);
    for (let x = left; x < right; x += 1) this.#drawChartColumn(x);
  }

  /** One pixel column; its content depends only on its moment, so that scrolled and painted columns agree. */
  #drawChartColumn(x: number): void {
    const { canvas } = this;
    const agePx = CHART.x + CHART.width - 1 - x;
    const moment = this.#step * STEP_PX - agePx;
    if (moment % GRID_PX === 0) canvas.fill({ x, y: CHART.y, width: 1, height: CHART.height }, PALETTE.line);
    for (let y = CHART.y + GRID_PX; y < CHART.y + CHART.height; y += GRID_PX) {
      canvas.fill({ x, y, width: 1, height: 1 }, PALETTE.line);
    }
    for (const series of SERIES) {
      const top = chartY(series.at(moment / STEP_PX));
      const before = chartY(series.at((moment - 1) / STEP_PX));
      const high = Math.min(top, before);
      const low = Math.max(top, before);
      const first = series === SERIES[0];
      if (first) {
        for (let y = Math.ceil(low); y < CHART.y + CHART.height; y += 1) {
          const share = 0.22 * (1 - (y - CHART.y) / CHART.height);
          canvas.fill({ x, y, width: 1, height: 1 }, series.colour, share);
        }
      }
      canvas.shape({ x, y: Math.floor(high) - 2, width: 1, height: Math.ceil(low - high) + 5 }, series.colour, (_, y) =>
        Math.min(1, 1.5 - Math.max(high - y, y - low, 0)),
      );
    }
  }

  #drawCard(series: Series, index: number): void {
    const { canvas } = this;
    const area = cardArea(index);
    canvas.roundRect(area, 8, PALETTE.raised);
    const share = series.at(this.#step);
    const value = share * series.full;
    const text = series.full < 10 ? value.toFixed(1) : value.toFixed(0);
    canvas.text(area.x + 16, area.y + 14, series.label, LABEL);
    canvas.text(area.x + 16, area.y + 42, text, VALUE);
    const unitX = area.x + 24 + text.length * characterAdvancePx(VALUE.dotPx);
    canvas.text(unitX, area.y + 54, series.unit, LABEL);
    const bar = { x: area.x + 16, y: area.y + 98, width: area.width - 32, height: 10 };
    canvas.roundRect(bar, 5, PALETTE.line);
    const filled = Math.max(10, Math.round(bar.width * share));
    canvas.roundRect({ ...bar, width: filled }, 5, mixColours(series.colour, 0xffffff, 0.05));
  }
}

function chartY(share: number): number {
  return CHART.y + CHART.height - 8 - share * (CHART.height - 16);
}

function cardArea(index: number): Rect {
  const gap = 16;
  const width = Math.floor((CHART.width - 2 * gap) / 3);
  return { x: CHART.x + index * (width + gap), y: 328, width, height: 128 };
}
