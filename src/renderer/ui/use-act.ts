import { useCallback, useState } from "react";

export interface Act {
  readonly isBusy: boolean;
  /** Why the last one failed, to show beside the control. */
  readonly error: string | undefined;
  readonly run: (work: () => Promise<unknown>) => void;
  readonly clearError: () => void;
}

/** Runs what a button starts: busy meanwhile, and the failure's text stays with the button's form. */
export function useAct(describeError: (error: unknown) => string | undefined): Act {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = useCallback(
    (work: () => Promise<unknown>) => {
      setBusy(true);
      setError(undefined);
      work().then(
        () => {
          setBusy(false);
        },
        (failure: unknown) => {
          setBusy(false);
          setError(describeError(failure));
        },
      );
    },
    [describeError],
  );
  const clearError = useCallback(() => {
    setError(undefined);
  }, []);
  return { isBusy, error, run, clearError };
}
