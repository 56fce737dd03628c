import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright";
import { startProcess, until } from "../../e2e/lab/child-process.ts";
import { AppPage } from "../../e2e/pages/app-page.ts";

const CHROMIUM = process.env.SWITCHYARD_CHROMIUM ?? "/usr/bin/chromium";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface BenchBrowser {
  readonly pid: number;
  readonly browser: Browser;
  newPage(): Promise<Page>;
  stop(): Promise<void>;
}

/** A real Chromium with an empty profile; on an X server when `display` is given, else without a window. */
export async function startBrowser(options: { display?: string } = {}): Promise<BenchBrowser> {
  const isHeadless = options.display === undefined;
  const server = await chromium.launchServer({
    executablePath: CHROMIUM,
    headless: isHeadless,
    args: isHeadless ? FLAGS : [...FLAGS, "--window-position=0,0", "--window-size=1280,900"],
    ...(isHeadless ? {} : { env: { ...process.env, DISPLAY: options.display } }),
  });
  const browser = await chromium.connect(server.wsEndpoint());
  return {
    pid: server.process().pid ?? -1,
    browser,
    newPage: async () => await browser.newPage({ viewport: { width: 1280, height: 800 } }),
    async stop() {
      await browser.close();
      await server.close();
    },
  };
}

/** A browser that can be left alone. */
export interface QuietBrowser {
  readonly pid: number;
  /** Does something with its one page, and lets go of it: from then on nobody debugs it. */
  visit(act: (page: Page) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * For measuring what a page costs. While Playwright holds a page, Chromium copies each WebSocket message to it, as text through
 * a pipe (CDP's Network domain, which Playwright always enables): with 50 consoles that is more than the consoles themselves.
 */
export async function startQuietBrowser(): Promise<QuietBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
  const child = startProcess(CHROMIUM, [
    ...FLAGS,
    "--headless=new",
    "--window-size=1280,900",
    `--user-data-dir=${profile}`,
    "--remote-debugging-port=0",
    "about:blank",
  ]);
  const port = await until("the browser can be debugged", () => {
    try {
      return readFileSync(join(profile, "DevToolsActivePort"), "utf8").split("\n")[0];
    } catch {
      return undefined;
    }
  });
  return {
    pid: child.pid,
    async visit(act) {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
      try {
        const page = browser.contexts()[0]?.pages()[0];
        if (page === undefined) throw new Error("the browser has no page");
        await act(page);
      } finally {
        await browser.close();
      }
    },
    async stop() {
      await child.stop();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Opens the program's page and waits until `count` consoles are open and the shown one is live. */
export async function openWithConsoles(page: Page, address: string, count: number): Promise<AppPage> {
  const app = await AppPage.open(page, address);
  await page.waitForFunction(
    (wanted) => document.querySelectorAll('[data-testid="guest-screen"]').length === wanted,
    count,
    { timeout: 120_000 },
  );
  await page.waitForFunction(() => document.querySelector("footer")?.textContent.includes("live") === true, undefined, {
    timeout: 60_000,
  });
  return app;
}
