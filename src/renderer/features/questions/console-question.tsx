import { useEffect, useId } from "react";
import type { GuestId } from "../../../shared/contracts/ids.ts";
import type { Question } from "../../../shared/contracts/question.ts";
import { useAppStore } from "../../store/app-store.ts";
import { useQuestion } from "./use-question.tsx";
import "./questions.css";

function QuestionCard({ question }: { readonly question: Question }) {
  const id = useId();
  const { title, description, content, buttons, submit, initialFocus } = useQuestion(question);

  useEffect(() => {
    initialFocus.current?.focus();
  }, [initialFocus]);

  return (
    <form
      className="question-card"
      role="dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-description`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit?.();
      }}
      // Typed here, not in the guest.
      onKeyDown={(event) => {
        event.stopPropagation();
      }}
    >
      <h2 id={`${id}-title`}>{title}</h2>
      <p id={`${id}-description`}>{description}</p>
      {content}
      <div className="question-buttons">{buttons}</div>
    </form>
  );
}

/** The open question of one console, as a card over it; nothing while there is none. */
export function ConsoleQuestion({ guestId }: { readonly guestId: GuestId }) {
  const question = useAppStore((state) => state.questions.find((each) => each.about.guestId === guestId));
  return question === undefined ? null : <QuestionCard key={question.id} question={question} />;
}
