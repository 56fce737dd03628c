import { ConsoleId, GuestId } from "../../shared/contracts/ids.ts";

/** A window that shows one console and nothing else: `#window=<guest id>&console=<console id>`. */
export interface OwnWindow {
  readonly guestId: GuestId;
  readonly consoleId: ConsoleId;
}

/** Relative to this page's own address. */
export function addressOfOwnWindow({ guestId, consoleId }: OwnWindow): string {
  const part = new URLSearchParams({ window: guestId, console: consoleId });
  return `#${part.toString()}`;
}

/** What this page is to show, if it is such a window. */
export function parseOwnWindow(hash: string): OwnWindow | undefined {
  const part = new URLSearchParams(hash.replace(/^#/, ""));
  const guestId = GuestId.safeParse(part.get("window"));
  const consoleId = ConsoleId.safeParse(part.get("console"));
  return guestId.success && consoleId.success ? { guestId: guestId.data, consoleId: consoleId.data } : undefined;
}
