/**
 * Makes the recordings that unit tests replay, anew: `node e2e/lab/spice/make-recordings.ts [NAME…]` with the project's Node.
 * Each is a file in src/testing/spice/recordings, with the guest's own picture at its end beside it.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { ImageCompression as AskedCompression } from "../../../src/protocols/spice/display/client-messages.ts";
import { delay } from "../../../src/shared/lifecycle/timer.ts";
import { encodeRecording } from "../../../src/testing/spice/recording.ts";
import { startDesktopGuest } from "../desktop/desktop-guest.ts";
import {
  drawShapes,
  drawSmallPhotos,
  drawTransparent,
  playFrames,
  scrollAndMove,
  type Scene,
} from "../desktop/scenes.ts";
import { XClient } from "../desktop/x-client.ts";
import type { QemuGuest } from "../qemu-guest.ts";
import { SpiceRecorder } from "./recorder.ts";
import { IMAGE_COMPRESSIONS, startSpiceGuest, type SpiceOptions } from "./spice-guest.ts";

const FOLDER = "src/testing/spice/recordings";
/** 25 a second. */
const FRAME_MS = 40;
/** The server takes a moving picture for a stream after 20 frames, and sends its last one without loss two seconds after its end. */
const STREAM_FRAMES = 45;
const STREAM_END_MS = 3_500;
const KEY_MS = 60;
const SETTLE_MS = 500;
const QUIET_MS = 1_000;

interface Plan {
  readonly name: string;
  readonly title: string;
  readonly spice: Omit<SpiceOptions, "devices">;
  readonly asks?: AskedCompression;
  readonly scenes: readonly Scene[];
}

const ALL_SCENES = [drawShapes, drawSmallPhotos, scrollAndMove, drawTransparent];
const FEW_SCENES = [drawShapes, drawSmallPhotos];

const playMovie: Scene = async (x) => {
  const rect = { x: 80, y: 80, width: 160, height: 120 };
  await playFrames(x, { frames: STREAM_FRAMES, rect, pause: async () => await delay(FRAME_MS) });
  await delay(STREAM_END_MS);
};

const DESKTOP_PLANS: readonly Plan[] = [
  ...IMAGE_COMPRESSIONS.map((imageCompression): Plan => ({
    name: `desktop-${imageCompression.replace("_", "-")}`,
    title: "desktop scenes",
    spice: { imageCompression, streamingVideo: "off" },
    scenes: imageCompression === "off" ? FEW_SCENES : ALL_SCENES,
  })),
  {
    name: "desktop-lz4",
    title: "desktop scenes",
    spice: { imageCompression: "lz", streamingVideo: "off" },
    asks: "lz4",
    scenes: ALL_SCENES,
  },
  {
    name: "desktop-jpeg-wan",
    title: "desktop scenes",
    spice: { imageCompression: "auto_glz", jpegWan: "always", streamingVideo: "off" },
    scenes: FEW_SCENES,
  },
  {
    name: "desktop-zlib-glz-wan",
    title: "desktop scenes",
    spice: { imageCompression: "glz", zlibGlzWan: "always", streamingVideo: "off" },
    scenes: ALL_SCENES,
  },
  {
    name: "desktop-stream-mjpeg",
    title: "a moving picture",
    spice: { imageCompression: "auto_glz", streamingVideo: "all" },
    scenes: [playMovie],
  },
];

const BOOT_PLANS = IMAGE_COMPRESSIONS.map((imageCompression) => ({
  name: `boot-${imageCompression.replace("_", "-")}`,
  spice: { imageCompression } satisfies SpiceOptions,
}));

const asked = process.argv.slice(2);
const isWanted = (name: string): boolean => asked.length === 0 || asked.includes(name);
const server = spawnSync("qemu-system-x86_64", ["--version"], { encoding: "utf8" }).stdout.split("\n")[0] ?? "";
mkdirSync(FOLDER, { recursive: true });

for (const { name, spice } of BOOT_PLANS) {
  if (!isWanted(name)) continue;
  const guest = await startSpiceGuest({ name: "record-boot", vga: "qxl", spice });
  try {
    await guest.untilShell();
    const recorder = await SpiceRecorder.open({ port: guest.port ?? 0 });
    for (const key of ["h", "i"]) {
      await guest.execute("send-key", { keys: [{ type: "qcode", data: key }] });
      await delay(KEY_MS);
    }
    await delay(SETTLE_MS);
    // Its text cursor stops to blink.
    await guest.execute("stop");
    await write(name, "iPXE's shell", { guest, recorder, settings: spice });
  } finally {
    await guest.stop();
  }
}

for (const { name, title, spice, asks, scenes } of DESKTOP_PLANS) {
  if (!isWanted(name)) continue;
  const guest = await startDesktopGuest({ name: "record-desktop", spice });
  try {
    const recorder = await SpiceRecorder.open({
      port: guest.port ?? 0,
      ...(asks === undefined ? {} : { compression: asks }),
    });
    const x = await XClient.open(guest.xPort);
    for (const scene of scenes) await scene(x);
    await write(name, title, { guest, recorder, settings: { ...spice, ...(asks === undefined ? {} : { asks }) } });
    x.close();
  } finally {
    await guest.stop();
  }
}

interface Made {
  readonly guest: QemuGuest;
  readonly recorder: SpiceRecorder;
  readonly settings: object;
}

async function write(name: string, title: string, { guest, recorder, settings }: Made): Promise<void> {
  await recorder.untilQuiet(QUIET_MS);
  const picture = await guest.screendump();
  await recorder.untilQuiet();
  recorder.close();
  // Guests that drew the same have one file.
  const pictureName = `${createHash("sha256").update(picture).digest("hex").slice(0, 12)}.png`;
  const recording = recorder.recording({
    title,
    picture: pictureName,
    server,
    settings: settings as Record<string, string>,
    // IHDR's first two fields.
    width: picture.readUInt32BE(16),
    height: picture.readUInt32BE(20),
  });
  const file = gzipSync(encodeRecording(recording), { level: 9 });
  writeFileSync(join(FOLDER, `${name}.syrc.gz`), file);
  writeFileSync(join(FOLDER, pictureName), picture);
  console.log(`${name}: ${(file.length / 1024).toFixed(0)} KiB, picture ${(picture.length / 1024).toFixed(0)} KiB`);
}
