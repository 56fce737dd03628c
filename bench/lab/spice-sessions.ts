import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { labCacheFolder } from "../../e2e/lab/desktop/desktop-image.ts";
import { startDesktopGuest } from "../../e2e/lab/desktop/desktop-guest.ts";
import { photo, SCENES } from "../../e2e/lab/desktop/scenes.ts";
import { XClient } from "../../e2e/lab/desktop/x-client.ts";
import { SpiceRecorder } from "../../e2e/lab/spice/recorder.ts";
import { type SpiceOptions } from "../../e2e/lab/spice/spice-guest.ts";
import { type ImageCompression } from "../../src/protocols/spice/display/client-messages.ts";
import { encodeRecording } from "../../src/testing/spice/recording.ts";

/** Sessions of a desktop at 1920x1080, one for each codec; recorded once on a machine, because they are too large to keep. */
export const BENCH_SESSIONS: Readonly<
  Record<string, { spice: Omit<SpiceOptions, "devices">; asks?: ImageCompression }>
> = {
  off: { spice: { imageCompression: "off" } },
  lz: { spice: { imageCompression: "lz" } },
  quic: { spice: { imageCompression: "quic" } },
  "auto-lz": { spice: { imageCompression: "auto_lz" } },
  glz: { spice: { imageCompression: "glz" } },
  lz4: { spice: { imageCompression: "lz" }, asks: "lz4" },
  "zlib-glz": { spice: { imageCompression: "glz", zlibGlzWan: "always" } },
  jpeg: { spice: { imageCompression: "auto_lz", jpegWan: "always" } },
};

const ROUNDS = 3;
const PHOTOS = 6;
const SIZE = { width: 1920, height: 1080 };

/** The recording's file. */
export async function ensureBenchSession(name: string): Promise<string> {
  const plan = BENCH_SESSIONS[name];
  if (plan === undefined) throw new Error(`no session is called ${name}`);
  const recipe = createHash("sha256").update(readFileSync("e2e/lab/desktop/scenes.ts"));
  recipe.update(readFileSync("bench/lab/spice-sessions.ts"));
  const folder = join(labCacheFolder(), "sessions");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}-${recipe.digest("hex").slice(0, 12)}.syrc.gz`);
  if (existsSync(file)) return file;
  const guest = await startDesktopGuest({ name: "bench-record", spice: { ...plan.spice, streamingVideo: "off" } });
  try {
    await guest.agent.run(`xrandr --output Virtual-1 --mode ${SIZE.width}x${SIZE.height}`);
    const recorder = await SpiceRecorder.open({
      port: guest.port ?? 0,
      ...(plan.asks === undefined ? {} : { compression: plan.asks }),
    });
    const x = await XClient.open(guest.xPort);
    const window = x.createWindow({ x: 0, y: 0, ...SIZE }, 0x404448);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const scene of Object.values(SCENES)) await scene(x);
    }
    const gc = x.createGc(window);
    for (let index = 0; index < PHOTOS; index += 1) {
      x.putImage(window, gc, photo(800, 500, { phase: index }), [1024 + index * 12, index * 40]);
      await x.sync();
    }
    await recorder.untilQuiet();
    recorder.close();
    x.close();
    const facts = { title: "bench", picture: "", server: "", settings: {}, ...SIZE };
    writeFileSync(`${file}.part`, gzipSync(encodeRecording(recorder.recording(facts)), { level: 1 }));
    renameSync(`${file}.part`, file);
  } finally {
    await guest.stop();
  }
  return file;
}
