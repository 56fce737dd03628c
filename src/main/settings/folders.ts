import { homedir } from "node:os";
import { join } from "node:path";

/** The folder of settings.json, state.json, certificates.json and the log (XDG Base Directory Specification 0.8; its like elsewhere). */
export function defaultConfigFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  if (platform === "win32") return join(env.APPDATA ?? join(homedir(), "AppData", "Roaming"), "Switchyard");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "Switchyard");
  // The specification: a relative path is to be ignored.
  const base = env.XDG_CONFIG_HOME?.startsWith("/") === true ? env.XDG_CONFIG_HOME : join(homedir(), ".config");
  return join(base, "switchyard");
}
