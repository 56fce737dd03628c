import { chromium, type Browser, type Page } from "playwright";
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
