import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError } from "../shared/errors/app-error.ts";
import { readableError } from "../shared/errors/error-text.ts";
import { openBrowserWindow } from "./browser-window/browser-window.ts";
import { HELP_TEXT, parseArguments, type ListOptions, type StartOptions } from "./cli/arguments.ts";
import { readConnectionFiles } from "./cli/connection-files.ts";
import { findElectron } from "./cli/electron-binary.ts";
import { formatFailures, formatListing, isComplete, makeListing } from "./cli/list.ts";
import { chooseWindow, findBrowser, type WindowChoice } from "./cli/window-choice.ts";
import { createHost, type Host, type HostOptions } from "./host.ts";
import { createLogger, fileSink } from "./log/log.ts";
import { defaultConfigFolder } from "./settings/folders.ts";

/** The entry without Electron: chooses the window, starts the host process, and opens a browser or prints the address. */

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

/** Runs the command line; resolves with the exit code. `projectFolder` is where package.json and dist/ are. */
export async function main(argv: readonly string[], projectFolder: string): Promise<number> {
  const invocation = parseArguments(argv);
  try {
    switch (invocation.command) {
      case "help":
        process.stdout.write(HELP_TEXT);
        return 0;
      case "version":
        process.stdout.write(`${versionOf(projectFolder)}\n`);
        return 0;
      case "wrong":
        say(`${invocation.reason} (see --help)`);
        return EXIT_WRONG_USE;
      case "list":
        return await list(invocation.options, projectFolder);
      case "start":
        return await start(invocation.options, argv, projectFolder);
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { text, act } = readableError(error);
    say(act === undefined ? text : `${text} ${act}`);
    return ["URI_INVALID", "CONNECTION_FILE_INVALID"].includes(error.code) ? EXIT_WRONG_USE : EXIT_FAILED;
  }
}

async function start(options: StartOptions, argv: readonly string[], projectFolder: string): Promise<number> {
  const choice = chooseWindow(options, {
    platform: process.platform,
    env: process.env,
    electron: () =>
      findElectron({
        packageFolder: join(projectFolder, "node_modules", "electron"),
        failureFile: join(projectFolder, "node_modules", ".cache", "switchyard", "electron-fetch-failed"),
        announce: say,
      }),
    browser: () => findBrowser(process.platform, process.env),
  });
  say(sentenceOf(choice));
  if (choice.kind === "electron") return await runElectron(choice.binary, argv, projectFolder);

  const folder = configFolderOf(options.configFolder);
  const connectionFiles = await readConnectionFiles(options.connectionFiles);
  const host = await createHost({
    ...hostOptionsOf(options, projectFolder, folder),
    connectConfigs: connectionFiles.configs,
    openUris: options.openUris,
    pageFolder: join(projectFolder, "dist", "renderer"),
    port: options.port,
    window: choice.kind === "browser" ? "browser-app" : "served",
    isKiosk: options.isKiosk,
    isOnlyConnectUris: false,
    openNames: options.openNames,
  });
  const stopped = stopSignal();
  try {
    await connectionFiles.discard(say);
    const { gateway } = host;
    if (gateway === undefined) throw new AppError("BUG", "started without a gateway");
    if (choice.kind === "served") {
      process.stdout.write(`Switchyard is at ${gateway.address}\n`);
      await stopped;
      return 0;
    }
    const window = await openBrowserWindow({
      binary: choice.binary,
      address: gateway.address,
      profileFolder: join(folder, "browser-profile"),
      isKiosk: options.isKiosk,
      isRoot: process.getuid?.() === 0,
    });
    await Promise.race([window.closed, stopped]);
    window.dispose();
    return 0;
  } finally {
    host.dispose();
  }
}

async function list(options: ListOptions, projectFolder: string): Promise<number> {
  const host = await createHost({
    ...hostOptionsOf(options, projectFolder, configFolderOf(options.configFolder)),
    connectConfigs: (await readConnectionFiles(options.connectionFiles)).configs,
    openUris: [],
    port: 0,
    window: "served",
    isKiosk: false,
    isOnlyConnectUris: options.connectUris.length + options.connectionFiles.length > 0,
    openNames: [],
  });
  try {
    const listing = await makeListing(host);
    process.stdout.write(options.isJson ? `${JSON.stringify(listing, undefined, 2)}\n` : formatListing(listing));
    process.stderr.write(formatFailures(listing));
    return isComplete(listing) ? 0 : EXIT_FAILED;
  } finally {
    host.dispose();
  }
}

function hostOptionsOf(
  options: { readonly connectUris: readonly string[]; readonly isDemo: boolean },
  projectFolder: string,
  configFolder: string,
): Pick<HostOptions, "configFolder" | "connectUris" | "isDemo" | "version" | "log"> {
  const level = process.env.SWITCHYARD_LOG === "debug" ? "debug" : "info";
  return {
    configFolder,
    connectUris: options.connectUris,
    isDemo: options.isDemo,
    version: versionOf(projectFolder),
    log: createLogger({ level, sink: fileSink(join(configFolder, "switchyard.log")) }),
  };
}

/** Electron runs the same program from dist/main/index.js, with the same options. */
async function runElectron(binary: string, argv: readonly string[], projectFolder: string): Promise<number> {
  const child = spawn(binary, [projectFolder, ...argv.filter((word) => word !== "start")], { stdio: "inherit" });
  return await new Promise((resolveCode, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      resolveCode(code ?? EXIT_FAILED);
    });
  });
}

function sentenceOf(choice: WindowChoice): string {
  if (choice.kind === "electron") return `Switchyard opens in Electron: ${choice.why}.`;
  if (choice.kind === "browser") return `Switchyard opens in an app window of ${choice.binary}: ${choice.why}.`;
  return `Switchyard serves its page on this machine: ${choice.why}.`;
}

function configFolderOf(given: string | undefined): string {
  return given === undefined ? defaultConfigFolder(process.platform, process.env) : resolve(given);
}

function versionOf(projectFolder: string): string {
  return (JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as { version: string }).version;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function stopSignal(): Promise<void> {
  return new Promise((resolveStop) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolveStop());
  });
}

export type { Host };
