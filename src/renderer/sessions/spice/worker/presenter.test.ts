import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DisplaySurface } from "../../../../protocols/spice/display/display-events.ts";
import type { Rect } from "../../../../protocols/spice/display/draw-types.ts";
import { FakeFrameClock } from "../../../../testing/fake-frame-clock.ts";
import { FakeViewCanvas, installFakeImageData } from "../../../../testing/fake-view-canvas.ts";
import type { ShownHead } from "./head-view.ts";
import { HIDDEN_PAINT_INTERVAL_MS, Presenter } from "./presenter.ts";

beforeAll(installFakeImageData);

const WIDTH = 6;
const HEIGHT = 4;

let clock: FakeFrameClock;
let surface: DisplaySurface;
let heads: ShownHead["head"][];
let damage: Rect[];
let presented: number[];
let presenter: Presenter;

const surfaceOf = (width: number, height: number): DisplaySurface => ({
  id: 0,
  format: "32_xRGB",
  width,
  height,
  pixels: Uint32Array.from({ length: width * height }, (_, at) => at),
  alpha: "opaque",
});

beforeEach(() => {
  clock = new FakeFrameClock();
  surface = surfaceOf(WIDTH, HEIGHT);
  heads = [{ monitorId: 0, surfaceId: 0, x: 0, y: 0, width: WIDTH, height: HEIGHT }];
  damage = [];
  presented = [];
  presenter = new Presenter({
    clock,
    shownAt: (index) => (heads[index] === undefined ? undefined : { surface, head: heads[index] }),
    collectDamage: () => {
      presenter.addDamage(
        heads.map((_, index) => index),
        damage.splice(0),
      );
    },
    handlePresented: (viewId) => presented.push(viewId),
  });
});

/** Fills a part of the surface and says so. */
function draw(left: number, top: number, right: number, bottom: number, value: number): void {
  for (let y = top; y < bottom; y += 1) surface.pixels.fill(value, y * surface.width + left, y * surface.width + right);
  damage.push({ left, top, right, bottom });
  presenter.update();
}

function show(options: { isVisible: boolean; headIndex?: number; viewId?: number }): FakeViewCanvas {
  const canvas = new FakeViewCanvas();
  const { isVisible, headIndex = 0, viewId = 1 } = options;
  presenter.attach(viewId, { canvas, headIndex, isVisible });
  return canvas;
}

const surfaceRows = (): number[][] =>
  Array.from({ length: surface.height }, (_, y) => [
    ...surface.pixels.subarray(y * surface.width, (y + 1) * surface.width),
  ]);

describe("Presenter", () => {
  it("shows the first picture without waiting for a frame", () => {
    const canvas = show({ isVisible: true });
    expect([canvas.rows, presented]).toEqual([surfaceRows(), [1]]);
  });

  it("paints what changed, once for each frame of the screen, and rests in between", () => {
    const canvas = show({ isVisible: true });
    clock.frame();
    canvas.paintCount = 0;
    draw(1, 1, 3, 2, 77);
    draw(2, 1, 4, 3, 78);
    expect(canvas.paintCount).toBe(0);
    clock.frame();
    expect([canvas.rows, canvas.paintCount, clock.pending]).toEqual([surfaceRows(), 2, 0]);
  });

  it("paints many small changes as one", () => {
    const canvas = show({ isVisible: true });
    clock.frame();
    canvas.paintCount = 0;
    for (let count = 0; count < 100; count += 1)
      draw(count % WIDTH, count % HEIGHT, (count % WIDTH) + 1, HEIGHT, count);
    clock.frame();
    expect(canvas.rows).toEqual(surfaceRows());
    expect(canvas.paintCount).toBeLessThan(64);
  });

  it("brings a hidden picture up to date once a second at most, and to the last pixel when it is shown", () => {
    const canvas = show({ isVisible: false });
    for (let step = 0; step < 10; step += 1) {
      clock.pass(100);
      draw(0, 0, 2, 2, step);
    }
    // The first picture, and one a second after it.
    expect(presented).toEqual([1, 1]);
    clock.pass(HIDDEN_PAINT_INTERVAL_MS);
    expect(canvas.rows).toEqual(surfaceRows());
    draw(0, 0, 1, 1, 99);
    presenter.setVisible(1, true);
    expect(canvas.rows).toEqual(surfaceRows());
    clock.frame();
    expect(clock.pending).toBe(0);
  });

  it("shows each head's part of a surface on the canvas of its own", () => {
    heads = [
      { monitorId: 0, surfaceId: 0, x: 0, y: 0, width: 4, height: 4 },
      { monitorId: 1, surfaceId: 0, x: 4, y: 1, width: 2, height: 3 },
    ];
    const left = show({ isVisible: true });
    const right = show({ isVisible: true, headIndex: 1, viewId: 2 });
    draw(3, 0, 5, 4, 50);
    clock.frame();
    expect(left.rows).toEqual(surfaceRows().map((row) => row.slice(0, 4)));
    expect(right.rows).toEqual(
      surfaceRows()
        .slice(1)
        .map((row) => row.slice(4)),
    );
  });

  it("takes over a new size, and keeps the last picture of a head that is gone", () => {
    const canvas = show({ isVisible: true });
    surface = surfaceOf(3, 5);
    heads = [{ monitorId: 0, surfaceId: 0, x: 0, y: 0, width: 3, height: 5 }];
    presenter.update();
    clock.frame();
    const rows = surfaceRows();
    expect(canvas.rows).toEqual(rows);
    heads = [];
    presenter.update();
    clock.frame();
    expect(canvas.rows).toEqual(rows);
  });

  it("never reads outside of the surface, whatever place a head says it has", () => {
    heads = [{ monitorId: 0, surfaceId: 0, x: 4, y: -2, width: 1000, height: 1000 }];
    const canvas = show({ isVisible: true });
    expect([canvas.width, canvas.height]).toEqual([WIDTH - 4, HEIGHT]);
    expect(canvas.rows).toEqual(surfaceRows().map((row) => row.slice(4)));
  });

  it("leaves nothing behind", () => {
    show({ isVisible: true });
    show({ isVisible: false, viewId: 2 });
    draw(0, 0, 1, 1, 1);
    presenter.detach(2);
    presenter.dispose();
    expect(clock.pending).toBe(0);
  });
});
