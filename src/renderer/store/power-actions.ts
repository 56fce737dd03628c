import { POWER_ACTION_NAMES, type PowerAction } from "../../shared/contracts/inventory.ts";

const ASKED_FIRST: ReadonlySet<PowerAction> = new Set(["shutdown", "reboot", "reset", "force-off"]);
const LOSING: ReadonlySet<PowerAction> = new Set(["reset", "force-off"]);

/** As it stands in a menu: with an ellipsis where a question comes first. */
export function powerActionLabel(action: PowerAction): string {
  return ASKED_FIRST.has(action) ? `${POWER_ACTION_NAMES[action]}…` : POWER_ACTION_NAMES[action];
}

/** Whether what the guest has not written yet is lost. */
export function isLosingAction(action: PowerAction): boolean {
  return LOSING.has(action);
}
