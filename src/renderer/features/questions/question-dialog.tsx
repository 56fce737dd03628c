import { useState } from "react";
import { KeyRound } from "lucide-react";
import type { Question } from "../../../shared/contracts/question.ts";
import { useAppStore } from "../../store/app-store.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useQuestion } from "./use-question.tsx";
import "./questions.css";

function AskedQuestion({ question, place }: { readonly question: Question; readonly place: string | undefined }) {
  const { title, description, content, buttons, submit, refuse, initialFocus } = useQuestion(question);
  return (
    <Dialog
      title={title}
      description={
        <>
          {place !== undefined && <span className="question-place">{place}</span>}
          {description}
        </>
      }
      width={question.body.kind === "certificate" || question.body.kind === "ssh-host-key" ? "medium" : "small"}
      initialFocus={initialFocus}
      closesOnClickBeside={false}
      {...(submit === undefined ? {} : { onSubmit: submit })}
      onClose={refuse}
      footer={buttons}
    >
      {content}
    </Dialog>
  );
}

export interface QuestionDialogProps {
  /** True where questions about a console are shown over that console (`ConsoleQuestion`). */
  readonly leavesConsoleQuestions?: boolean;
}

/**
 * The first open question, if there is one. It never takes the keyboard from a guest in which somebody types: then it
 * waits as a card until it is asked for or the keyboard is free.
 */
export function QuestionDialog({ leavesConsoleQuestions = false }: QuestionDialogProps) {
  const question = useAppStore((state) =>
    state.questions.find((each) => !leavesConsoleQuestions || each.about.guestId === undefined),
  );
  const hostLabel = useAppStore((state) =>
    question?.about.hostId === undefined ? undefined : state.hostById.get(question.about.hostId)?.label,
  );
  const isTypingInGuest = useAppStore(
    (state) =>
      state.isKeyboardInGuest && state.tabs.find((tab) => tab.id === state.activeTabId)?.state.phase === "live",
  );
  const [openedId, setOpenedId] = useState<Question["id"]>();

  if (question === undefined) return null;
  // Once shown it stays, whoever has the keyboard.
  if (!isTypingInGuest && openedId !== question.id) setOpenedId(question.id);
  if (openedId !== question.id && isTypingInGuest) {
    return (
      <div className="question-waiting" role="status">
        <KeyRound aria-hidden="true" />
        <span>{hostLabel === undefined ? "There is a question" : `${hostLabel} has a question`}</span>
        <Button
          onClick={() => {
            setOpenedId(question.id);
          }}
        >
          Show
        </Button>
      </div>
    );
  }
  return <AskedQuestion key={question.id} question={question} place={hostLabel} />;
}
