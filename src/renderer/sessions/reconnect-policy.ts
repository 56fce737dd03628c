import { type ErrorReport } from "../../shared/contracts/error-report.ts";
import { type GuestState } from "../../shared/contracts/inventory.ts";
import { type ErrorCode } from "../../shared/errors/error-codes.ts";

/** Pauses before each further try; the last one repeats for as long as the tab is open. */
export const RECONNECT_PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;

/** Each pause is changed by up to this part of it, so that fifty tabs of one host do not all come at once. */
const JITTER = 0.2;

/** A console that was live for this long starts again with the shortest pause. */
export const STABLE_AFTER_MS = 10_000;

/** Trying again by itself would not mend these, and may do harm (a locked account, a listener in the middle). */
const FINAL_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "CANCELLED",
  "BUG",
  "INVALID_REQUEST",
  "UNSUPPORTED",
  "URI_INVALID",
  "SSH_HOST_KEY_CHANGED",
  "SSH_HOST_KEY_REFUSED",
  "SSH_LOGIN_REFUSED",
  "TLS_UNTRUSTED",
  "TLS_CHANGED",
  "TLS_FILE",
  "TLS_UNSUPPORTED",
  "TLS_NEEDED",
  "PROXY_REFUSED",
  "LOGIN_REFUSED",
  "LOGIN_NEEDED",
  "LOGIN_UNSUPPORTED",
  // A person said to leave it with whoever has it; asking again and again would be no better than taking it.
  "CONSOLE_BUSY",
  "PROTOCOL_MISMATCH",
  "FRAMEBUFFER_TOO_LARGE",
]);

/** `attempt` counts from 1; `random` is in [0, 1). */
export function reconnectPauseMs(attempt: number, random: number): number {
  const index = Math.min(attempt, RECONNECT_PAUSES_MS.length) - 1;
  const pauseMs = RECONNECT_PAUSES_MS[index] ?? RECONNECT_PAUSES_MS[0];
  return Math.round(pauseMs * (1 - JITTER + 2 * JITTER * random));
}

/** Whether the guest's machine is there, so that its console may be. */
export function isAwake(state: GuestState | undefined): boolean {
  return state !== undefined && state !== "off" && state !== "crashed";
}

/** What to do after a console could not be opened or was lost. */
export function nextStep(error: ErrorReport, guestState: GuestState | undefined): "fail" | "suspend" | "retry" {
  if (FINAL_CODES.has(error.code)) return "fail";
  if (guestState === "off" || guestState === "crashed") return "suspend";
  // What the inventory says may be older than the refusal; only without it a guest that is off or gone is waited for.
  if (guestState === undefined && (error.code === "GUEST_OFF" || error.code === "NOT_FOUND")) return "suspend";
  return "retry";
}
