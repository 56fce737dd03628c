/** Renders the icons in assets/ from their SVGs with an installed Chromium: `node scripts/make-icons.ts`. The results are committed. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright";

const ASSETS = join(import.meta.dirname, "..", "assets");
const APP_SIZES_PX = [16, 24, 32, 48, 64, 128, 256, 512, 1024];

const outputs = [
  ...APP_SIZES_PX.map((sizePx) => ({ svg: "icon.svg", png: `icons/${sizePx}x${sizePx}.png`, sizePx })),
  { svg: "icon.svg", png: "icon.png", sizePx: 1024 },
  { svg: "tray.svg", png: "tray.png", sizePx: 22 },
  { svg: "tray.svg", png: "tray@2x.png", sizePx: 44 },
  { svg: "tray-template.svg", png: "trayTemplate.png", sizePx: 18 },
  { svg: "tray-template.svg", png: "trayTemplate@2x.png", sizePx: 36 },
];

await mkdir(join(ASSETS, "icons"), { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
try {
  for (const { svg, png, sizePx } of outputs) {
    const page = await browser.newPage({ viewport: { width: sizePx, height: sizePx } });
    const source = Buffer.from(await readFile(join(ASSETS, svg))).toString("base64");
    await page.setContent(
      `<style>*{margin:0}img{display:block;width:${sizePx}px;height:${sizePx}px}</style><img src="data:image/svg+xml;base64,${source}">`,
      { waitUntil: "load" },
    );
    await writeFile(join(ASSETS, png), await page.screenshot({ omitBackground: true }));
    await page.close();
    console.log(png);
  }
} finally {
  await browser.close();
}
