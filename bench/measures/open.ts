import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../e2e/lab/free-port.ts";
import { startProcess } from "../../e2e/lab/child-process.ts";
import { startQemu } from "../../e2e/lab/qemu-guest.ts";
import { startSwitchyard } from "../../e2e/lab/switchyard.ts";
import { AppPage } from "../../e2e/pages/app-page.ts";
import { delay } from "../../src/shared/lifecycle/timer.ts";
import { type Findings } from "../findings.ts";
import { BOOT_COLOUR, writeBootDisk } from "../lab/boot-disk.ts";
import { startBrowser } from "../lab/browser.ts";
import { startVirtualScreen, type VirtualScreen } from "../lab/virtual-screen.ts";
import { sampleOf } from "../statistics.ts";

const ROUNDS = 9;
const WARM_UP_ROUNDS = 1;
/** A viewer's window at the guest's own size covers a third of the screen, and a frame may lie over a part of it. */
const SHOWN_SHARE = 0.15;
const GONE_SHARE = 0.01;
const TIMEOUT_MS = 30_000;
/** A server may take a moment to be done with the viewer before. */
const PAUSE_MS = 500;

const GOAL_RATIO = 0.5;
const GUEST = "bench-open";

type Viewer = "ours" | "vncviewer" | "remote-viewer";
const VIEWERS: readonly Viewer[] = ["ours", "vncviewer", "remote-viewer"];

export async function measureOpen(findings: Findings): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-boot-"));
  const disk = join(folder, "boot.img");
  writeBootDisk(disk);
  const port = await freePort();
  const guest = await startQemu({
    name: GUEST,
    hasNetwork: false,
    vnc: `127.0.0.1:${port - 5900}`,
    args: ["-drive", `file=${disk},format=raw,if=floppy`, "-boot", "a"],
  });
  const screen = await startVirtualScreen();
  const switchyard = await startSwitchyard({
    settings: { addressBook: [{ id: GUEST, name: GUEST, uri: `vnc://127.0.0.1:${port}` }] },
  });
  const browser = await startBrowser({ display: screen.display });
  try {
    const page = await browser.newPage();
    const app = await AppPage.open(page, switchyard.address);
    await app.guest(GUEST).waitFor();
    const times: Record<Viewer, number[]> = { ours: [], vncviewer: [], "remote-viewer": [] };
    const openWith = async (viewer: Viewer): Promise<number> => {
      if (viewer === "ours") return await openInPage(app, screen);
      const peer = viewer === "vncviewer" ? [`127.0.0.1::${port}`] : [`vnc://127.0.0.1:${port}`];
      return await openInViewer(viewer, peer, screen);
    };
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      for (const viewer of VIEWERS) {
        const ms = await openWith(viewer);
        if (round >= WARM_UP_ROUNDS) times[viewer].push(ms);
        await delay(PAUSE_MS);
      }
    }
    findings.measured("open/remote-viewer", sampleOf(times.ours), {
      what: "click to first picture of a QEMU guest",
      unit: "ms",
      peer: { name: "remote-viewer, from its start", value: sampleOf(times["remote-viewer"]) },
      goal: { text: "under half of remote-viewer's", maxRatio: GOAL_RATIO },
      compare: "ratio",
    });
    findings.measured("open/vncviewer", sampleOf(times.ours), {
      what: "click to first picture of a QEMU guest",
      unit: "ms",
      peer: { name: "TigerVNC's viewer, from its start", value: sampleOf(times.vncviewer) },
      compare: "ratio",
    });
  } finally {
    await browser.stop();
    await switchyard.stop();
    await screen.stop();
    await guest.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From the click's own time stamp to the guest's picture on the X server's screen. */
async function openInPage(app: AppPage, screen: VirtualScreen): Promise<number> {
  const { page } = app;
  const clickedMs = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const handleClick = (event: MouseEvent): void => {
          resolve(performance.timeOrigin + event.timeStamp);
        };
        window.addEventListener("click", handleClick, { capture: true, once: true });
      }),
  );
  const shownMs = screen.untilShare(BOOT_COLOUR, { above: SHOWN_SHARE }, TIMEOUT_MS);
  await app.guest(GUEST).click();
  const tookMs = (await shownMs) - (await clickedMs);
  await app.tab(GUEST).click({ button: "middle" });
  await screen.untilShare(BOOT_COLOUR, { below: GONE_SHARE }, TIMEOUT_MS);
  return tookMs;
}

async function openInViewer(command: string, args: readonly string[], screen: VirtualScreen): Promise<number> {
  const startedMs = performance.timeOrigin + performance.now();
  const viewer = startProcess(command, args, { env: { DISPLAY: screen.display } });
  try {
    return (await screen.untilShare(BOOT_COLOUR, { above: SHOWN_SHARE }, TIMEOUT_MS)) - startedMs;
  } catch (error) {
    throw new Error(`${command}: ${(error as Error).message}; it says: ${viewer.output().slice(-300)}`, {
      cause: error,
    });
  } finally {
    await viewer.stop("SIGKILL");
    await screen.untilShare(BOOT_COLOUR, { below: GONE_SHARE }, TIMEOUT_MS);
  }
}
