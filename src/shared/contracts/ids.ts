import { z } from "zod";

/** Ids are branded, so that one kind is never passed for another. Their text has no meaning outside the host process. */
const id = (maxLength = 512) => z.string().min(1).max(maxLength);

/** A host, stable over restarts: derived from kind and address. */
export const HostId = id(128).brand<"HostId">();
export type HostId = z.infer<typeof HostId>;

/** A guest, unique over all hosts and stable over restarts: `guestIdOf(hostId, providerOwnId)`. */
export const GuestId = id().brand<"GuestId">();
export type GuestId = z.infer<typeof GuestId>;

/** A console of one guest, unique within that guest: "vnc", "serial0", … Stable over restarts. */
export const ConsoleId = id(128).brand<"ConsoleId">();
export type ConsoleId = z.infer<typeof ConsoleId>;

/** One opened console in the host process; lives from `console.open` to `console.close` or the end of its page. */
export const ConnectionId = id(128).brand<"ConnectionId">();
export type ConnectionId = z.infer<typeof ConnectionId>;

/** The single-use right to open one byte stream of one connection. A secret: never logged, never in a URL. */
export const TicketId = id(128).brand<"TicketId">();
export type TicketId = z.infer<typeof TicketId>;

/** A question that waits for the user. */
export const QuestionId = id(128).brand<"QuestionId">();
export type QuestionId = z.infer<typeof QuestionId>;

/** A tab; made by the renderer. */
export const TabId = id(128).brand<"TabId">();
export type TabId = z.infer<typeof TabId>;

/** One window of the page from its start to its end, over all its links; made by the renderer. */
export const WindowId = id(128).brand<"WindowId">();
export type WindowId = z.infer<typeof WindowId>;

const SEPARATOR = "/";

/** `localId` is the provider's own name for the guest (a libvirt UUID, a process's socket path, …). */
export function guestIdOf(hostId: HostId, localId: string): GuestId {
  return GuestId.parse(`${hostId}${SEPARATOR}${localId}`);
}

/** The two parts of a guest id. A host id never contains the separator. */
export function splitGuestId(guestId: GuestId): { hostId: HostId; localId: string } {
  const at = guestId.indexOf(SEPARATOR);
  return { hostId: guestId.slice(0, at) as HostId, localId: guestId.slice(at + 1) };
}
