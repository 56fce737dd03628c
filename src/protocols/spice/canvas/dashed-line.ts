import { ProtocolError } from "../../bytes/protocol-error.ts";
import type { Rect } from "../display/draw-types.ts";
import type { Plot } from "./thin-line.ts";
import type { Polyline } from "./stroke-path.ts";

/** Lengths of dash and gap in turn, in pixels; `offset` is how far the pattern has begun. */
export interface DashPattern {
  readonly lengths: readonly number[];
  readonly offset: number;
}

/**
 * Dashed lines as X draws wide lines of width 1 with on-off dashes and without caps: each dash is a rectangle around the line's middle, and a pixel belongs
 * to it when its corner lies in it. Answers how many dashes and gaps that took. Dashes go on over the corners of a polyline, which are mitred where both sides are dashes.
 */
export function plotDashedLines(
  polyline: Polyline,
  pattern: DashPattern,
  isCareful: boolean,
  bounds: Rect,
  plot: Plot,
): number {
  const painter = new DashPainter(pattern, isCareful, bounds, plot);
  painter.draw(polyline);
  return painter.steps;
}

interface Vertex {
  x: number;
  y: number;
}

/** An edge's line: `x * dy - y * dx = k`. */
interface Slope {
  dx: number;
  dy: number;
  k: number;
}

/** A line's end as its neighbour joins it: `xa, ya` lead to the edge of the line. */
interface Face {
  xa: number;
  ya: number;
  dx: number;
  dy: number;
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

/** Of one subpath. A line of single pixels across four 4K heads has 15360; this takes about a second. */
export const MAX_DASHES = 1_000_000;

const HALF_WIDTH = 0.5;

/** Longer lines are not walked dash by dash outside of what is seen; nor are those of which nothing is seen. */
const LONG_LINE_PX = 1024;

/** `1 / sin²(11° / 2)`: corners sharper than 11 degrees are cut off. */
const MITRE_LIMIT = 108.856472512142;

class DashPainter {
  readonly #lengths: readonly number[];
  readonly #isCareful: boolean;
  readonly #bounds: Rect;
  readonly #plot: Plot;
  /** Dashes and gaps walked so far. */
  steps = 0;
  #index = 0;
  #offset = 0;

  constructor(pattern: DashPattern, isCareful: boolean, bounds: Rect, plot: Plot) {
    this.#lengths = pattern.lengths;
    this.#isCareful = isCareful;
    this.#bounds = bounds;
    this.#plot = plot;
    this.#skip(pattern.offset);
  }

  draw(polyline: Polyline): void {
    const last = polyline.length - 2;
    const isClosed = polyline[0] === polyline[last] && polyline[1] === polyline[last + 1];
    let isFirst = true;
    let firstFace: Face | undefined;
    let faceBefore: Face | undefined;
    let endIsDash = false;
    let lastFace: Face | undefined;
    for (let i = 2; i <= last; i += 2) {
      const x1 = polyline[i - 2] ?? 0;
      const y1 = polyline[i - 1] ?? 0;
      const x2 = polyline[i] ?? 0;
      const y2 = polyline[i + 1] ?? 0;
      if (x1 === x2 && y1 === y2) continue;
      const startIsDash = this.#isDash();
      const [face, endFace] = this.#segment(x1, y1, x2, y2);
      if (startIsDash) {
        if (isFirst || !endIsDash) {
          if (isFirst && isClosed) firstFace = { ...face };
        } else if (faceBefore !== undefined) {
          this.#join(face, faceBefore);
        }
      }
      endIsDash = (this.#index & 1) !== 0 ? this.#offset === 0 : this.#offset !== 0;
      faceBefore = endFace;
      lastFace = endFace;
      isFirst = false;
    }
    if (endIsDash && firstFace !== undefined && lastFace !== undefined) this.#join(firstFace, lastFace);
  }

  #count(): void {
    if (++this.steps > MAX_DASHES) throw new ProtocolError("limit", `stroke of more than ${String(MAX_DASHES)} dashes`);
  }

  #isDash(): boolean {
    return (this.#index & 1) === 0;
  }

  #next(): void {
    this.#index = this.#index + 1 === this.#lengths.length ? 0 : this.#index + 1;
  }

  #length(): number {
    return this.#lengths[this.#index] ?? 0;
  }

  #skip(distance: number): void {
    let rest = distance;
    while (rest >= this.#length()) {
      rest -= this.#length();
      this.#next();
    }
    this.#offset = rest;
  }

  /** Draws the dashes of one line; answers the faces of its start and its end. */
  #segment(x1: number, y1: number, x2: number, y2: number): [Face, Face] {
    const dx = x2 - x1;
    const dy = y2 - y1;
    let remain = this.#length() - this.#offset;
    let total: number;
    let alongX: number;
    let alongY: number;
    if (dx === 0) {
      total = Math.abs(dy);
      alongX = 0;
      alongY = dy < 0 ? -HALF_WIDTH : HALF_WIDTH;
    } else if (dy === 0) {
      total = Math.abs(dx);
      alongX = dx < 0 ? -HALF_WIDTH : HALF_WIDTH;
      alongY = 0;
    } else {
      total = Math.sqrt(dx * dx + dy * dy);
      const ratio = HALF_WIDTH / total;
      alongX = ratio * dx;
      alongY = ratio * dy;
    }
    const k = HALF_WIDTH * total;
    // Clockwise from the line's left side: along it, across its end, back, across its start.
    const slopes: Slope[] = [
      { dx, dy, k },
      { dx: -dy, dy: dx, k: 0 },
      { dx: -dx, dy: -dy, k },
      { dx: dy, dy: -dx, k: 0 },
    ];
    const [thereSlope, endSlope, backSlope, startSlope] = slopes as [Slope, Slope, Slope, Slope];
    let top: Vertex = { x: alongY, y: -alongX };
    const right: Vertex = { x: alongY, y: -alongX };
    const bottom: Vertex = { x: -alongY, y: alongX };
    let left: Vertex = { x: -alongY, y: alongX };
    let totalRemain = total;
    // What vertices and slopes are told from; moves along with what is skipped, so that numbers stay small.
    let baseX = x1;
    let baseY = y1;
    let centreX = 0;
    let centreY = 0;
    const part = seenPart(x1, y1, dx, dy, total, this.#bounds);
    const seen = total > LONG_LINE_PX || part[0] > part[1] ? part : undefined;
    this.#count();
    while (totalRemain > remain) {
      this.#count();
      const skipped = seen === undefined ? 0 : this.#unseen(total - totalRemain, total, seen);
      if (skipped > 0) {
        totalRemain -= skipped;
        const skippedX = (skipped * dx) / total;
        const skippedY = (skipped * dy) / total;
        baseX += Math.round(skippedX);
        baseY += Math.round(skippedY);
        for (const vertex of [top, right, bottom, left]) {
          vertex.x += skippedX - Math.round(skippedX);
          vertex.y += skippedY - Math.round(skippedY);
        }
        // The base is a whole pixel, so the line's middle may lie beside it now.
        centreX += skippedX - Math.round(skippedX);
        centreY += skippedY - Math.round(skippedY);
        thereSlope.k = k + (centreX * dy - centreY * dx);
        backSlope.k = k - (centreX * dy - centreY * dx);
        startSlope.k = -(top.x * dx + top.y * dy);
        continue;
      }
      const stepX = (remain * dx) / total;
      const stepY = (remain * dy) / total;
      right.x += stepX;
      right.y += stepY;
      bottom.x += stepX;
      bottom.y += stepY;
      endSlope.k = right.x * dx + right.y * dy;
      if (this.#isDash()) this.#fill([top, right, bottom, left], slopes, baseX, baseY);
      totalRemain -= remain;
      this.#next();
      remain = this.#length();
      top = { ...right };
      left = { ...bottom };
      startSlope.k = -endSlope.k;
    }
    if (this.#isDash()) {
      // The last dash is told from the line's end, so that it ends exactly there.
      thereSlope.k = k;
      backSlope.k = k;
      endSlope.k = 0;
      const restX = x2 - baseX;
      const restY = y2 - baseY;
      startSlope.k += restX * dx + restY * dy;
      const vertices: Vertex[] = [
        { x: top.x - restX, y: top.y - restY },
        { x: alongY, y: -alongX },
        { x: -alongY, y: alongX },
        { x: left.x - restX, y: left.y - restY },
      ];
      this.#fill(vertices, slopes, x2, y2);
    }
    remain = Math.trunc(remain - totalRemain);
    if (remain === 0) {
      this.#next();
      remain = this.#length();
    }
    this.#offset = this.#length() - remain;
    return [
      { x: x1, y: y1, dx, dy, xa: alongY, ya: -alongX, k },
      { x: x2, y: y2, dx: -dx, dy: -dy, xa: -alongY, ya: alongX, k },
    ];
  }

  /** Whole turns of the pattern that can be left out at a distance from the line's start, because they are not seen. */
  #unseen(done: number, total: number, seen: readonly [number, number]): number {
    const turn = this.#lengths.reduce((sum, length) => sum + length, 0);
    const target = done < seen[0] ? seen[0] : done > seen[1] ? total : done;
    return Math.max(Math.floor((target - done) / turn) - 1, 0) * turn;
  }

  /** The corner between two lines that are both dashes there. */
  #join(left: Face, right: Face): void {
    if (!this.#isCareful) {
      const isForward = (face: Face) => face.dx > 0 || (face.dx === 0 && face.dy > 0);
      if (isForward(left) || isForward(right)) return;
    }
    const cross = -left.dx * right.dy + right.dx * left.dy;
    if (cross === 0) return;
    const isSwapped = cross < 0;
    const turned = isSwapped ? right : left;
    turned.xa = -turned.xa;
    turned.ya = -turned.ya;
    turned.dx = -turned.dx;
    turned.dy = -turned.dy;
    const mitreY =
      (left.dy * (right.xa * right.dy - right.ya * right.dx) - right.dy * (left.xa * left.dy - left.ya * left.dx)) /
      cross;
    const mitreX =
      left.dy !== 0
        ? left.xa + ((mitreY - left.ya) * left.dx) / left.dy
        : right.xa + ((mitreY - right.ya) * right.dx) / right.dy;
    const vertices: Vertex[] = [
      { x: right.xa, y: right.ya },
      { x: 0, y: 0 },
      { x: left.xa, y: left.ya },
    ];
    const slopes: Slope[] = [
      { dx: -right.dy, dy: right.dx, k: 0 },
      { dx: left.dy, dy: -left.dx, k: 0 },
    ];
    if ((mitreX * mitreX + mitreY * mitreY) * 4 > MITRE_LIMIT) {
      const dx = right.xa - left.xa;
      const dy = right.ya - left.ya;
      const scale = Math.max(Math.abs(dx), Math.abs(dy));
      const slopeX = Math.trunc((dx * 65_536) / scale);
      const slopeY = Math.trunc((dy * 65_536) / scale);
      const k = ((left.xa + right.xa) * slopeY - (left.ya + right.ya) * slopeX) / 2;
      slopes.push({ dx: slopeX, dy: slopeY, k });
    } else {
      const sign = isSwapped ? -1 : 1;
      slopes.push({ dx: sign * left.dx, dy: sign * left.dy, k: sign * left.k });
      slopes.push({ dx: sign * right.dx, dy: sign * right.dy, k: sign * right.k });
      vertices.push({ x: mitreX, y: mitreY });
    }
    this.#fill(vertices, slopes, left.x, left.y);
  }

  /**
   * Fills a convex polygon around originX, originY; slope i leads from vertex i to the next. A row's pixels are those from the first whose x is at
   * or after the left edge to the last before the right one.
   */
  #fill(vertices: readonly Vertex[], slopes: readonly Slope[], originX: number, originY: number): void {
    const count = vertices.length;
    let top = 0;
    let bottom = 0;
    vertices.forEach((vertex, i) => {
      if (vertex.y < (vertices[top]?.y ?? 0)) top = i;
      if (vertex.y >= (vertices[bottom]?.y ?? 0)) bottom = i;
    });
    const at = (i: number) => (i + count) % count;
    const before = slopes[at(top - 1)];
    const after = slopes[top];
    if (before === undefined || after === undefined) return;
    const isClockwise = !(before.dy * after.dx > after.dy * before.dx);
    const bottomY = Math.ceil(vertices[bottom]?.y ?? 0);
    const right = edgesOf(vertices, slopes, top, bottom, isClockwise);
    const left = edgesOf(vertices, slopes, top, bottom, !isClockwise);
    const topY = right[0]?.top ?? bottomY;
    const { bounds, plot } = { bounds: this.#bounds, plot: this.#plot };
    const lastY = Math.min(bottomY, bounds.bottom - originY);
    for (let y = Math.max(topY, bounds.top - originY); y < lastY; y++) {
      const leftEdge = edgeAt(left, y);
      const rightEdge = edgeAt(right, y);
      if (leftEdge === undefined || rightEdge === undefined) continue;
      const end = Math.min(crossing(rightEdge, y) + originX, bounds.right);
      for (let x = Math.max(crossing(leftEdge, y) + originX, bounds.left); x < end; x++) plot(x, y + originY);
    }
  }
}

/** The distances from the line's start between which it may touch the bounds; [total, 0] when it does not. */
function seenPart(
  x: number,
  y: number,
  dx: number,
  dy: number,
  total: number,
  bounds: Rect,
): readonly [number, number] {
  let from = 0;
  let to = 1;
  const cut = (start: number, delta: number, low: number, high: number) => {
    if (delta === 0) {
      if (start < low || start > high) from = 2;
      return;
    }
    const a = (low - start) / delta;
    const b = (high - start) / delta;
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  };
  cut(x, dx, bounds.left - 2, bounds.right + 2);
  cut(y, dy, bounds.top - 2, bounds.bottom + 2);
  return from <= to ? [from * total, to * total] : [total, 0];
}

interface Edge {
  /** The first row, from the polygon's origin. */
  readonly top: number;
  readonly dx: number;
  readonly dy: number;
  /** Rounded up. */
  readonly k: number;
}

/** The edges on one side from top to bottom, without the level ones. */
function edgesOf(
  vertices: readonly Vertex[],
  slopes: readonly Slope[],
  top: number,
  bottom: number,
  isClockwise: boolean,
): Edge[] {
  const count = vertices.length;
  const edges: Edge[] = [];
  const step = isClockwise ? 1 : count - 1;
  for (let i = top; i !== bottom; i = (i + step) % count) {
    const slope = slopes[isClockwise ? i : (i + count - 1) % count];
    const vertex = vertices[i];
    if (slope === undefined || vertex === undefined || slope.dy === 0) continue;
    const sign = slope.dy < 0 ? -1 : 1;
    edges.push({ top: Math.ceil(vertex.y), dx: sign * slope.dx, dy: sign * slope.dy, k: Math.ceil(sign * slope.k) });
  }
  return edges;
}

function edgeAt(edges: readonly Edge[], y: number): Edge | undefined {
  let found: Edge | undefined;
  for (const edge of edges) if (edge.top <= y) found = edge;
  return found;
}

/** The first x at or after an edge in row y. */
function crossing(edge: Edge, y: number): number {
  return Math.ceil((edge.k + y * edge.dx) / edge.dy);
}
