import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Page } from "playwright";
import { startLibvirt } from "../../e2e/lab/libvirt.ts";
import { startSwitchyard } from "../../e2e/lab/switchyard.ts";
import { AppPage } from "../../e2e/pages/app-page.ts";
import { type Findings } from "../findings.ts";
import { startBrowser } from "../lab/browser.ts";
import { framesDuring, installTypingEye, typeAndWatch } from "../lab/typing-eye.ts";
import { percentile, sampleOf, type Sample } from "../statistics.ts";

const DOMAINS = 1_000;
const LIST_ROUNDS = 5;
const GOAL_LIST_MS = 1_000;

const ENTRIES = 10_000;
const GROUPS = 100;
const TYPING_ROUNDS = 4;
/** Narrows the list with each letter, and is in one name. */
const SOUGHT = "guest-7341";
const SCROLL_MS = 3_000;

export async function measureDiscovery(findings: Findings): Promise<void> {
  await findings.attempt("discovery/domains", async () => {
    await measureDomains(findings);
  });
  await findings.attempt("discovery/tree", async () => {
    await measureTree(findings);
  });
}

// --- a thousand domains of a real libvirtd

async function measureDomains(findings: Findings): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-domains-"));
  const libvirt = await startLibvirt();
  const deadHost = await startDeadHost();
  const browser = await startBrowser();
  try {
    const uri = writeTestDriver(folder, DOMAINS);
    const runs = { alone: [] as number[], withDead: [] as number[], virsh: [] as number[] };
    for (let round = 0; round <= LIST_ROUNDS; round += 1) {
      const alone = await timeInPage(browser.newPage(), uri, []);
      const withDead = await timeInPage(browser.newPage(), uri, [deadHost.uri]);
      const virsh = timeOfVirsh(uri);
      // The first is the warm-up.
      if (round === 0) continue;
      runs.alone.push(alone);
      runs.withDead.push(withDead);
      runs.virsh.push(virsh);
    }
    findings.measured("discovery/domains", sampleOf(runs.alone), {
      what: `host added to ${DOMAINS} libvirt domains in the tree`,
      unit: "ms",
      peer: { name: "virsh list --all, names only", value: sampleOf(runs.virsh) },
      goal: { text: "within a second", maxValue: GOAL_LIST_MS },
    });
    findings.measured("discovery/dead-host", sampleOf(runs.withDead), {
      what: "the same with a host beside it that never answers",
      unit: "ms",
      peer: { name: "without it", value: sampleOf(runs.alone) },
      goal: { text: "delays nothing (x1.2 is noise)", maxRatio: 1.2 },
    });
  } finally {
    await browser.stop();
    deadHost.stop();
    await libvirt.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeTestDriver(folder: string, count: number): string {
  const domains = Array.from(
    { length: count },
    (_, index) => `<domain type="test"><name>domain-${String(index).padStart(4, "0")}</name>
      <memory unit="MiB">8</memory><os><type>hvm</type></os>
      <devices><graphics type="vnc" port="${5900 + index}"/><serial type="pty"/></devices></domain>`,
  );
  const file = join(folder, "node.xml");
  writeFileSync(file, `<node>${domains.join("\n")}</node>`);
  return `test+unix://${file}`;
}

/** Adds the host through the API of a page that is open, and waits until the last of its guests is in the page. */
async function timeInPage(opening: Promise<Page>, uri: string, others: readonly string[]): Promise<number> {
  const page = await opening;
  // Another host of the same daemon first: a login of its own must not count, as nothing of it is ours.
  const switchyard = await startSwitchyard({ args: others.flatMap((other) => ["--connect", other]) });
  try {
    await page.goto(switchyard.address);
    await page
      .getByRole("button", { name: "Add", exact: true })
      .or(page.getByRole("button", { name: "Add a host" }))
      .first()
      .waitFor();
    return await page.evaluate(async (hostUri) => {
      const api = new WebSocket(`ws://${location.host}/api`);
      await new Promise((opened) => {
        api.onopen = opened;
      });
      const isWhole = (): boolean => {
        const host = [...document.querySelectorAll('[role="treeitem"][data-row-kind="host"]')].find((row) =>
          row.textContent.includes("1000"),
        );
        return host !== undefined && document.querySelector('[role="treeitem"][aria-setsize="1000"]') !== null;
      };
      const startedMs = performance.now();
      api.send(JSON.stringify({ type: "request", id: 1, method: "hosts.add", params: { uri: hostUri } }));
      return await new Promise<number>((done) => {
        const look = (): void => {
          if (isWhole()) {
            requestAnimationFrame((frameMs) => {
              api.close();
              done(frameMs - startedMs);
            });
          } else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
    }, uri);
  } finally {
    await page.context().close();
    await switchyard.stop();
  }
}

function timeOfVirsh(uri: string): number {
  const startedMs = performance.now();
  const { status, stdout } = spawnSync("virsh", ["-c", uri, "list", "--all", "--name"], { encoding: "utf8" });
  const tookMs = performance.now() - startedMs;
  if (status !== 0 || !stdout.includes(`domain-0999`)) throw new Error("virsh did not list the domains");
  return tookMs;
}

/** Accepts and never answers, as a host whose machine hangs. */
async function startDeadHost(): Promise<{ uri: string; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    uri: `qemu+tcp://127.0.0.1:${(server.address() as AddressInfo).port}/system`,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

// --- ten thousand guests in the tree and the palette

async function measureTree(findings: Findings): Promise<void> {
  const addressBook = Array.from({ length: ENTRIES }, (_, index) => ({
    id: `entry-${index}`,
    name: `guest-${String(index).padStart(4, "0")}`,
    uri: `vnc://127.0.0.1:${1 + (index % 1000)}`,
    group: `group-${index % GROUPS}`,
  }));
  const switchyard = await startSwitchyard({ settings: { addressBook } });
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await installTypingEye(page);
    const app = await AppPage.open(page, switchyard.address);
    await app.page.locator('[role="treeitem"]').first().waitFor();

    const filter = page.getByRole("textbox", { name: "Find a guest" });
    const filtering: number[] = [];
    for (let round = 0; round <= TYPING_ROUNDS; round += 1) {
      await filter.click();
      const times = await typeAndWatch(page, SOUGHT, '[role="tree"]');
      if (round > 0) filtering.push(...times);
      await page.keyboard.press("Escape");
    }
    reportTyping(findings, "discovery/filter", "key in the tree's filter to painted", filtering);

    const tree = page.locator(".inventory-scroll");
    const box = await tree.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 60, (box?.y ?? 0) + 200);
    const idle = await framesDuring(page, SCROLL_MS, () => Promise.resolve());
    const scrolling = await framesDuring(page, SCROLL_MS, async (isOver) => {
      while (!isOver()) await page.mouse.wheel(0, 300);
    });
    const percentOf = (frames: { dropped: number; shown: number }): Sample => ({
      median: (frames.dropped / (frames.dropped + frames.shown)) * 100,
      spread: 0,
      runs: 1,
    });
    findings.measured("discovery/scroll", percentOf(scrolling), {
      what: `frames dropped while a tree of ${ENTRIES} scrolls`,
      unit: "%",
      peer: { name: "the same page at rest", value: percentOf(idle) },
      goal: { text: "none", maxValue: Math.max(1, percentOf(idle).median) },
    });

    const palette: number[] = [];
    for (let round = 0; round <= TYPING_ROUNDS; round += 1) {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Jump to a guest" }).waitFor();
      const times = await typeAndWatch(page, SOUGHT, '[role="listbox"]');
      if (round > 0) palette.push(...times);
      await page.keyboard.press("Escape");
      await page.getByRole("combobox", { name: "Jump to a guest" }).waitFor({ state: "detached" });
    }
    reportTyping(findings, "discovery/palette", "key in the palette to painted", palette);
  } finally {
    await browser.stop();
    await switchyard.stop();
  }
}

function reportTyping(findings: Findings, id: string, what: string, times: readonly number[]): void {
  findings.measured(id, sampleOf(times), { what: `${what}, ${ENTRIES} guests, median`, unit: "ms" });
  const goal = 50;
  findings.measured(
    `${id}-p95`,
    { ...sampleOf(times), median: percentile(times, 95) },
    {
      what: `${what}, ${ENTRIES} guests, p95`,
      unit: "ms",
      goal: { text: `at most ${goal} ms (three frames)`, maxValue: goal },
    },
  );
}
