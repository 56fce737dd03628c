/**
 * A process with many moving guests: VNC servers on ports of the loopback, with the screen server of the sample guests.
 * `node moving-guests-server.ts COUNT` prints their ports as one JSON line.
 */
import { createServer, type AddressInfo } from "node:net";
import { ScreenServer } from "../../src/main/providers/sample/rfb/screen-server.ts";
import { PixelCanvas } from "../../src/main/providers/sample/drawing/pixel-canvas.ts";
import { drawYardBackground } from "../../src/main/providers/sample/screens/yard-background.ts";
import { every } from "../../src/shared/lifecycle/timer.ts";
import { CLOCK_CELL_PX, clockBits, clockNow } from "./guest-clock.ts";

/** 25 frames a second, as a film in the guest. */
const FRAME_MS = 40;
const BOX_PX = 96;
/** The box moves along this many pixels and back. */
const PATH_PX = 400;
const PATH_TOP_PX = 300;
const STEP_PX = 6;

const count = Number(process.argv[2]);
const background = drawYardBackground();
const { width, height } = background;

function createMovingScreen(index: number): { canvas: PixelCanvas; draw: () => void } {
  const canvas = new PixelCanvas(width, height);
  canvas.paint(canvas.bounds, () => {
    canvas.restore(background, canvas.bounds);
  });
  let frame = index * 7;
  let box = { x: 0, y: 0, width: 0, height: 0 };
  const draw = (): void => {
    const before = box;
    canvas.paint(before, () => {
      canvas.restore(background, before);
    });
    frame += 1;
    const way = (frame * STEP_PX) % (2 * PATH_PX);
    const x = 200 + (way < PATH_PX ? way : 2 * PATH_PX - way);
    box = { x, y: PATH_TOP_PX + (index % 5) * 20, width: BOX_PX, height: BOX_PX };
    const colour = (index * 0x3b_57_91 + 0x80_40_20) & 0xff_ff_ff;
    canvas.paint(box, () => {
      canvas.fill(box, colour);
      canvas.text(box.x + 8, box.y + 40, `guest ${index}`, { dotPx: 2, colour: 0xff_ff_ff });
    });
    const bits = clockBits(clockNow());
    const clock = { x: 0, y: 0, width: CLOCK_CELL_PX * bits.length, height: CLOCK_CELL_PX };
    canvas.paint(clock, () => {
      for (const [at, bit] of bits.entries()) {
        canvas.fill({ ...clock, x: at * CLOCK_CELL_PX, width: CLOCK_CELL_PX }, bit ? 0xff_ff_ff : 0);
      }
    });
  };
  return { canvas, draw };
}

const ports: number[] = [];
for (let index = 0; index < count; index += 1) {
  const { canvas, draw } = createMovingScreen(index);
  draw();
  every(FRAME_MS, draw);
  const screen = { canvas, name: `moving-${index}`, tickMs: FRAME_MS, tick: () => undefined };
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    new ScreenServer(screen, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ports.push((server.address() as AddressInfo).port);
}
process.stdout.write(`${JSON.stringify(ports)}\n`);
