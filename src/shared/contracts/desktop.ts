import { z } from "zod";

/**
 * What the page gets from the desktop shell beyond what a browser has; `window.switchyardDesktop` in Electron, absent
 * elsewhere. Opening other programs or addresses is left out on purpose. The shell parses every call on arrival and
 * checks who sent it.
 */

/** Electron's accelerator text: "Super+Alt+S". */
const Accelerator = z
  .string()
  .regex(/^[A-Za-z0-9]+(\+[A-Za-z0-9]+){1,4}$/)
  .max(64);

export const DesktopCall = z.discriminatedUnion("method", [
  z.object({ method: z.literal("setFullScreen"), isFullScreen: z.boolean() }),
  /** Replaces the page's global shortcuts. Answers which of them the system granted. */
  z.object({ method: z.literal("setGlobalShortcuts"), accelerators: z.array(Accelerator).max(16) }),
  z.object({ method: z.literal("quit") }),
]);
export type DesktopCall = z.infer<typeof DesktopCall>;

export const DesktopEvent = z.discriminatedUnion("name", [
  z.object({ name: z.literal("fullScreenChanged"), isFullScreen: z.boolean() }),
  z.object({ name: z.literal("globalShortcut"), accelerator: z.string() }),
]);
export type DesktopEvent = z.infer<typeof DesktopEvent>;

export interface DesktopApi {
  /** As `process.platform`. */
  readonly platform: string;
  setFullScreen(isFullScreen: boolean): Promise<void>;
  /** Answers those that the system granted; another program may hold one already. */
  setGlobalShortcuts(accelerators: readonly string[]): Promise<readonly string[]>;
  quit(): Promise<void>;
  /** Returns the function that stops to listen. */
  onEvent(listener: (event: DesktopEvent) => void): () => void;
}
