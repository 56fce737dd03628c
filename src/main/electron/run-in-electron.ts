import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError } from "../../shared/errors/app-error.ts";
import { readableError } from "../../shared/errors/error-text.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { HELP_TEXT, isConnectionFilePath, parseArguments, type StartOptions } from "../cli/arguments.ts";
import { readConnectionFiles } from "../cli/connection-files.ts";
import { createHost, type Host } from "../host.ts";
import { createLogger, fileSink } from "../log/log.ts";
import type { Logger } from "../providers/provider.ts";
import { defaultConfigFolder } from "../settings/folders.ts";
import { JsonFile } from "../settings/json-file.ts";
import { ownArguments } from "./command-line.ts";
import { createElectronFacade, electronProgram } from "./electron-facade.ts";
import { becomeFirstInstance, startElectronShell } from "./shell.ts";
import { WindowState } from "./window-state.ts";

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

/** The program under Electron: the host process in Electron's main process, and a window on it. */
export async function runInElectron(argv: readonly string[]): Promise<void> {
  const { isPackaged, exit, version } = electronProgram;
  const invocation = parseArguments(ownArguments(argv, { isPackaged }));
  switch (invocation.command) {
    case "help":
      process.stdout.write(HELP_TEXT);
      exit(0);
      return;
    case "version":
      process.stdout.write(`${version}\n`);
      exit(0);
      return;
    case "list":
      process.stderr.write("list needs no window: npx switchyard list\n");
      exit(EXIT_WRONG_USE);
      return;
    case "wrong":
      process.stderr.write(`${invocation.reason} (see --help)\n`);
      exit(EXIT_WRONG_USE);
      return;
    case "start":
      break;
  }
  try {
    await start(invocation.options);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { text, act } = readableError(error);
    process.stderr.write(`${act === undefined ? text : `${text} ${act}`}\n`);
    exit(["URI_INVALID", "CONNECTION_FILE_INVALID"].includes(error.code) ? EXIT_WRONG_USE : EXIT_FAILED);
  }
}

async function start(options: StartOptions): Promise<void> {
  const { projectFolder, version, onWillQuit } = electronProgram;
  const configFolder =
    options.configFolder === undefined
      ? defaultConfigFolder(process.platform, process.env)
      : resolve(options.configFolder);
  const electron = createElectronFacade({
    preload: join(projectFolder, "dist", "preload", "index.cjs"),
    assets: join(projectFolder, "assets"),
    userData: join(configFolder, "electron"),
  });
  const paths = options.connectionFiles.map((path) => resolve(path));
  if (!becomeFirstInstance(electron, { openNames: options.openNames, consoles: [...options.openUris, ...paths] })) {
    electron.quit();
    return;
  }
  const log = createLogger({ level: "info", sink: fileSink(join(configFolder, "switchyard.log")) });
  const pageFolder = join(projectFolder, "dist", "renderer");
  if (!existsSync(pageFolder)) throw new AppError("BUG", "the page is not built");
  const connectionFiles = await readConnectionFiles(options.connectionFiles);
  const host = await createHost({
    configFolder,
    pageFolder,
    port: options.port,
    window: "electron",
    isKiosk: options.isKiosk,
    isDemo: options.isDemo,
    connectUris: options.connectUris,
    connectConfigs: connectionFiles.configs,
    openUris: options.openUris,
    isOnlyConnectUris: false,
    openNames: options.openNames,
    version,
    log,
  });
  onWillQuit(() => host.dispose());
  await connectionFiles.discard((line) => process.stderr.write(`${line}\n`));
  const { gateway, inventory } = host;
  if (gateway === undefined) throw new AppError("BUG", "started without a gateway");
  const stateFile = new JsonFile({ path: join(configFolder, "window.json"), schema: WindowState });
  let windowState: WindowState = (await stateFile.load()).value;
  await startElectronShell(electron, {
    address: gateway.address,
    guests: () => inventory.guests,
    onGuestsChange: (listener) => inventory.onChange(() => listener()),
    showGuest: (guestId) => host.showGuest(guestId),
    openConsoles: (words) => drop(openConsoles(host, words, log)),
    loadWindowState: () => windowState,
    saveWindowState: (state) => {
      windowState = state;
      drop(stateFile.save(state));
    },
    isKiosk: options.isKiosk,
    version,
  });
}

/** What a second start was given. A wrong word is told in the log: the terminal of that start is gone. */
async function openConsoles(host: Host, words: readonly string[], log: Logger): Promise<void> {
  const say = (line: string): void => log.warn(line);
  for (const word of words) {
    try {
      if (isConnectionFilePath(word)) {
        const files = await readConnectionFiles([word]);
        host.openConsoles(files.configs);
        await files.discard(say);
      } else {
        host.openConsoles([host.inventory.parse(word).config]);
      }
    } catch (error) {
      log.warn("a console of a second start could not be opened", { error });
    }
  }
}
