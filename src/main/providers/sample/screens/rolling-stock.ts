import type { PixelCanvas } from "../drawing/pixel-canvas.ts";
import { characterAdvancePx } from "../drawing/glyph-mask.ts";
import { PALETTE } from "../drawing/palette.ts";

/** Draws one vehicle whose left end is at x and whose wheels stand on y, at a size. */
export type DrawVehicle = (canvas: PixelCanvas, x: number, y: number, scale: number) => void;

export interface Vehicle {
  /** At scale 1. */
  readonly lengthPx: number;
  readonly draw: DrawVehicle;
}

export const COUPLING_PX = 6;
/** The tallest vehicle, at scale 1. */
export const VEHICLE_HEIGHT_PX = 66;

function wheels(canvas: PixelCanvas, x: number, y: number, scale: number, at: readonly number[]): void {
  for (const offset of at) {
    canvas.disc(x + offset * scale, y - 6 * scale, 6.5 * scale, 0x0b0c0e);
    canvas.disc(x + offset * scale, y - 6 * scale, 2.6 * scale, 0x4a4f57);
  }
}

function box(
  x: number,
  y: number,
  width: number,
  height: number,
): { x: number; y: number; width: number; height: number } {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}

export function passengerCar(windowCount: number): Vehicle {
  const lengthPx = 140;
  return {
    lengthPx,
    draw(canvas, x, y, scale) {
      canvas.fill(
        box(x - COUPLING_PX * scale, y - 16 * scale, (lengthPx + 2 * COUPLING_PX) * scale, 4 * scale),
        0x0f1012,
      );
      wheels(canvas, x, y, scale, [20, 36, 104, 120]);
      canvas.roundRect(box(x, y - 62 * scale, lengthPx * scale, 50 * scale), 8 * scale, 0xe9e4d8);
      canvas.fill(box(x, y - 26 * scale, lengthPx * scale, 5 * scale), PALETTE.signal);
      canvas.fill(box(x + 2 * scale, y - 17 * scale, (lengthPx - 4) * scale, 5 * scale), 0x8c887e);
      const pitch = (lengthPx - 20) / windowCount;
      for (let index = 0; index < windowCount; index += 1) {
        const left = x + (12 + index * pitch) * scale;
        canvas.roundRect(box(left, y - 51 * scale, (pitch - 5) * scale, 18 * scale), 3 * scale, 0xffdf9a);
        if ((index * 7 + windowCount) % 3 === 0) {
          canvas.disc(left + (pitch / 2 - 2) * scale, y - 40 * scale, 4 * scale, 0x7a5c2c);
        }
      }
    },
  };
}

/** The head of the fast train; its nose points to the right. */
export const expressHead: Vehicle = {
  lengthPx: 164,
  draw(canvas, x, y, scale) {
    wheels(canvas, x, y, scale, [22, 40, 106, 124]);
    canvas.fill(box(x - COUPLING_PX * scale, y - 16 * scale, 60 * scale, 4 * scale), 0x0f1012);
    const top = y - 62 * scale;
    const height = 50 * scale;
    // The nose: each row ends where an ellipse does.
    for (let row = 0; row < height; row += 1) {
      const up = 1 - (row + 0.5) / height;
      const nose = 48 * Math.sqrt(Math.max(0, 1 - up * up * 0.92));
      const colour = row > 36 * scale && row < 41 * scale ? PALETTE.signal : 0xe9e4d8;
      canvas.fill(box(x + 2, top + row, (112 + nose) * scale - 2, 1), row > 45 * scale ? 0x8c887e : colour);
    }
    for (let row = 0; row < 17 * scale; row += 1) {
      const up = 1 - (row + 9 * scale) / height;
      const nose = 46 * Math.sqrt(Math.max(0, 1 - up * up * 0.92));
      canvas.fill(box(x + 112 * scale, top + 9 * scale + row, (nose - 6) * scale, 1), 0x26313f);
    }
    for (const left of [14, 38, 62, 86]) {
      canvas.roundRect(box(x + left * scale, y - 51 * scale, 18 * scale, 18 * scale), 3 * scale, 0xffdf9a);
    }
    canvas.glow(x + 162 * scale, y - 24 * scale, 26 * scale, 0xfff3d0, 0.9);
    canvas.disc(x + 155 * scale, y - 24 * scale, 3.4 * scale, 0xffffff);
  },
};

/** A container on a flat wagon, with a guest's name on it. */
export function containerWagon(colour: number, label: string): Vehicle {
  const lengthPx = 132;
  return {
    lengthPx,
    draw(canvas, x, y, scale) {
      canvas.fill(
        box(x - COUPLING_PX * scale, y - 15 * scale, (lengthPx + 2 * COUPLING_PX) * scale, 4 * scale),
        0x0f1012,
      );
      wheels(canvas, x, y, scale, [18, 34, 98, 114]);
      canvas.fill(box(x, y - 18 * scale, lengthPx * scale, 6 * scale), 0x33373e);
      canvas.fill(box(x + 4 * scale, y - 62 * scale, (lengthPx - 8) * scale, 44 * scale), colour);
      for (let rib = 12; rib < lengthPx - 8; rib += 8) {
        canvas.fill(box(x + rib * scale, y - 60 * scale, 2, 40 * scale), 0x000000, 0.13);
      }
      canvas.fill(box(x + 4 * scale, y - 62 * scale, (lengthPx - 8) * scale, 2), 0xffffff, 0.25);
      const style = { dotPx: 1.5 * scale, colour: 0xffffff, weight: "bold" } as const;
      const textWidth = label.length * characterAdvancePx(style.dotPx);
      canvas.text(x + (lengthPx * scale - textWidth) / 2, y - 48 * scale, label, style);
    },
  };
}

/** A shunter that pulls to the left. */
export const shunter: Vehicle = {
  lengthPx: 120,
  draw(canvas, x, y, scale) {
    canvas.fill(box(x, y - 15 * scale, (120 + COUPLING_PX) * scale, 4 * scale), 0x0f1012);
    wheels(canvas, x, y, scale, [22, 46, 70, 98]);
    canvas.fill(box(x, y - 20 * scale, 120 * scale, 8 * scale), 0x24272d);
    canvas.roundRect(box(x + 4 * scale, y - 46 * scale, 76 * scale, 28 * scale), 4 * scale, 0xd9a02f);
    canvas.roundRect(box(x + 72 * scale, y - 66 * scale, 42 * scale, 48 * scale), 4 * scale, 0xc88f22);
    canvas.fill(box(x + 68 * scale, y - 67 * scale, 50 * scale, 4 * scale), 0x2a2d33);
    canvas.roundRect(box(x + 78 * scale, y - 59 * scale, 13 * scale, 15 * scale), 2 * scale, 0xfff0c0);
    canvas.roundRect(box(x + 96 * scale, y - 59 * scale, 13 * scale, 15 * scale), 2 * scale, 0xfff0c0);
    for (let stripe = 0; stripe < 5; stripe += 1) {
      canvas.fill(box(x + (8 + stripe * 14) * scale, y - 24 * scale, 7 * scale, 5 * scale), 0x24272d);
    }
    canvas.fill(box(x + 22 * scale, y - 54 * scale, 7 * scale, 10 * scale), 0x24272d);
    canvas.glow(x - 1, y - 34 * scale, 22 * scale, 0xfff3d0, 0.9);
    canvas.disc(x + 4 * scale, y - 34 * scale, 3.6 * scale, 0xffffff);
  },
};
