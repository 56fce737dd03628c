import { useEffect, useState } from "react";
import type { ApiResult } from "../../../shared/contracts/api.ts";
import { isCancelled } from "../../../shared/errors/app-error.ts";
import { errorSentence } from "../../../shared/errors/error-text.ts";
import { after } from "../../../shared/lifecycle/timer.ts";
import type { Commands } from "../../store/commands.ts";

/** Not at every letter. */
const TYPING_PAUSE_MS = 150;

export type UriMeaning = ApiResult<"hosts.describe">;

export type MeaningState =
  | { readonly phase: "empty" }
  | { readonly phase: "asking" }
  | { readonly phase: "known"; readonly meaning: UriMeaning }
  | { readonly phase: "wrong"; readonly reason: string };

/** What the address means, while it is typed. */
export function useUriMeaning(uri: string, commands: Pick<Commands, "describeUri">): MeaningState {
  const sought = uri.trim();
  const [answer, setAnswer] = useState<{ readonly uri: string; readonly state: MeaningState }>();

  useEffect(() => {
    if (sought === "") return undefined;
    const asked = new AbortController();
    const timer = after(TYPING_PAUSE_MS, () => {
      commands.describeUri(sought, { signal: asked.signal }).then(
        (meaning) => {
          if (!asked.signal.aborted) setAnswer({ uri: sought, state: { phase: "known", meaning } });
        },
        (error: unknown) => {
          if (asked.signal.aborted || isCancelled(error)) return;
          setAnswer({ uri: sought, state: { phase: "wrong", reason: errorSentence(error) ?? "" } });
        },
      );
    });
    return () => {
      timer.dispose();
      asked.abort();
    };
  }, [sought, commands]);

  if (sought === "") return { phase: "empty" };
  return answer?.uri === sought ? answer.state : { phase: "asking" };
}
