import { HostId } from "../shared/contracts/ids.ts";
import { AppError } from "../shared/errors/app-error.ts";
import type { Ask, CertificatePins, ProviderContext, SecretMemory } from "../main/providers/provider.ts";

/** Nobody is there to answer. */
export const askNobody: Ask = () =>
  Promise.reject(new AppError("LOGIN_NEEDED", "nobody can answer", { address: "test" }));

function createSecretMemory(): SecretMemory {
  const secretByKey = new Map<string, { userName?: string; secret: string }>();
  return {
    get: (key) => secretByKey.get(key),
    remember: (key, value) => secretByKey.set(key, value),
    forget: (key) => secretByKey.delete(key),
  };
}

function createPins(): CertificatePins {
  const fingerprintByTarget = new Map<string, string>();
  return {
    get: (target) => fingerprintByTarget.get(target),
    pin: (target, fingerprint) => fingerprintByTarget.set(target, fingerprint),
    forget: (target) => fingerprintByTarget.delete(target),
  };
}

const silent = (): void => undefined;

/** What a provider gets from the core, in memory and without a person. */
export function createProviderContext(overrides: Partial<ProviderContext> = {}): ProviderContext {
  return {
    hostId: HostId.parse("test-host"),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    ask: askNobody,
    secrets: createSecretMemory(),
    pins: createPins(),
    ...overrides,
  };
}
