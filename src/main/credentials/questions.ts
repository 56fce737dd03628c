import { randomUUID } from "node:crypto";
import { QuestionId } from "../../shared/contracts/ids.ts";
import type { Answer, Question, QuestionBody } from "../../shared/contracts/question.ts";
import { AppError, cancelled } from "../../shared/errors/app-error.ts";
import { Emitter, type Event } from "../../shared/lifecycle/event.ts";
import type { AskOptions } from "../providers/provider.ts";

/** A host asks one thing at a time; more open questions than this is a peer that plays with us. */
const MAX_OPEN_QUESTIONS = 100;

/** The questions that wait for a person, whichever page that person looks at. */
export interface Questions {
  /** Rejects with CANCELLED when the signal aborts, with LOGIN_NEEDED when nobody can answer. */
  ask(about: Question["about"], body: QuestionBody, options: AskOptions): Promise<Answer>;
  /** NOT_FOUND when the question is not open any more, INVALID_REQUEST when the answer is not one to it. */
  answer(id: QuestionId, answer: Answer): void;
  /** What is open now, oldest first. */
  readonly open: readonly Question[];
  readonly onChange: Event<readonly Question[]>;
}

function targetOf(body: QuestionBody): string {
  return body.kind === "passphrase" ? body.keyFile : body.target;
}

/** What it means that nobody can answer: each kind fails at its own hop. */
function unanswerable(body: QuestionBody): AppError {
  const address = targetOf(body);
  if (body.kind === "certificate")
    return new AppError("TLS_UNTRUSTED", "nobody can accept it", { address, reason: body.problem });
  if (body.kind === "ssh-host-key") return new AppError("SSH_HOST_KEY_REFUSED", "nobody can accept it", { address });
  if (body.kind === "take-over") return new AppError("CONSOLE_BUSY", "nobody can say whether to take it over");
  return new AppError("LOGIN_NEEDED", "nobody can answer", { address });
}

function isAnswerTo(body: QuestionBody, answer: Answer): boolean {
  if (answer.kind === "refuse") return true;
  const wantsAccept = body.kind === "ssh-host-key" || body.kind === "certificate" || body.kind === "take-over";
  return wantsAccept === (answer.kind === "accept");
}

export function createQuestions(options: {
  /** Is a page there that could show a question? */
  readonly hasListener: () => boolean;
}): Questions {
  const waiting = new Map<QuestionId, { question: Question; settle: (answer: Answer) => void }>();
  const changed = new Emitter<readonly Question[]>();
  const listOpen = (): readonly Question[] => [...waiting.values()].map(({ question }) => question);

  return {
    get open() {
      return listOpen();
    },
    onChange: changed.event,

    ask(about, body, { signal }) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(cancelled());
          return;
        }
        if (!options.hasListener() || waiting.size >= MAX_OPEN_QUESTIONS) {
          reject(unanswerable(body));
          return;
        }
        const id = QuestionId.parse(randomUUID());
        const close = (): void => {
          signal.removeEventListener("abort", handleAbort);
          waiting.delete(id);
          changed.fire(listOpen());
        };
        const handleAbort = (): void => {
          close();
          reject(cancelled());
        };
        signal.addEventListener("abort", handleAbort);
        waiting.set(id, {
          question: { id, about, body },
          settle(answer) {
            close();
            resolve(answer);
          },
        });
        changed.fire(listOpen());
      });
    },

    answer(id, answer) {
      const entry = waiting.get(id);
      if (entry === undefined) throw new AppError("NOT_FOUND", "question is closed", { what: "The question" });
      if (!isAnswerTo(entry.question.body, answer)) {
        throw new AppError("INVALID_REQUEST", "answer is of another kind", { reason: "the answer does not fit" });
      }
      entry.settle(answer);
    },
  };
}
