import { expect, test, type Page } from "@playwright/test";
import { startDesktopGuest, type DesktopGuest, type DesktopOptions } from "./lab/desktop/desktop-guest.ts";
import { drawPhotos, playFrames, SCENES } from "./lab/desktop/scenes.ts";
import { XClient } from "./lab/desktop/x-client.ts";
import { IMAGE_COMPRESSIONS } from "./lab/spice/spice-guest.ts";
import { startSwitchyard, type Switchyard } from "./lab/switchyard.ts";
import { AppPage } from "./pages/app-page.ts";
import { delay } from "../src/shared/lifecycle/timer.ts";

/** JPEG as the server makes it: no colour of a pixel is further away than this, but for two pixels in a thousand, at sharp edges. */
const JPEG_SHADES = 40;
const JPEG_EDGE_PIXELS = 1_572;
/** 25 frames a second. */
const FRAME_MS = 40;

let guest: DesktopGuest;
let switchyard: Switchyard;

test.beforeAll(() => {
  // The first of all builds the guest.
  test.setTimeout(600_000);
});

async function openDesktop(page: Page, options: Omit<DesktopOptions, "name">): Promise<AppPage> {
  guest = await startDesktopGuest({ name: "desktop", ...options });
  switchyard = await startSwitchyard({ args: ["--connect", `qmp+unix://${guest.qmpSocket}`] });
  const app = await AppPage.open(page, switchyard.address);
  await app.openConsole("desktop", "SPICE");
  await app.expectLive();
  return app;
}

test.afterEach(async () => {
  await switchyard.stop();
  await guest.stop();
});

async function drawAllScenes(check: () => Promise<void>): Promise<void> {
  const x = await XClient.open(guest.xPort);
  for (const [name, scene] of Object.entries(SCENES)) {
    await test.step(name, async () => {
      await scene(x);
      await check();
    });
  }
  x.close();
}

test.describe("a desktop over SPICE", () => {
  for (const imageCompression of IMAGE_COMPRESSIONS) {
    test(`is shown to the pixel after each scene, with image-compression=${imageCompression}`, async ({ page }) => {
      const app = await openDesktop(page, { spice: { imageCompression, streamingVideo: "off" } });
      await drawAllScenes(async () => await app.expectPictureOf(guest));
    });
  }

  test("is shown to the pixel with a virtio card", async ({ page }) => {
    const app = await openDesktop(page, { card: "virtio", spice: { streamingVideo: "off" } });
    await drawAllScenes(async () => await app.expectPictureOf(guest));
  });

  test("is shown to the pixel with zlib around GLZ", async ({ page }) => {
    const app = await openDesktop(page, {
      spice: { imageCompression: "glz", zlibGlzWan: "always", streamingVideo: "off" },
    });
    await drawAllScenes(async () => await app.expectPictureOf(guest));
  });

  test("is shown to the shade with JPEG", async ({ page }) => {
    const app = await openDesktop(page, { spice: { jpegWan: "always", streamingVideo: "off" } });
    await drawAllScenes(
      async () => await app.expectPictureOf(guest, { toleratedShades: JPEG_SHADES, toleratedPixels: JPEG_EDGE_PIXELS }),
    );
  });

  test("plays a moving picture as a stream, and is exact again when that has ended", async ({ page }) => {
    const app = await openDesktop(page, { spice: { streamingVideo: "all" } });
    const x = await XClient.open(guest.xPort);
    const playing = playFrames(x, {
      frames: 150,
      rect: { x: 100, y: 100, width: 320, height: 240 },
      pause: async () => await delay(FRAME_MS),
    });
    await app.expectMoving();
    await playing;
    await app.expectPictureOf(guest);
    await drawPhotos(x);
    await app.expectPictureOf(guest);
    x.close();
  });

  test("shows what its own programs draw: a terminal that scrolls, a clock, eyes", async ({ page }) => {
    const app = await openDesktop(page, {});
    const programs = [
      await guest.agent.start("xterm -geometry 90x30+20+20 -e sh -c 'ls -la /usr/bin; sleep 1000'"),
      await guest.agent.start("xclock -geometry 200x200+700+40 -update 1000"),
      await guest.agent.start(
        "xterm -fa 'DejaVu Sans Mono' -fs 11 -geometry 60x18+400+420 -e sh -c 'cat /etc/os-release; sleep 1000'",
      ),
    ];
    await expect.poll(async () => await guest.agent.run("xwininfo -root -tree | grep -c XTerm || true")).toContain("2");
    await app.expectPictureOf(guest);
    for (const program of programs) await program.stop();
    await app.expectPictureOf(guest);
  });
});
