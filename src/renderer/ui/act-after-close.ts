import { useCallback, useRef } from "react";

/**
 * An act chosen in a menu runs after the menu gave the focus back. So a dialog that the act opens remembers the right
 * place to return to, and the closing menu does not pull the focus out of it.
 */
export function useActAfterClose(): { later: (act: () => void) => void; runNow: () => void } {
  const pending = useRef<() => void>(undefined);
  const later = useCallback((act: () => void) => {
    pending.current = act;
  }, []);
  const runNow = useCallback(() => {
    const act = pending.current;
    pending.current = undefined;
    if (act !== undefined) queueMicrotask(act);
  }, []);
  return { later, runNow };
}
