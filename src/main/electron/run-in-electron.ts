import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError } from "../../shared/errors/app-error.ts";
import { readableError } from "../../shared/errors/error-text.ts";
import { drop } from "../../shared/lifecycle/drop.ts";
import { HELP_TEXT, parseArguments, type StartOptions } from "../cli/arguments.ts";
import { readConnectionFiles } from "../cli/connection-files.ts";
import { createHost } from "../host.ts";
import { createLogger, fileSink } from "../log/log.ts";
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
  if (!becomeFirstInstance(electron, options.openNames)) {
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
    loadWindowState: () => windowState,
    saveWindowState: (state) => {
      windowState = state;
      drop(stateFile.save(state));
    },
    isKiosk: options.isKiosk,
    version,
  });
}
