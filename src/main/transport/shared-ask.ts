import type { Answer } from "../../shared/contracts/question.ts";
import { orAborted } from "../../shared/lifecycle/or-aborted.ts";
import type { Ask } from "../providers/provider.ts";

interface OpenQuestion {
  readonly answer: Promise<Answer>;
  readonly abort: AbortController;
  waitingCount: number;
}

/**
 * Asks a person each thing once, though several streams of one console want to know it at the same time: who asks what is asked
 * already gets the same answer. A question goes away when nobody waits for it any more.
 */
export function shareQuestions(ask: Ask): Ask {
  const openByText = new Map<string, OpenQuestion>();

  return async (body, { signal }) => {
    signal.throwIfAborted();
    const text = JSON.stringify(body);
    let question = openByText.get(text);
    if (question === undefined) {
      const abort = new AbortController();
      const opened: OpenQuestion = { answer: ask(body, { signal: abort.signal }), abort, waitingCount: 0 };
      openByText.set(text, opened);
      const close = (): void => {
        if (openByText.get(text) === opened) openByText.delete(text);
      };
      opened.answer.then(close, close);
      question = opened;
    }
    question.waitingCount += 1;
    try {
      return await orAborted(question.answer, signal);
    } finally {
      question.waitingCount -= 1;
      if (question.waitingCount === 0) {
        if (openByText.get(text) === question) openByText.delete(text);
        question.abort.abort();
      }
    }
  };
}
