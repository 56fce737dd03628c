import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Which of the three windows, and why: the one line that a start says. */
export type WindowChoice =
  | { readonly kind: "electron"; readonly binary: string; readonly why: string }
  | { readonly kind: "browser"; readonly binary: string; readonly why: string }
  | { readonly kind: "served"; readonly why: string };

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** Electron's binary, or why there is none. */
  readonly electron: () => { readonly binary: string } | { readonly missing: string };
  readonly browser: () => string | undefined;
}

export function chooseWindow(options: { isWeb: boolean }, surroundings: Surroundings): WindowChoice {
  if (options.isWeb) return { kind: "served", why: "--web was given" };
  if (!hasDisplay(surroundings))
    return { kind: "served", why: "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)" };
  const electron = surroundings.electron();
  if ("binary" in electron) return { kind: "electron", binary: electron.binary, why: "Electron is installed" };
  const browser = surroundings.browser();
  if (browser !== undefined) return { kind: "browser", binary: browser, why: electron.missing };
  return { kind: "served", why: `${electron.missing}, and no Chromium, Chrome or Edge is installed` };
}

function hasDisplay({ platform, env }: Surroundings): boolean {
  if (platform !== "linux") return true;
  return (env.DISPLAY ?? "") !== "" || (env.WAYLAND_DISPLAY ?? "") !== "";
}

const LINUX_BROWSERS = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "microsoft-edge-stable",
  "microsoft-edge",
  "brave-browser",
];

const MAC_BROWSERS = ["Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser"].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

const WINDOWS_BROWSERS = [
  "Google\\Chrome\\Application\\chrome.exe",
  "Microsoft\\Edge\\Application\\msedge.exe",
  "Chromium\\Application\\chrome.exe",
];

/** An installed browser of the Chromium family. */
export function findBrowser(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string | undefined {
  if (platform === "darwin") return MAC_BROWSERS.find(isExecutable);
  if (platform === "win32") {
    const bases = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter((base) => base !== undefined);
    return bases.flatMap((base) => WINDOWS_BROWSERS.map((name) => join(base, name))).find(existsSync);
  }
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return LINUX_BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
