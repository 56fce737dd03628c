import { REMOTE_CALL, type RemoteCall, type RemoteDomain } from "../../../protocols/libvirt/remote-messages.ts";
import { DOMAIN_STATE } from "../../../protocols/libvirt/remote-procedures.ts";
import { POWER_ACTION_NAMES, type PowerAction } from "../../../shared/contracts/inventory.ts";
import { AppError, isCancelled } from "../../../shared/errors/app-error.ts";
import type { LibvirtConnection } from "./libvirt-connection.ts";
import { remoteErrorNumber, remoteReason } from "./remote-failure.ts";

/** Starting may allocate huge pages or wait for storage; forcing off waits for a process to end. */
const POWER_LIMIT_MS = 120_000;

const CALL_BY_ACTION: Readonly<Record<PowerAction, RemoteCall<{ readonly domain: RemoteDomain }, unknown>>> = {
  start: REMOTE_CALL.domainCreateWithFlags,
  shutdown: REMOTE_CALL.domainShutdown,
  reboot: REMOTE_CALL.domainReboot,
  reset: REMOTE_CALL.domainReset,
  "force-off": REMOTE_CALL.domainDestroy,
  pause: REMOTE_CALL.domainSuspend,
  resume: REMOTE_CALL.domainResume,
};

export async function applyPowerAction(
  connection: LibvirtConnection,
  domain: RemoteDomain,
  action: PowerAction,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const { signal } = options;
  try {
    if (action === "resume") {
      const { state } = await connection.call(REMOTE_CALL.domainGetState, { domain }, { signal });
      if (state === DOMAIN_STATE.pmSuspended) {
        await connection.call(REMOTE_CALL.domainPmWakeup, { domain }, { signal });
        return;
      }
    }
    await connection.call(CALL_BY_ACTION[action], { domain }, { signal, limitMs: POWER_LIMIT_MS });
  } catch (error) {
    if (isCancelled(error) || remoteErrorNumber(error) === undefined) throw error;
    const detail = { action: POWER_ACTION_NAMES[action], reason: remoteReason(error) };
    throw new AppError("HOST_ACTION_FAILED", "the host refused", detail, { cause: error });
  }
}
