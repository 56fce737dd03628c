import { useRef, type ReactNode, type RefObject } from "react";
import type { Answer, Question, QuestionBody } from "../../../shared/contracts/question.ts";
import { errorSentence } from "../../../shared/errors/error-text.ts";
import { useCommands } from "../../store/commands-context.ts";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useAct } from "../../ui/use-act.ts";
import { Facts } from "./facts.tsx";

/** The parts of a question, for a dialog or a card over a console. */
export interface QuestionParts {
  readonly title: string;
  readonly description: string;
  readonly content: ReactNode;
  readonly buttons: ReactNode;
  /** Undefined where Enter must not decide anything. */
  readonly submit: (() => void) | undefined;
  readonly refuse: () => void;
  readonly initialFocus: RefObject<HTMLElement | null>;
}

function textsOf(body: QuestionBody): { readonly title: string; readonly description: string } {
  switch (body.kind) {
    case "password":
      return {
        title: `Password for ${body.target}`,
        description: `${body.service} asks for ${body.userName === undefined ? "a password" : "a user name and password"}. It is kept in memory until Switchyard ends, never in a file.`,
      };
    case "passphrase":
      return { title: "Passphrase of a key", description: `The key ${body.keyFile} is locked.` };
    case "prompt":
      return { title: `${body.target} asks`, description: "These are the server's own words:" };
    case "ssh-host-key":
      return {
        title: `Is this really ${body.target}?`,
        description:
          "Its SSH host key is not known yet. Compare the fingerprint with the one that the host itself shows; if they differ, someone may be listening in.",
      };
    case "certificate":
      return {
        title: `Trust the certificate of ${body.target}?`,
        description: `It is not trusted by itself: ${body.problem}.`,
      };
    case "take-over":
      return {
        title: `Take over the console of ${body.target}?`,
        description: "Somebody else uses it, and it serves one at a time. Whoever has it now loses it.",
      };
  }
}

const REFUSED: Readonly<Partial<Record<QuestionBody["kind"], string>>> = {
  password: "That was refused. Try again.",
  passphrase: "That passphrase does not open the key. Try again.",
};

export function useQuestion(question: Question): QuestionParts {
  const commands = useCommands();
  const { isBusy, error, run } = useAct(errorSentence);
  // Uncontrolled on purpose: a secret lives in its input element alone, until it is sent.
  const secretInput = useRef<HTMLInputElement>(null);
  const userInput = useRef<HTMLInputElement>(null);
  const refuseButton = useRef<HTMLButtonElement>(null);
  const { body } = question;

  const answer = (given: Answer): void => {
    run(() => commands.answer(question.id, given));
  };
  const refuse = (): void => {
    if (secretInput.current !== null) secretInput.current.value = "";
    answer({ kind: "refuse" });
  };
  const sendSecret = (): void => {
    const input = secretInput.current;
    if (input === null || isBusy) return;
    const secret = input.value;
    input.value = "";
    const userName = userInput.current?.value;
    answer({ kind: "secret", secret, ...(userName === undefined ? {} : { userName }) });
  };

  const isSecret = body.kind === "password" || body.kind === "passphrase" || body.kind === "prompt";
  const asksUser = body.kind === "password" && body.userName !== undefined;
  const suggestedUser = body.kind === "password" ? (body.userName ?? "") : "";
  const refusedText = "reason" in body && body.reason === "refused" ? REFUSED[body.kind] : undefined;

  const content = (
    <div className="question-content">
      {refusedText !== undefined && <Alert tone="failed">{refusedText}</Alert>}
      {body.kind === "prompt" && <blockquote className="question-prompt">{body.prompt}</blockquote>}
      {body.kind === "ssh-host-key" && (
        <>
          <Facts
            facts={[
              ["Key", body.keyType],
              ["Fingerprint", body.fingerprint],
            ]}
          />
          <p className="question-hint">
            On the host: <code>ssh-keygen -lf /etc/ssh/ssh_host_{keyFileName(body.keyType)}_key.pub</code>
          </p>
        </>
      )}
      {body.kind === "certificate" && (
        <Facts
          facts={[
            ["Issued to", body.subject],
            ["Issued by", body.issuer],
            ["Valid", `${body.validFrom} to ${body.validTo}`],
            ["SHA-256", body.fingerprint],
          ]}
        />
      )}
      {asksUser && <TextField ref={userInput} label="User name" defaultValue={suggestedUser} autoCapitalize="none" />}
      {isSecret && (
        <TextField
          ref={secretInput}
          label={body.kind === "passphrase" ? "Passphrase" : body.kind === "password" ? "Password" : "Answer"}
          type={body.kind === "prompt" && !body.isSecret ? "text" : "password"}
          autoComplete="off"
        />
      )}
      {error !== undefined && <Alert tone="failed">{error}</Alert>}
    </div>
  );

  const buttons = isSecret ? (
    <>
      <Button ref={refuseButton} onClick={refuse}>
        Cancel
      </Button>
      <Button variant="primary" type="submit" isBusy={isBusy}>
        Continue
      </Button>
    </>
  ) : body.kind === "take-over" ? (
    <>
      <Button ref={refuseButton} onClick={refuse}>
        Leave it
      </Button>
      <Button
        variant="danger"
        isBusy={isBusy}
        onClick={() => {
          answer({ kind: "accept", remember: false });
        }}
      >
        Take over
      </Button>
    </>
  ) : (
    <>
      <Button ref={refuseButton} onClick={refuse}>
        Refuse
      </Button>
      <Button
        disabled={isBusy}
        onClick={() => {
          answer({ kind: "accept", remember: false });
        }}
      >
        Only this time
      </Button>
      <Button
        variant="primary"
        disabled={isBusy}
        onClick={() => {
          answer({ kind: "accept", remember: true });
        }}
      >
        Trust always
      </Button>
    </>
  );

  const hasUserSuggestion = suggestedUser !== "";
  return {
    ...textsOf(body),
    content,
    buttons,
    submit: isSecret ? sendSecret : undefined,
    refuse,
    initialFocus: !isSecret ? refuseButton : asksUser && !hasUserSuggestion ? userInput : secretInput,
  };
}

/** sshd's usual file for a key type ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", "rsa-sha2-512"). */
function keyFileName(keyType: string): string {
  if (keyType.includes("ed25519")) return "ed25519";
  return keyType.startsWith("ecdsa") ? "ecdsa" : "rsa";
}
