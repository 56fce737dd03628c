import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../e2e/lab/free-port.ts";
import { startProcess } from "../../e2e/lab/child-process.ts";
import { startSpiceGuest } from "../../e2e/lab/spice/spice-guest.ts";
import { startSwitchyard } from "../../e2e/lab/switchyard.ts";
import { AppPage } from "../../e2e/pages/app-page.ts";
import { delay } from "../../src/shared/lifecycle/timer.ts";
import { type Findings } from "../findings.ts";
import { BOOT_COLOUR, writeBootDisk } from "../lab/boot-disk.ts";
import { startBrowser } from "../lab/browser.ts";
import { startVirtualScreen, type VirtualScreen } from "../lab/virtual-screen.ts";
import { sampleOf, type Sample } from "../statistics.ts";

const ROUNDS = 9;
const WARM_UP_ROUNDS = 1;
/** A viewer's window at the guest's own size covers a third of the screen, and a frame may lie over a part of it. */
const SHOWN_SHARE = 0.15;
const GONE_SHARE = 0.01;
const TIMEOUT_MS = 30_000;
/** A server may take a moment to be done with the viewer before. */
const PAUSE_MS = 500;

const GOAL_RATIO = 0.5;

/** One guest, opened in each of these ways in turn. */
const WAYS = ["ours, VNC", "vncviewer", "remote-viewer, VNC", "ours, SPICE", "remote-viewer, SPICE"] as const;
type Way = (typeof WAYS)[number];
const OUR_NAMES: Readonly<Partial<Record<Way, string>>> = { "ours, VNC": "bench-vnc", "ours, SPICE": "bench-spice" };

export async function measureOpen(findings: Findings): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-boot-"));
  const disk = join(folder, "boot.img");
  writeBootDisk(disk);
  const port = await freePort();
  const guest = await startSpiceGuest({
    name: "bench-open",
    spice: {},
    hasNetwork: false,
    vnc: `127.0.0.1:${port - 5900}`,
    args: ["-drive", `file=${disk},format=raw,if=floppy`, "-boot", "a"],
  });
  const screen = await startVirtualScreen();
  const switchyard = await startSwitchyard({
    settings: {
      addressBook: [
        { id: "vnc", name: "bench-vnc", uri: `vnc://127.0.0.1:${port}` },
        { id: "spice", name: "bench-spice", uri: guest.address },
      ],
    },
  });
  const browser = await startBrowser({ display: screen.display });
  try {
    const page = await browser.newPage();
    const app = await AppPage.open(page, switchyard.address);
    await app.guest("bench-spice").waitFor();
    const timesByWay = new Map<Way, number[]>(WAYS.map((way) => [way, []]));
    const openIn = async (way: Way): Promise<number> => {
      const ourName = OUR_NAMES[way];
      if (ourName !== undefined) return await openInPage(app, ourName, screen);
      if (way === "vncviewer") return await openInViewer(way, [`127.0.0.1::${port}`], screen);
      const address = way === "remote-viewer, VNC" ? `vnc://127.0.0.1:${port}` : guest.address;
      return await openInViewer("remote-viewer", [address], screen);
    };
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      for (const way of WAYS) {
        const ms = await openIn(way);
        if (round >= WARM_UP_ROUNDS) timesByWay.get(way)?.push(ms);
        await delay(PAUSE_MS);
      }
    }
    const sampleFor = (way: Way): Sample => sampleOf(timesByWay.get(way) ?? []);
    findings.measured("open/remote-viewer", sampleFor("ours, VNC"), {
      what: "click to first picture of a QEMU guest",
      unit: "ms",
      peer: { name: "remote-viewer, from its start", value: sampleFor("remote-viewer, VNC") },
      goal: { text: "under half of remote-viewer's", maxRatio: GOAL_RATIO },
      compare: "ratio",
    });
    findings.measured("open/vncviewer", sampleFor("ours, VNC"), {
      what: "click to first picture of a QEMU guest",
      unit: "ms",
      peer: { name: "TigerVNC's viewer, from its start", value: sampleFor("vncviewer") },
      compare: "ratio",
    });
    findings.measured("open/spice", sampleFor("ours, SPICE"), {
      what: "click to first picture of a QEMU guest over SPICE",
      unit: "ms",
      peer: { name: "remote-viewer over SPICE, from its start", value: sampleFor("remote-viewer, SPICE") },
      goal: { text: "under half of remote-viewer's", maxRatio: GOAL_RATIO },
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
async function openInPage(app: AppPage, name: string, screen: VirtualScreen): Promise<number> {
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
  await app.guest(name).click();
  const tookMs = (await shownMs) - (await clickedMs);
  await app.tab(name).click({ button: "middle" });
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
