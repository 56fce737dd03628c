import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GuestState, PowerAction } from "../../../shared/contracts/inventory.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { Picture } from "../provider.ts";
import type { QmpConnection } from "./qmp-connection.ts";

/** A 4K screen as PPM has 25 MB; more than this is not read into memory. */
const MAX_PICTURE_BYTES = 128 * 1024 * 1024;

const COMMAND_BY_ACTION: Partial<Record<PowerAction, string>> = {
  pause: "stop",
  resume: "cont",
  reset: "system_reset",
  shutdown: "system_powerdown",
  "force-off": "quit",
};

/** QEMU's process is the guest: there is none to start. */
export function actionsIn(state: GuestState): PowerAction[] {
  switch (state) {
    case "running":
      return ["shutdown", "reset", "force-off", "pause"];
    case "paused":
      return ["resume", "reset", "force-off"];
    case "suspended":
    case "crashed":
    case "off":
    case "unknown":
      return ["reset", "force-off"];
  }
}

export async function performPowerAction(
  connection: QmpConnection,
  action: PowerAction,
  options: { signal: AbortSignal },
): Promise<void> {
  const command = COMMAND_BY_ACTION[action];
  if (command === undefined) {
    throw new AppError("UNSUPPORTED", "no QMP command for it", { what: action, reason: "QEMU has no such command" });
  }
  try {
    await connection.execute(command, undefined, options);
  } catch (error) {
    // QEMU may be gone before its reply is.
    if (action === "force-off" && error instanceof AppError && error.code === "REMOTE_CLOSED") return;
    if (!(error instanceof AppError) || error.code !== "HOST_REPLY") throw error;
    const reason = error.detail["reason"] ?? "?";
    throw new AppError("HOST_ACTION_FAILED", "QMP command failed", { action, reason }, { cause: error });
  }
}

/**
 * QEMU writes the picture to a file, so it must run on this machine. The file's folder is new and open to this user
 * alone: nobody can put another file in its place, and nobody else can see the guest's screen.
 */
export async function takeScreenshot(connection: QmpConnection, options: { signal: AbortSignal }): Promise<Picture> {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-"));
  try {
    const file = join(folder, "screen");
    const mediaType = await screendump(connection, file, options);
    const { size } = await stat(file);
    if (size > MAX_PICTURE_BYTES) throw new AppError("HOST_ACTION_FAILED", "picture too large", pictureDetail("size"));
    return { mediaType, bytes: await readFile(file, { signal: options.signal }) };
  } catch (error) {
    if (error instanceof AppError || options.signal.aborted) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? "?";
    throw new AppError("HOST_ACTION_FAILED", "picture not readable", pictureDetail(reason), { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const pictureDetail = (reason: string): { action: string; reason: string } => ({ action: "screenshot", reason });

async function screendump(
  connection: QmpConnection,
  filename: string,
  options: { signal: AbortSignal },
): Promise<Picture["mediaType"]> {
  try {
    await connection.execute("screendump", { filename, format: "png" }, options);
    return "image/png";
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "HOST_REPLY") throw error;
  }
  // QEMU before 7.1 has no `format`, and some are built without PNG.
  await connection.execute("screendump", { filename }, options);
  return "image/x-portable-pixmap";
}
