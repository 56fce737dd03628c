import type { SecretMemory } from "../providers/provider.ts";

/** More targets than a person gives passwords for in one run; the oldest is forgotten first. */
const MAX_SECRETS = 1_000;

export function createSecretMemory(): SecretMemory {
  const secretByKey = new Map<string, { readonly userName?: string; readonly secret: string }>();
  return {
    get: (key) => secretByKey.get(key),
    remember(key, value) {
      secretByKey.delete(key);
      secretByKey.set(key, { ...value });
      const oldest = secretByKey.keys().next();
      if (secretByKey.size > MAX_SECRETS && oldest.done !== true) secretByKey.delete(oldest.value);
    },
    forget: (key) => void secretByKey.delete(key),
  };
}
