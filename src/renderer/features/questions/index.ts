export { QuestionDialog, type QuestionDialogProps } from "./question-dialog.tsx";
export { ConsoleQuestion } from "./console-question.tsx";
